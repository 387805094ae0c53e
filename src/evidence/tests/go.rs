use super::super::Language::Go;
use super::{check, shown};

/// A main package with these imports and this text.
fn program(imports: &str, body: &str) -> String {
    format!("package main\n\nimport (\n{imports}\n)\n\nfunc main() {{\n{body}\n}}\n")
}

#[test]
fn starts() {
    let table: &[(&str, &str, &[&str])] = &[
        ("\"os/exec\"", "exec.Command(\"git\", \"log\").Run()", &["git"]),
        (
            "\"os/exec\"\n\"context\"",
            "exec.CommandContext(ctx, \"/usr/bin/dot\", \"-Tpng\")",
            &["/usr/bin/dot"],
        ),
        ("run \"os/exec\"", "c := run.Command(`a`)", &["a"]),
        (". \"os/exec\"", "Command(\"a\")", &["a"]),
        ("\"os/exec\"", "exec.Command(name, args...)", &["?"]),
        ("\"os/exec\"", "exec.Command(\"sh\", \"-c\", \"curl x | jq .\")", &["sh: sh", "sh: curl", "sh: jq"]),
        ("\"os/exec\"", "exec.LookPath(\"ffmpeg\")", &["ffmpeg"]),
        (
            "\"os/exec\"",
            "p, err := exec.LookPath(\"a\")\nif err != nil { return }\nexec.Command(p)",
            &["a", "a"],
        ),
        ("\"os/exec\"", "args := []string{\"git\", \"log\"}\nexec.Command(args[0], args[1:]...)", &["git"]),
        ("\"os/exec\"", "c := &exec.Cmd{Path: \"/bin/ls\", Args: a}", &["/bin/ls"]),
        ("\"os/exec\"", "run := exec.Command\nrun(\"a\")", &["a"]),
        ("\"os/exec\"", "start(exec.Command)", &["?"]),
        ("\"os/exec\"\n\"fmt\"", "exec.Command(fmt.Sprintf(\"tool-%s\", x))", &["?"]),
        ("\"syscall\"", "syscall.Exec(argv0, a, b)", &["?"]),
        ("\"github.com/chromedp/chromedp\"", "", &["chrome"]),
        ("\"github.com/go-rod/rod/lib/launcher\"", "", &["chrome"]),
        ("\"os/exec\"\n\"os\"", "exec.Command(os.Args[0], \"child\"); exec.Command(\"/proc/self/exe\")", &[]),
        ("\"os/exec\"", "// exec.Command(\"a\")\n/* exec.Command(\"b\") */ x := `exec.Command(\"c\")`", &[]),
        ("\"os/exec\"", "var c *exec.Cmd; _, ok := err.(*exec.ExitError)\nexec.Command(\"x.exe\")", &[]),
        ("\"example.com/exec\"", "exec.Command(\"a\"); command.exec(\"b\"); r := '\"'", &[]),
    ];
    for (imports, body, expected) in table {
        check("main.go", Go, &[(&program(imports, body), *expected)]);
    }
}

