//! The `dockerfile-parser` crate as an independent witness: what it can read, it reads as we do, but for
//! defects of its own that are known.

mod common;

use barehull_syntax::SegmentKind;
use barehull_syntax::dockerfile::{Command, Dockerfile, Instruction, RunView, View};
use dockerfile_parser as witness;

/// An instruction in the form both sides can be brought into: 1-based line, keyword, and texts without
/// quotes, escapes and repeated white space.
type Plain = (u32, String, Vec<String>);

/// Text without what the two keep differently.
fn plain(text: &str) -> String {
    let bare = text.replace(['"', '\'', '\\'], "");
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ours(file: &Dockerfile) -> Vec<Plain> {
    let read = |instruction: &Instruction| {
        let flags = instruction.flags.iter().map(|flag| {
            let value = flag.value.as_ref().map(|value| format!("={}", value.text()));
            plain(&format!("--{}{}", flag.name.text(), value.unwrap_or_default()))
        });
        let mut texts: Vec<String> = flags.collect();
        match instruction.view() {
            View::From(from) => {
                texts.push(plain(from.image.text()));
                texts.extend(from.alias.map(|alias| format!("AS {}", alias.text())));
            }
            View::Env(pairs) | View::Label(pairs) => {
                let parts = pairs.iter().flat_map(|pair| [Some(&pair.name), pair.value.as_ref()]);
                texts.extend(parts.flatten().map(|text| plain(text.text())));
            }
            View::Cmd(Command::Exec(items)) | View::Entrypoint(Command::Exec(items)) => {
                texts.extend(items.iter().map(|item| plain(item.text())));
            }
            View::Run(RunView { command: Command::Exec(items), .. }) if instruction.flags.is_empty() => {
                texts.extend(items.iter().map(|item| plain(item.text())));
            }
            _ => texts.push(plain(instruction.rest.text())),
        }
        texts.retain(|text| !text.is_empty());
        (instruction.first_line, file.keyword_text(instruction).to_uppercase(), vec![texts.join(" ")])
    };
    file.instructions().iter().map(read).collect()
}

fn theirs(text: &str, file: &witness::Dockerfile) -> Vec<Plain> {
    file.instructions.iter().map(|instruction| theirs_one(text, instruction)).collect()
}

fn theirs_one(text: &str, instruction: &witness::Instruction) -> Plain {
    use witness::Instruction as I;
    let (keyword, texts): (&str, Vec<String>) = match instruction {
        I::From(from) => {
            let mut texts: Vec<String> =
                from.flags.iter().map(|flag| format!("--{}={}", flag.name, flag.value)).collect();
            texts.push(from.image.content.clone());
            texts.extend(from.alias.iter().map(|alias| format!("AS {alias}")));
            ("FROM", texts)
        }
        I::Arg(arg) => {
            let value = arg.value.as_ref().map(|value| format!("={value}"));
            ("ARG", vec![format!("{}{}", arg.name, value.unwrap_or_default())])
        }
        I::Label(label) => {
            let pairs = label.labels.iter().flat_map(|l| [l.name.content.clone(), l.value.content.clone()]);
            ("LABEL", pairs.collect())
        }
        I::Run(run) => ("RUN", command(&run.expr)),
        I::Entrypoint(entrypoint) => ("ENTRYPOINT", command(&entrypoint.expr)),
        I::Cmd(cmd) => ("CMD", command(&cmd.expr)),
        I::Copy(copy) => {
            let flags = copy.flags.iter().map(|flag| format!("--{}={}", flag.name, flag.value));
            let paths = copy.sources.iter().chain([&copy.destination]).map(|path| path.content.clone());
            ("COPY", flags.chain(paths).collect())
        }
        I::Env(env) => {
            let pairs = env.vars.iter().flat_map(|var| [var.key.content.clone(), var.value.to_string()]);
            ("ENV", pairs.collect())
        }
        I::Misc(misc) => (misc.instruction.content.as_str(), vec![misc.arguments.to_string()]),
    };
    let line = text[..instruction.span().start].matches('\n').count() as u32 + 1;
    let texts = texts.iter().map(|text| plain(text)).filter(|text| !text.is_empty()).collect::<Vec<_>>();
    (line, keyword.to_uppercase(), vec![texts.join(" ")])
}

fn command(expr: &witness::ShellOrExecExpr) -> Vec<String> {
    match expr {
        witness::ShellOrExecExpr::Shell(text) => vec![text.to_string()],
        witness::ShellOrExecExpr::Exec(items) => {
            items.elements.iter().map(|item| item.content.clone()).collect()
        }
    }
}

/// What is wrong, and whether a file may bring it up.
type Defect = (&'static str, fn(&Dockerfile) -> bool);

/// What the witness reads wrong, by where it can happen.
const DEFECTS: &[Defect] = &[
    ("it takes the lines of a heredoc for instructions", |file| any(file, |i| !i.heredocs.is_empty())),
    ("it knows no escape directive", |file| file.escape() != b'\\'),
    ("a blank line inside a continuation ends its shell text", has_blank_line),
    ("it keeps the `--` that ends the flags", |file| {
        any(file, |i| has_bare_dashes(i.span.slice(file.source())))
    }),
    ("it takes arrays in single quotes, or with a comma at the end, for JSON", |file| {
        any(file, |i| i.rest.text().starts_with("['") || i.rest.text().ends_with(",]"))
    }),
    ("it takes the next line for the text where that is a comment's", |file| {
        any(file, |i| i.rest.text().starts_with('#'))
    }),
    ("it keeps comments inside a quoted name", |file| {
        any(file, |i| i.as_label().is_some() && is_commented(i))
    }),
];

fn any(file: &Dockerfile, is: impl Fn(&Instruction) -> bool) -> bool {
    file.instructions().iter().any(is)
}

fn has_bare_dashes(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).split_whitespace().any(|word| word == "--")
}

fn has_blank_line(file: &Dockerfile) -> bool {
    let blank = |line| {
        let span = file.line_index().line_span(file.source(), line);
        span.is_some_and(|span| span.slice(file.source()).trim_ascii().is_empty())
    };
    any(file, |i| (i.first_line..i.last_line).any(blank))
}

fn is_commented(instruction: &Instruction) -> bool {
    // Only a comment line takes up more than a continuation does.
    instruction.rest.segments().iter().any(|s| s.kind == SegmentKind::Removed && s.source.len() > 6)
}

/// Compares what both read; nothing where the witness cannot read the text.
fn agree(text: &str, file: &Dockerfile) -> Option<Result<(), String>> {
    let witness = witness::Dockerfile::parse(text).ok()?;
    let (ours, theirs) = (ours(file), theirs(text, &witness));
    if ours == theirs {
        return Some(Ok(()));
    }
    let differs = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
    Some(Err(format!("{differs:?}, {} and {} instructions, in\n{text}", ours.len(), theirs.len())))
}

fn defects(file: &Dockerfile) -> Vec<&'static str> {
    DEFECTS.iter().filter(|(_, is_there)| is_there(file)).map(|(defect, _)| *defect).collect()
}

