//! `barehull check` and `barehull surface`.

use serde_json::Value;

use crate::sandbox::{CLEAN, Sandbox, said};

const DIRTY: &str =
    "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nCMD curl https://example.com\n";
const BROKEN: &str = "FROM debian:12\nNOPE\n";

#[test]
fn exit_statuses() {
    let sandbox = Sandbox::new(&[
        ("clean/Dockerfile", CLEAN),
        ("dirty/Dockerfile", DIRTY),
        ("broken/Dockerfile", BROKEN),
        ("empty/README", ""),
    ]);
    let table: [(&[&str], i32); 14] = [
        (&["check", "clean", "--fail-on", "info"], 0),
        (&["check", "empty"], 0),
        (&["check", "dirty"], 0),
        (&["check", "dirty", "--fail-on", "warning"], 1),
        (&["check", "dirty", "--fail-on", "never"], 0),
        (&["check", "broken"], 1),
        (&["check", "broken", "--fail-on", "never"], 0),
        (&["check", "broken", "--only", "shell-in-final"], 0),
        (&["check", "missing"], 2),
        (&["check", "missing", "broken"], 2),
        (&["check", "--only", "shel-in-final"], 2),
        (&["check", "--no-such-flag"], 2),
        (&["check", "--context", "missing", "dirty"], 2),
        (&["check", "--project", "clean", "dirty"], 2),
    ];
    for (args, code) in table {
        let said = sandbox.run(args);
        assert_eq!(said.code, code, "{args:?}\n{}{}", said.out, said.err);
        assert!(code != 2 || said.err.contains("error"), "{args:?}: an error is explained: {}", said.err);
    }
}

