use super::super::Language::Java;
use super::{check, shown};

/// A class with these imports and this method body.
fn class(imports: &str, body: &str) -> String {
    format!(
        "package com.example;\n{imports}\n\npublic class App {{\n    void run(String given) {{\n{body}\n    }}\n}}\n"
    )
}

#[test]
fn starts() {
    let table: &[(&str, &str, &[&str])] = &[
        ("", "new ProcessBuilder(\"git\", \"log\").start();", &["git"]),
        ("", "new java.lang.ProcessBuilder(\"git\").start();", &["git"]),
        ("", "ProcessBuilder pb = new ProcessBuilder(List.of(\"convert\", given));", &["convert"]),
        ("", "List<String> c = Arrays.asList(\"ffmpeg\", \"-i\");\nnew ProcessBuilder(c);", &["ffmpeg"]),
        ("", "new ProcessBuilder(given);", &["?"]),
        ("", "Runtime.getRuntime().exec(\"df -h /\");", &["df"]),
        (
            "",
            "Runtime rt = Runtime.getRuntime();\nrt.exec(new String[] {\"sh\", \"-c\", \"ls | wc\"});",
            &["sh: sh", "sh: ls", "sh: wc"],
        ),
        ("", "this.runtime.exec(given); Runtime r;", &["?"]),
        (
            "import org.apache.commons.exec.CommandLine;",
            "CommandLine.parse(\"soffice --headless\");",
            &["soffice"],
        ),
        ("import org.openqa.selenium.WebDriver;", "", &["chrome"]),
        ("", "long n = Runtime.getRuntime().availableProcessors(); ProcessBuilder unused;", &[]),
        ("", "transaction.exec(); redis.exec(given);", &[]),
        (
            "",
            "// new ProcessBuilder(\"a\")\n/* Runtime.getRuntime().exec(\"b\") */ String s = \"new ProcessBuilder()\";",
            &[],
        ),
        ("", "String s = \"\"\"\n  new ProcessBuilder(\"a\")\n  \"\"\"; char c = '\"';", &[]),
    ];
    for (imports, body, expected) in table {
        check("App.java", Java, &[(&class(imports, body), *expected)]);
    }
}

#[test]
fn files() {
    let table: &[(&str, &str, &[&str])] = &[
        ("import java.io.*;", "new FileWriter(\"out.log\", true);", &["> out.log"]),
        ("import java.io.File;", "new File(\"data\", \"x\").mkdirs();", &["> data/x"]),
        ("import java.io.File;", "File d = new File(\"uploads\");\nd.mkdirs();", &["> uploads"]),
        (
            "import java.nio.file.*;",
            "Files.createDirectories(Path.of(\"data\").resolve(\"a\"));",
            &["> data/a"],
        ),
        (
            "import java.nio.file.Files;\nimport java.nio.file.Paths;",
            "Files.readString(Paths.get(\"conf\", \"a.txt\"));",
            &["< conf/a.txt"],
        ),
        (
            "import java.nio.file.Files;",
            "Files.createTempFile(\"a\", \"b\"); Files.writeString(p, x);",
            &["> ?"],
        ),
        ("", "String url = \"jdbc:h2:file:./data/db;MODE=MySQL\";", &["> ./data/db;MODE=MySQL"]),
        ("import java.io.FileInputStream;", "new FileInputStream(\"a.properties\")", &["< a.properties"]),
    ];
    for (imports, body, expected) in table {
        check("App.java", Java, &[(&class(imports, body), *expected)]);
    }
}

#[test]
fn relatives() {
    check(
        "App.kt",
        Java,
        &[
            ("fun main() {\n    val pb = ProcessBuilder(listOf(\"git\", \"log\"))\n}", &["git"]),
            ("fun f(name: String) {\n    ProcessBuilder(\"tool-$name\").start()\n}", &["?"]),
            (
                "import java.io.File\nfun f() {\n    File(\"notes.txt\").appendText(\"${a + \"}\"} b\")\n}",
                &["> notes.txt"],
            ),
        ],
    );
    check(
        "App.scala",
        Java,
        &[
            (
                "import java.io.{File, FileWriter => W}\nobject A {\n  def f(): Unit = {\n    new W(\"a\")\n  }\n}",
                &["> a"],
            ),
            ("import sys.process._\nobject A { \"ls\".! }", &["?"]),
        ],
    );
    check("App.groovy", Java, &[("def out = \"git log\".execute().text\nx.execute()", &["git"])]);
}

#[test]
fn what_counts() {
    let spawn = "class A { void f() { new ProcessBuilder(\"a\"); } }";
    let (lines, _) = shown(&[("src/main/java/com/example/demo/tools/A.java", spawn)], Java);
    assert_eq!(lines, ["a"]);
    for aside in [
        "src/test/java/A.java",
        "src/main/java/ATest.java",
        "buildSrc/src/main/kotlin/A.kt",
        "src/integrationTest/java/A.java",
    ] {
        let (lines, _) = shown(&[(aside, spawn), ("src/main/java/B.java", "class B {}")], Java);
        assert_eq!(lines, Vec::<String>::new(), "{aside}");
    }
}

#[test]
fn hostile_texts_end() {
    for text in [
        "\"${",
        "\"\"\"$",
        "import",
        "import a.b.{",
        "a.exec(",
        "Runtime . exec(",
        "\"$a",
        "\"\"\"${\"\"\"",
        "/*",
        "'",
    ] {
        for file in ["A.java", "A.kt", "A.groovy"] {
            shown(&[(file, text)], Java);
        }
    }
}
