//! Input made to hurt: huge, deep, repetitive. It must cost time in proportion to its size, and no stack.

use std::time::{Duration, Instant};

use barehull_syntax::dockerfile::Dockerfile;

/// Reads `source` and looks at everything in it.
fn walk(source: &[u8]) -> Dockerfile {
    let file = Dockerfile::parse(source);
    assert_eq!(file.tokens().map(|token| token.span.len() as usize).sum::<usize>(), source.len());
    for instruction in file.instructions() {
        std::hint::black_box(instruction.view());
        std::hint::black_box(file.leading_comments(instruction));
    }
    file
}

fn time(source: &[u8]) -> Duration {
    let once = || {
        let start = Instant::now();
        std::hint::black_box(walk(source));
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

/// `n` lines that differ by a number.
fn numbered(n: usize, before: &str, behind: &str) -> String {
    let lines: Vec<String> = (0..n).map(|number| format!("{before}{number}{behind}")).collect();
    lines.concat()
}

/// What it is, and the input.
type Shape = (&'static str, fn(usize) -> String);

/// Inputs by number of repetitions.
const SHAPES: &[Shape] = &[
    ("blank lines", |n| "\n".repeat(n)),
    ("comments", |n| "# a\n".repeat(n)),
    ("comments above one instruction", |n| format!("{}FROM a", "# a\n".repeat(n))),
    ("directives", |n| "# syntax=a\n".repeat(n)),
    ("unknown instructions", |n| "x y\n".repeat(n)),
    ("instructions without a stage", |n| "RUN a\n".repeat(n)),
    ("continuations", |n| format!("FROM a\nRUN {}", "a \\\n".repeat(n))),
    ("nothing but continuations", |n| "\\\n".repeat(n)),
    ("comments in a continuation", |n| format!("FROM a\nRUN a \\\n{} b", "# a\n".repeat(n))),
    ("words", |n| format!("FROM a\nCOPY {}", "a \\\n".repeat(n))),
    ("variables", |n| format!("FROM a\nENV {}", "a=\"b c\" \\\n".repeat(n))),
    ("an open quote", |n| format!("FROM a\nENV a=\"{}", "b c \\\n".repeat(n))),
    ("flags", |n| format!("FROM a\nRUN {}", "--mount=a \\\n".repeat(n))),
    ("equal flags", |n| format!("FROM a\nCOPY {}", "--exclude=a \\\n".repeat(n))),
    ("array items", |n| format!("FROM a\nRUN [{}\"b\"]", "\"a\", \\\n".repeat(n))),
    ("an open array", |n| format!("FROM a\nRUN [{}", "\"a\", \\\n".repeat(n))),
    ("nested arrays", |n| format!("FROM a\nRUN {}", "[ \\\n".repeat(n))),
    ("deferred instructions", |n| format!("FROM a\n{} RUN a", "ONBUILD \\\n".repeat(n))),
    ("open heredocs", |n| numbered(n, "RUN <<A", "\n")),
    ("heredocs", |n| format!("FROM a\n{}", "RUN <<A\nb\nA\n".repeat(n))),
    ("heredocs of one instruction", |n| {
        let (marks, ends) = (numbered(n, " <<A", " \\\n"), numbered(n, "A", "\n"));
        format!("FROM a\nCOPY {marks} /\n{ends}")
    }),
    ("nested variables", |n| format!("FROM a\nRUN <<A {}", "${a:-\\\n".repeat(n))),
    ("variables beside a heredoc", |n| format!("FROM a\nRUN <<A {}\nA\n", "${a:-b} \\\n".repeat(n))),
    ("lines of the greatest length", |n| {
        format!("FROM a\n{}", format!("RUN {}\n", "a".repeat(65_500)).repeat(n / 1_000))
    }),
];

#[test]
fn cost_grows_with_size_and_not_with_its_square() {
    for (name, shape) in SHAPES {
        let (small, large) = (shape(4_000), shape(32_000));
        let (fast, slow) = (time(small.as_bytes()), time(large.as_bytes()));
        // Eight times the size: a square would take 64 times as long.
        let bound = (fast * 28).max(Duration::from_millis(100));
        assert!(slow < bound, "{name}: {fast:?} for one part, {slow:?} for eight");
    }
}

#[test]
fn a_line_of_50_megabytes_is_refused_and_the_rest_is_read() {
    let source = format!("FROM a\nRUN {}\nUSER b\n", "a ".repeat(25_000_000));
    let file = walk(source.as_bytes());
    assert_eq!(file.problems().len(), 1);
    assert_eq!(file.problems()[0].line, 2);
    assert_eq!(file.instructions().len(), 2);
}

#[test]
fn lines_joined_to_a_great_length_are_read() {
    let source = format!("FROM a\nRUN {} b\n", "a && \\\n".repeat(10_000));
    let file = walk(source.as_bytes());
    assert!(file.problems().is_empty());
    assert_eq!(file.instructions()[1].last_line, 10_002);
    assert_eq!(file.instructions()[1].rest.text().matches("&&").count(), 10_000);
}

#[test]
fn files_without_instructions_say_so() {
    for source in ["", "\n", "# c\n# d", "\u{FEFF}", "# escape=`\n"] {
        let file = walk(source.as_bytes());
        assert!(file.instructions().is_empty());
        assert_eq!(file.problems()[0].message, "file with no instructions", "{source:?}");
    }
}

#[test]
fn a_file_that_is_no_dockerfile_has_few_problems() {
    for line in ["x\n", "ENV x\n", "# syntax=x\n"] {
        let file = walk(line.repeat(20_000).as_bytes());
        assert!(file.problems().len() <= 2000, "{line}");
    }
}