#[test]
fn the_witness_reads_what_we_read() {
    let mut agreed = 0;
    let mut seen: Vec<&str> = Vec::new();
    for case in common::cases().into_iter().filter(|case| case.accepted) {
        let file = Dockerfile::parse(case.dockerfile.as_bytes());
        let defects = defects(&file);
        match agree(&case.dockerfile, &file) {
            Some(Ok(())) => agreed += 1,
            Some(Err(_)) if defects.len() > 1 => {}
            Some(Err(difference)) => {
                let [defect] = defects[..] else { panic!("{}: {difference}", case.name) };
                seen.push(defect);
            }
            None => {}
        }
    }
    assert!(agreed > 950, "the witness agreed on {agreed} cases only");
    for (defect, _) in DEFECTS {
        assert!(seen.contains(defect), "no case shows that {defect}");
    }
}

#[test]
fn the_witness_reads_the_samples_as_we_do() {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples");
    // The crate can be tested without the repository around it.
    let Ok(folders) = std::fs::read_dir(samples) else { return };
    for folder in folders {
        let path = folder.expect("the folder can be read").path().join("Dockerfile");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let file = Dockerfile::parse(text.as_bytes());
        assert_eq!(file.problems(), [], "{}", path.display());
        if let Some(Err(difference)) = agree(&text, &file) {
            assert!(!defects(&file).is_empty(), "{}: {difference}", path.display());
        }
    }
}
