//! What sources of .NET show.

use super::super::Language::Dotnet;
use super::{check, shown};

#[test]
fn programs_are_named_where_the_source_names_them() {
    check(
        "App.cs",
        Dotnet,
        &[
            ("var p = Process.Start(\"git\", \"log\");", &["git"]),
            ("System.Diagnostics.Process.Start(\"/bin/bash\", $\"-c \\\"{x}\\\"\");", &["sh: /bin/bash"]),
            ("Process.Start(name);", &["?"]),
            ("Process.Start($\"{tool}\");", &["?"]),
            (
                "var i = new ProcessStartInfo(\"ffmpeg\", args) { UseShellExecute = false };\nProcess.Start(i);",
                &["ffmpeg"],
            ),
            (
                "var i = new ProcessStartInfo { FileName = \"convert\", Arguments = a };\nusing var p = Process.Start(i);",
                &["convert"],
            ),
            ("ProcessStartInfo i = new(\"dot\");", &["dot"]),
            ("var p = new Process();\np.StartInfo.FileName = @\"pandoc\";\np.Start();", &["pandoc"]),
            ("p.StartInfo.FileName = Find(\"x\");", &["?"]),
            ("var r = await Cli.Wrap(\"tar\").ExecuteAsync();", &["tar"]),
            ("Process.Start(\"cmd.exe\", \"/c x\"); // Process.Start(\"git\")", &[]),
            ("/* Process.Start(\"git\") */ var s = \"Process.Start(\\\"git\\\")\";", &[]),
            ("var s = @\"a \"\"b\"\" \\\"; Process.Start(\"git\");", &["git"]),
            (
                "var s = \"\"\"\n \" Process.Start(\"x\") \"\"\"; char c = '\"'; Process.Start(\"git\");",
                &["git"],
            ),
            ("if (dialog.FileName == \"x\") { dialog.FileName = y; }", &[]),
        ],
    );
}

#[test]
fn the_other_languages_have_other_comments_and_strings() {
    check("App.fs", Dotnet, &[("(* \" *) let f (x: 'a) = Process.Start(\"git\") // \"", &["git"])]);
    check(
        "App.vb",
        Dotnet,
        &[("' don't\nDim s = \"C:\\\"\nDim i As New ProcessStartInfo(\"git\")\nProcess.Start(i)", &["git"])],
    );
}

#[test]
fn written_files_and_databases_are_found() {
    check(
        "App.cs",
        Dotnet,
        &[
            ("File.WriteAllText(\"data/state.json\", json);", &["> data/state.json"]),
            ("Directory.CreateDirectory(Path.Combine(root, \"x\"));", &["> ?"]),
            ("options.UseSqlite(\"Data Source=app.db;Cache=Shared\");", &["> app.db"]),
            ("options.UseSqlServer(\"Data Source=db,1433;Initial Catalog=x\");", &[]),
            ("var text = File.ReadAllText(\"a\");", &[]),
        ],
    );
}

#[test]
fn namespaces_types_and_what_libraries_need() {
    let (lines, evidence) = shown(
        &[(
            "App.cs",
            "global using System.Linq;\nusing static A.B;\nusing (var x = y) { }\nusing OpenQA.Selenium.Chrome;\nTimeZoneInfo.Local;",
        )],
        Dotnet,
    );
    assert_eq!(lines, ["chrome"]);
    let imports: Vec<&str> = evidence.imports.iter().map(String::as_str).collect();
    assert_eq!(imports, ["A.B", "OpenQA.Selenium.Chrome", "System.Linq", "TimeZoneInfo"]);
    assert!(shown(&[("App.Tests/T.cs", "Process.Start(\"x\");"), ("App/P.cs", "")], Dotnet).0.is_empty());
    assert!(shown(&[("App/obj/G.cs", "Process.Start(\"x\");"), ("App/P.cs", "")], Dotnet).0.is_empty());
}
