//! Agreement with BuildKit on its own reading of 3,000 Dockerfiles; see `data/README.md`.

mod common;

use barehull_syntax::dockerfile::{Dockerfile, ProblemKind};
use common::{Case, cases};
use serde_json::{Value, json};

fn parse(case: &Case) -> Dockerfile {
    Dockerfile::parse(case.dockerfile.as_bytes())
}

fn reading(case: &Case) -> Value {
    serde_json::to_value(parse(case).reading()).expect("a reading is JSON")
}

/// Fails with the first few differences.
fn assert_none(differences: &[String]) {
    let shown = differences.iter().take(5).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(differences.is_empty(), "{} cases differ:\n{shown}", differences.len());
}

#[test]
fn accepted_files_are_read_the_same_field_by_field() {
    let accepted: Vec<Case> = cases().into_iter().filter(|case| case.accepted).collect();
    assert_eq!(accepted.len(), 2120);
    let mut differences = Vec::new();
    for case in accepted {
        let wanted = json!({
            "accepted": true,
            "escape": case.escape,
            "stages": case.stages,
            "instructions": case.instructions,
        });
        let found = reading(&case);
        if found != wanted {
            differences.push(format!("{}\n{}\nwanted {wanted}\nfound  {found}", case.name, case.dockerfile));
        }
    }
    assert_none(&differences);
}

#[test]
fn rejected_files_are_rejected_with_the_same_words() {
    let rejected: Vec<Case> = cases().into_iter().filter(|case| !case.accepted).collect();
    assert_eq!(rejected.len(), 880);
    let mut differences = Vec::new();
    for case in rejected {
        let found = parse(&case).reading();
        if found.accepted || found.error != case.error {
            let (wanted, found) = (case.error, found.error);
            differences
                .push(format!("{}\n{}\nwanted {wanted:?}\nfound  {found:?}", case.name, case.dockerfile));
        }
    }
    assert_none(&differences);
}

#[test]
fn the_first_problem_is_on_the_line_that_buildkit_names() {
    let mut named = 0;
    let mut differences = Vec::new();
    for case in cases() {
        let Some(line) = case.error.as_deref().and_then(named_line) else { continue };
        named += 1;
        let file = parse(&case);
        let first = &file.problems()[0];
        let place = file.line_index().line(first.span.start);
        if first.line != line || first.kind != ProblemKind::Reader || place < line {
            differences.push(format!("{}: wanted line {line}, found {first:?}", case.name));
        }
    }
    assert_eq!(named, 493);
    assert_none(&differences);
}

/// `dockerfile parse error on line 6: ...`
fn named_line(error: &str) -> Option<u32> {
    let rest = error.strip_prefix("dockerfile parse error on line ")?;
    rest.split(':').next()?.parse().ok()
}

#[test]
fn what_the_parser_accepts_and_the_reader_does_not_is_read_the_same_too() {
    let mut differences = Vec::new();
    let mut compared = 0;
    for case in cases() {
        // Of a chained ONBUILD the cases keep nothing but the second keyword.
        let is_chained = case.error.as_deref().is_some_and(|error| error.contains("ONBUILD ONBUILD"));
        if case.accepted || case.instructions.is_null() || is_chained {
            continue;
        }
        compared += 1;
        let found = reading(&case);
        if found["instructions"] != case.instructions || found["escape"] != json!(case.escape) {
            differences.push(format!("{}\n{}\nfound {found}", case.name, case.dockerfile));
        }
    }
    assert_eq!(compared, 579);
    assert_none(&differences);
}