#[test]
fn files_and_ports() {
    let table: &[(&str, &str, &[&str])] = &[
        ("\"os\"", "os.MkdirAll(\"data/x\", 0o755); os.WriteFile(\"/tmp/x\", b, 0)", &["> data/x"]),
        (
            "\"os\"",
            "os.OpenFile(\"log\", os.O_CREATE|os.O_WRONLY, 0); os.OpenFile(\"in\", os.O_RDONLY, 0)",
            &["> log", "< in"],
        ),
        (
            "\"os\"\n\"path/filepath\"",
            "os.Create(filepath.Join(os.TempDir(), \"x\")); os.Create(name)",
            &["> ?"],
        ),
        (
            "\"os\"\n\"path/filepath\"",
            "e, _ := os.Executable()\nos.ReadFile(filepath.Join(filepath.Dir(e), \"c\"))",
            &["< c"],
        ),
        ("\"gorm.io/driver/sqlite\"", "gorm.Open(sqlite.Open(\"a.db\"), c)", &["> a.db"]),
        (
            "\"html/template\"",
            "template.Must(template.ParseFiles(\"a.html\", \"b.html\"))",
            &["< a.html", "< b.html"],
        ),
        (
            "\"html/template\"",
            "template.New(\"x\").ParseGlob(\"t/*.html\"); t.ParseFS(f, \"c\")",
            &["< t/*.html"],
        ),
        ("\"net/http\"", "http.Handle(\"/\", http.FileServer(http.Dir(\"./static\")))", &["< ./static"]),
        (
            "\"github.com/gin-gonic/gin\"",
            "r.LoadHTMLGlob(\"t/*\"); r.Static(\"/a\", \"./a\")",
            &["< t/*", "< ./a"],
        ),
        ("\"migrate\"", "m := migrate.New(\"file://migrations\", dsn)", &["< migrations"]),
        ("\"net/http\"", "http.ListenAndServe(\":80\", nil)", &["port"]),
        ("\"net/http\"", "s := &http.Server{\nAddr: \":443\",\nHandler: h,\n}", &["port"]),
        ("\"net/http\"", "http.ListenAndServe(\":8080\", nil); c.Run(\"a:b\")", &[]),
    ];
    for (imports, body, expected) in table {
        check("main.go", Go, &[(&program(imports, body), *expected)]);
    }
}

#[test]
fn only_what_is_compiled_counts() {
    let call = |program: &str| format!("import \"os/exec\"\nfunc f() {{ exec.Command(\"{program}\") }}\n");
    let files = [
        (
            "go.mod",
            "module example.com/app // x\n\nreplace (\n\texample.com/lib v1.0.0 => ./third\n)\n".to_owned(),
        ),
        (
            "cmd/app/main.go",
            format!("package main\nimport _ \"example.com/app/internal/a\"\n{}", call("main")),
        ),
        ("cmd/app/main_test.go", format!("package main\n{}", call("test"))),
        ("internal/a/a.go", format!("package a\nimport \"example.com/lib/deep\"\n{}", call("a"))),
        ("internal/a/a_windows.go", format!("package a\n{}", call("windows"))),
        ("internal/a/a_linux_arm64.go", format!("package a\n{}", call("linux"))),
        (
            "internal/a/gen.go",
            format!("//go:build ignore || (darwin && !cgo)\n\npackage main\n{}", call("ignored")),
        ),
        ("internal/a/c.go", format!("//go:build cgo && !windows\n\npackage a\n{}", call("perhaps"))),
        ("internal/testutil/t.go", format!("package testutil\n{}", call("unreached"))),
        ("third/go.mod", "module example.com/lib\n".to_owned()),
        (
            "third/deep/deep.go",
            format!("package deep\nimport \"example.com/app/tools/used\"\n{}", call("deep")),
        ),
        ("tools/used/u.go", format!("package used\nimport _ \"github.com/x/c\"\n{}", call("used"))),
        ("tools/unused/u.go", format!("package main\n{}", call("unused"))),
        ("vendor/github.com/x/c/c.go", format!("package c\nimport \"C\"\n{}", call("vendored"))),
        ("vendor/github.com/y/c/c.go", "package c\nimport \"C\"\n".to_owned()),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let (mut lines, evidence) = shown(&files, Go);
    lines.sort();
    assert_eq!(lines, ["a", "deep", "linux", "main", "perhaps", "used"]);
    assert!(evidence.complete && evidence.imports_c.is_some());
    let without: Vec<_> = files.into_iter().filter(|(path, _)| !path.contains("github.com/x")).collect();
    assert_eq!(shown(&without, Go).1.imports_c, None);
}

#[test]
fn libraries_and_folders_without_a_module_count_whole() {
    let text = "package a\nimport \"os/exec\"\nfunc f() { exec.Command(\"a\") }\n";
    for files in
        [&[("a/a.go", text)][..], &[("go.mod", "module m\n"), ("a/a.go", text)], &[("scripts/a.go", text)]]
    {
        assert_eq!(shown(files, Go).0, ["a"]);
    }
}