#[test]
fn one_bad_path_does_not_hide_the_others() {
    let sandbox = Sandbox::new(&[("a/Dockerfile", DIRTY)]);
    let said = sandbox.run(&["check", "nope", "a"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("nope: there is no such file or folder"), "{}", said.err);
    assert!(said.out.contains("shell-in-final") && said.out.contains("a/Dockerfile:1:"), "{}", said.out);
}

#[test]
fn a_typo_in_a_rule_is_answered_with_the_rule() {
    let said = Sandbox::new(&[]).run(&["check", "--only", "shell-in-fnal"]);
    assert!(said.err.contains("did you mean `shell-in-final`?"), "{}", said.err);
}

#[test]
fn a_walk_finds_dockerfiles_and_heeds_gitignore() {
    let sandbox = Sandbox::new(&[
        ("Dockerfile", DIRTY),
        ("b/api.Dockerfile", DIRTY),
        ("b/Dockerfile.dev", DIRTY),
        ("c/Containerfile", DIRTY),
        ("c/Dockerfile.dockerignore", "x\n"),
        ("vendor/Dockerfile", DIRTY),
        (".gitignore", "vendor/\n"),
    ]);
    let said = sandbox.run(&["check", ".", "c", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.out).unwrap();
    let paths: Vec<_> =
        document["files"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
    let found = [paths.contains(&"c/Containerfile"), paths.contains(&"b/api.Dockerfile")];
    assert_eq!((paths.len(), found), (4, [true, true]), "{paths:?}");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let files: Vec<(String, &str)> =
        (0..60).map(|n| (format!("d{n:02}/Dockerfile"), [DIRTY, BROKEN, CLEAN][n % 3])).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let sandbox = Sandbox::new(&files);
    for format in ["text", "json", "sarif", "github"] {
        let run = |jobs| sandbox.run(&["check", "--format", format, "--jobs", jobs]).out;
        assert!(run("1") == run("8"), "{format}");
    }
}

#[test]
fn json_places_are_lines_columns_and_bytes() {
    let sandbox = Sandbox::new(&[("Dockerfile", "# é\r\nFROM debian:12\r\n")]);
    let said = sandbox.run(&["check", "--format", "json", "--only", "shell-in-final"]);
    let document: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(document["version"], 1);
    let finding = &document["files"][0]["findings"][0];
    let start = &finding["at"]["range"]["start"];
    assert_eq!(start["line"], 2);
    let text = sandbox.read("Dockerfile");
    let offset = start["offset"].as_u64().unwrap() as usize;
    let column = start["column"].as_u64().unwrap() as usize;
    assert_eq!(offset, text.find("FROM").unwrap() + column - 1);
    assert!(finding.get("fixes").is_none(), "fixes are for --with-fixes");
    let with = sandbox.run(&["check", "--format", "json", "--with-fixes"]);
    let document: Value = serde_json::from_str(&with.out).unwrap();
    assert!(document["files"][0]["findings"][0]["fixes"].is_array());
}

#[test]
fn sarif_names_rules_and_places() {
    let sandbox = Sandbox::new(&[("a b/Dockerfile", DIRTY)]);
    sandbox.git(&["init", "-q"]);
    let log: Value = serde_json::from_str(&sandbox.run(&["check", "--format", "sarif"]).out).unwrap();
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], result["ruleId"]);
    let file = &result["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!((&file["uri"], &file["uriBaseId"]), (&"a%20b/Dockerfile".into(), &"%SRCROOT%".into()));
}

#[test]
fn a_workflow_gets_annotations_by_default() {
    let sandbox = Sandbox::new(&[("x,y:z/Dockerfile", DIRTY)]);
    let mut command = sandbox.command("", &["check"]);
    command.env("GITHUB_ACTIONS", "true");
    let out = said(command, "").out;
    let expected = "::warning file=x%2Cy%3Az/Dockerfile,line=1,endLine=1,col=";
    assert!(out.contains(expected), "{out}");
    assert!(out.contains(",title=shell-in-final::"), "{out}");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let sandbox = Sandbox::new(&[("Dockerfile", DIRTY)]);
    assert!(!sandbox.run(&["check"]).out.contains('\u{1b}'));
    assert!(sandbox.run(&["check", "--color", "always"]).out.contains("\u{1b}["));
    let mut command = sandbox.command("", &["check", "--color", "never"]);
    command.env("CLICOLOR_FORCE", "1");
    assert!(!said(command, "").out.contains('\u{1b}'));
}

#[test]
fn quiet_means_findings_only() {
    let sandbox = Sandbox::new(&[("Dockerfile", DIRTY)]);
    let loud = sandbox.run(&["check"]);
    let quiet = sandbox.run(&["check", "--quiet"]);
    assert!(loud.out.starts_with(&quiet.out) && loud.out.contains("1 Dockerfile: "), "{}", loud.out);
    assert_eq!(quiet.err, "");
}

#[test]
fn paths_are_those_of_the_working_directory_for_people_and_of_the_work_tree_for_programs() {
    let sandbox = Sandbox::new(&[("a/b/Dockerfile", DIRTY)]);
    sandbox.git(&["init", "-q"]);
    let text = sandbox.run_in("a", &["check", "b"], "").out;
    assert!(text.contains("--> b/Dockerfile:1:"), "{text}");
    let json = sandbox.run_in("a", &["check", "b", "--format", "json"], "").out;
    assert!(json.contains("\"path\":\"a/b/Dockerfile\""), "{json}");
}

#[test]
fn the_surface_names_tools_origins_and_needs() {
    let sandbox = Sandbox::new(&[("Dockerfile", DIRTY)]);
    let said = sandbox.run(&["surface"]);
    assert_eq!(said.code, 0);
    for part in
        ["Dockerfile, final stage: debian:12", "tools an attacker could use", "shell", "from debian:12"]
    {
        assert!(said.out.contains(part), "{part} in {}", said.out);
    }
    let json: Value = serde_json::from_str(&sandbox.run(&["surface", "--format", "json"]).out).unwrap();
    let shells = &json["files"][0]["stages"][0]["surface"]["shell"];
    assert_eq!(shells[0]["origin"]["image"], "debian:12");
}
