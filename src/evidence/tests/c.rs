use super::super::Language::C;
use super::{check, shown};

fn program(body: &str) -> String {
    format!("#include <stdlib.h>\n\nint main(int argc, char **argv) {{\n{body}\n}}\n")
}

#[test]
fn starts() {
    let table: &[(&str, &[&str])] = &[
        ("system(\"ls -l\");", &["sh: ls"]),
        ("return system(command);", &["sh: ?"]),
        ("FILE *f = popen(\"git log | wc -l\", \"r\");", &["sh: git", "sh: wc"]),
        ("execl(\"/bin/sh\", \"sh\", \"-c\", \"curl x\", NULL);", &["sh: /bin/sh", "sh: curl"]),
        ("execvp(argv[0], argv);", &["?"]),
        ("const char *cmd = \"convert\"; execlp(cmd, cmd, NULL);", &["convert"]),
        ("posix_spawnp(&pid, \"ffmpeg\", 0, 0, a, e);", &["ffmpeg"]),
        ("std::system(\"date\"); ::system(\"uptime\");", &["sh: date"]),
        // Other functions of that name, declarations, comments, texts, other systems.
        ("db.system(\"a\"); db->system(\"b\"); ns::system(\"c\");", &[]),
        ("int system(const char *c); FILE *popen(const char *a, const char *b);", &[]),
        ("// system(\"a\")\n/* system(\"b\") */ puts(\"system(x)\"); char c = '\"';", &[]),
        ("#ifdef _WIN32\nsystem(\"cls\");\n#else\nputs(\"x\");\n#endif", &[]),
        (
            "#if defined(_WIN32)\n#ifdef X\nsystem(\"a\");\n#endif\nsystem(\"b\");\n#elif 1\nsystem(\"c\");\n#endif",
            &["sh: c"],
        ),
        ("#if 0\nsystem(\"a\");\n#endif\n#ifndef _WIN32\nsystem(\"b\");\n#endif", &["sh: b"]),
        ("auto t = R\"x(system(\"a\"))x\";", &[]),
    ];
    for (body, expected) in table {
        check("main.c", C, &[(&program(body), *expected)]);
    }
}

#[test]
fn files_and_headers() {
    let table: &[(&str, &[&str])] = &[
        (
            "FILE *f = fopen(\"config.ini\", \"r\"); fopen(\"out.log\", \"a\");",
            &["> out.log", "< config.ini"],
        ),
        ("open(\"d\", O_WRONLY | O_CREAT, 0644); open(\"e\", O_RDONLY);", &["> d", "< e"]),
        ("void *h = dlopen(\"plugin.so\", RTLD_NOW);", &["< plugin.so"]),
    ];
    for (body, expected) in table {
        check("main.c", C, &[(&program(body), *expected)]);
    }
    let (_, evidence) = shown(&[("a.c", "#include <iconv.h>\n#include \"own.h\"\n")], C);
    assert_eq!(evidence.imports.into_iter().collect::<Vec<_>>(), ["iconv.h", "own.h"]);
}

#[test]
fn strange_texts_end() {
    for text in ["/*", "\"", "#", "#include <", "R\"(", "#if\n#if", "#endif\n#else", "'", "#define"] {
        let _ = shown(&[("a.c", text)], C);
    }
    let deep = format!("{}system(\"a\");\n{}", "#if X\n".repeat(20_000), "#endif\n".repeat(20_000));
    assert_eq!(shown(&[("a.c", &deep)], C).0, ["sh: a"]);
}
