//! What holds for every input, whether BuildKit accepts it or not.

use barehull_syntax::dockerfile::{Arguments, Dockerfile, Instruction, variables};
use barehull_syntax::{MappedText, SegmentKind, Span};
use proptest::prelude::*;

/// Pieces that mean something in a Dockerfile.
const PIECES: &[&str] = &[
    "FROM",
    "RUN",
    "COPY",
    "ADD",
    "ENV",
    "LABEL",
    "ARG",
    "CMD",
    "ONBUILD",
    "HEALTHCHECK",
    "SHELL",
    "user",
    "NOPE",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\\\n",
    "`\n",
    "\\ \t\n",
    "\\",
    "`",
    "#",
    "# c\n",
    "# escape=`\n",
    "\n\n",
    "\u{FEFF}",
    "--mount=type=bind,from=x",
    "--from=\"a b\"",
    "--",
    "--x",
    "[\"a\", \"b\\n\"]",
    "[1]",
    "[",
    "]",
    "<<EOF",
    "<<-'EOF'",
    "EOF",
    "\nEOF\n",
    "\n\tEOF\n",
    "\t",
    "$",
    "${a:-b}",
    "${",
    "}",
    "'",
    "\"",
    "a=b",
    "=",
    "alpine",
    "AS",
    "é",
    "\u{A0}",
    "\u{3000}",
    "\0",
    "NONE",
    "CMD curl",
];

fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        9 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// The texts of `instruction` that have a mapping.
fn texts(instruction: &Instruction) -> Vec<&MappedText> {
    let mut texts = vec![&instruction.rest];
    for flag in &instruction.flags {
        texts.push(&flag.name);
        texts.extend(&flag.value);
    }
    match &instruction.args {
        Arguments::Shell(text) => texts.push(text),
        Arguments::Json { items, .. } | Arguments::Words(items) => texts.extend(items),
        Arguments::Pairs(pairs) => {
            for pair in pairs {
                texts.push(&pair.name);
                texts.extend(&pair.value);
            }
        }
    }
    texts.extend(instruction.heredocs.iter().map(|heredoc| &heredoc.body));
    texts.extend(instruction.deferred.iter().flat_map(|deferred| self::texts(deferred)));
    texts
}

fn check_text(text: &MappedText, source: &[u8], within: Span) -> Result<(), TestCaseError> {
    let (mut decoded, mut place) = (0, within.start);
    for segment in text.segments() {
        prop_assert_eq!(segment.start, decoded, "segments cover the text without gaps");
        prop_assert!(
            place <= segment.source.start && segment.source.end <= within.end,
            "places are in order"
        );
        decoded += segment.len;
        place = segment.source.end;
        if segment.kind == SegmentKind::Verbatim {
            let part = &text.text()[segment.start as usize..(segment.start + segment.len) as usize];
            prop_assert_eq!(part.as_bytes(), segment.source.slice(source));
        }
    }
    prop_assert_eq!(decoded as usize, text.text().len());
    Ok(())
}

fn check(source: &[u8]) -> Result<(), TestCaseError> {
    let file = Dockerfile::parse(source);
    let mut end = 0;
    for token in file.tokens() {
        prop_assert_eq!(token.span.start, end, "tokens follow each other");
        prop_assert!(!token.span.is_empty());
        end = token.span.end;
    }
    prop_assert_eq!(end as usize, source.len(), "tokens reach the end");

    let mut before = Span::default();
    for instruction in file.instructions() {
        prop_assert!(before.end <= instruction.span.start && instruction.span.end as usize <= source.len());
        prop_assert!(instruction.span.contains(instruction.keyword_span));
        prop_assert_eq!(instruction.first_line, file.line_index().line(instruction.span.start));
        prop_assert_eq!(instruction.last_line, file.line_index().line(instruction.span.end));
        for text in texts(instruction) {
            check_text(text, source, instruction.span)?;
            variables(text.text(), file.escape());
        }
        if let Some(comments) = file.leading_comments(instruction) {
            prop_assert!(before.end <= comments.start && comments.end < instruction.span.start);
        }
        // No view of anything may panic.
        let _ = format!("{:?}", instruction.view());
        before = instruction.span;
    }
    for problem in file.problems() {
        prop_assert!(problem.span.end as usize <= source.len() && problem.line <= file.line_index().lines());
    }
    prop_assert_eq!(file.reading().accepted, file.problems().is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn any_bytes(source in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&source)?;
    }

    #[test]
    fn bytes_that_look_like_a_dockerfile(source in soup()) {
        check(&source)?;
    }

    #[test]
    fn a_stage_with_nasty_arguments(source in soup()) {
        let mut text = b"FROM alpine\nRUN ".to_vec();
        text.extend(source);
        check(&text)?;
    }
}
