//! The subcommands that look at no project.

use serde_json::Value;

use crate::sandbox::Sandbox;

#[test]
fn rules_are_listed_and_explained() {
    let sandbox = Sandbox::new(&[]);
    let rules: Value = serde_json::from_str(&sandbox.run(&["rules", "--format", "json"]).out).unwrap();
    let list = sandbox.run(&["rules"]).out;
    for rule in rules.as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        assert!(list.contains(id));
        let said = sandbox.run(&["explain", id]);
        assert_eq!(said.code, 0);
        assert!(said.out.contains(rule["references"][0].as_str().unwrap()), "{id}");
    }
}

#[test]
fn a_typo_is_answered_with_the_nearest_rule() {
    let said = Sandbox::new(&[]).run(&["explain", "runs-as-rot"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("did you mean `runs-as-root`?"), "{}", said.err);
}

#[test]
fn syntax_answers_a_line_with_a_line() {
    let input = concat!(
        r#"{"name":"a","dockerfile":"FROM x\nRUN [\"b\"]\n"}"#,
        "\n",
        "no json\n",
        r#"{"name":"c","dockerfile":"FROM\n"}"#,
        "\n",
    );
    let said = Sandbox::new(&[]).run_in("", &["syntax", "--stream"], input);
    let answers: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!((&answers[0]["name"], &answers[0]["accepted"]), (&"a".into(), &true.into()));
    assert_eq!(answers[0]["instructions"][1]["json"], true);
    assert!(answers[1]["failure"].is_string());
    assert_eq!((&answers[2]["name"], &answers[2]["accepted"]), (&"c".into(), &false.into()));
    assert_eq!(said.code, 2, "one line was not understood");
}

#[test]
fn syntax_reads_files_too() {
    let sandbox = Sandbox::new(&[("Dockerfile", "FROM x\n")]);
    let said = sandbox.run(&["syntax", "Dockerfile", "missing"]);
    assert_eq!(said.code, 2);
    assert!(said.out.starts_with(r#"{"name":"Dockerfile","accepted":true"#), "{}", said.out);
    assert!(said.err.contains("missing"), "{}", said.err);
}

#[test]
fn completions_and_manual_pages() {
    let sandbox = Sandbox::new(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(sandbox.run(&["completions", shell]).out.contains("surface"), "{shell}");
    }
    assert!(sandbox.run(&["man"]).out.contains("barehull"));
    assert!(sandbox.run(&["man", "check"]).out.contains("fail\\-on"));
    assert_eq!(sandbox.run(&["man", "nope"]).code, 2);
}
