//! Scripts and how they are read: one table of scripts for each subject, one snapshot for each table.

use std::fmt::Write;

use barehull_syntax::{
    MappedText, Span,
    dockerfile::{Dockerfile, Instruction},
    shell::{
        CommandRef, Dialect, HeredocBody, Inner, NodeRef, PartKind, Script, Unwrapped, Visit, Visited, Word,
    },
};

fn bash(text: &str) -> Script {
    Script::parse(&MappedText::verbatim(text, 0), Dialect::Bash)
}

/// Scripts in a file, separated by lines of `---`.
fn cases(file: &str) -> impl Iterator<Item = &str> {
    file.split("\n---\n").map(|case| case.strip_suffix('\n').unwrap_or(case))
}

fn snapshot_of(file: &str, show: impl Fn(&str) -> String) -> String {
    cases(file).map(|case| format!("{case}\n=>\n{}", show(case))).collect::<Vec<_>>().join("\n")
}

#[test]
fn structure() {
    let shown = snapshot_of(include_str!("shell/structure.sh"), |case| format!("{:?}", bash(case)));
    insta::assert_snapshot!(shown);
}

#[test]
fn words() {
    let shown = snapshot_of(include_str!("shell/words.sh"), |case| format!("{:?}", bash(case)));
    insta::assert_snapshot!(shown);
}

#[test]
fn certainty() {
    let shown = snapshot_of(include_str!("shell/certainty.sh"), |case| format!("{:?}", bash(case)));
    insta::assert_snapshot!(shown);
}

#[test]
fn unreadable_parts() {
    let shown = snapshot_of(include_str!("shell/unreadable.sh"), |case| format!("{:?}", bash(case)));
    insta::assert_snapshot!(shown);
}

#[test]
fn wrappers() {
    let shown = snapshot_of(include_str!("shell/wrappers.sh"), |case| {
        let script = bash(case);
        let command = script.commands().next().expect("each case has a command");
        show_unwrapped(&command.unwrap())
    });
    insta::assert_snapshot!(shown);
}

fn show_unwrapped(unwrapped: &Unwrapped<'_>) -> String {
    let mut shown = String::new();
    for wrapper in &unwrapped.wrappers {
        write!(shown, "{:?}", wrapper.kind).unwrap();
        for (name, value) in
            [("user", wrapper.user), ("root", wrapper.root), ("directory", wrapper.directory)]
        {
            if let Some(value) = value {
                write!(shown, " {name}={}", value.display()).unwrap();
            }
        }
        for assignment in &wrapper.assignments {
            write!(shown, " {assignment:?}").unwrap();
        }
        if let Some(dialect) = wrapper.dialect {
            write!(shown, " {dialect:?}").unwrap();
        }
        let marks = [(wrapper.appends_arguments, " +"), (wrapper.clears_environment, " clean")];
        marks.iter().filter(|(is_set, _)| *is_set).for_each(|(_, mark)| shown.push_str(mark));
        shown.push_str(" > ");
    }
    match &unwrapped.inner {
        Inner::Command(command) => shown + &format!("{command:?}"),
        Inner::Script { script, is_literal } => shown + &format!("literal: {is_literal}\n{script:?}"),
        Inner::Several(all) => shown + &all.iter().map(show_unwrapped).collect::<Vec<_>>().join(" and "),
        Inner::Nothing => shown + "nothing",
        Inner::Unknown => shown + "unknown",
    }
}

#[test]
fn visits() {
    let shown = snapshot_of(include_str!("shell/visits.sh"), |case| {
        let mut shown = String::new();
        bash(case).visit(&mut |visit| show_visit(&mut shown, visit));
        shown
    });
    insta::assert_snapshot!(shown);
}

fn show_visit(shown: &mut String, visit: Visit<'_>) {
    let what = match visit.what {
        Visited::Command(command) => format!("{command:?}"),
        Visited::UnknownInside(command) => format!("unknown inside {command:?}"),
        Visited::Unknown(node) => format!("unknown {:?}", node.text()),
    };
    let wrappers: Vec<String> = visit.wrappers.iter().map(|wrapper| format!("{:?}", wrapper.kind)).collect();
    writeln!(
        shown,
        "{:?} {what} {} function: {} substitution: {}",
        visit.certainty,
        wrappers.join(" "),
        visit.in_function,
        visit.in_substitution
    )
    .unwrap();
}

#[test]
fn places_of_inner_words_are_places_in_the_file() {
    let file = r#"RUN sudo sh -c 'apt-get  "install" cu\
rl'"#;
    let mut text = MappedText::verbatim("sudo sh -c 'apt-get  \"install\" cu", 4);
    let behind = file.find("rl'").unwrap() as u32;
    text.push_removed(Span::new(behind - 2, behind));
    text.push_verbatim("rl'", behind);
    let script = Script::parse(&text, Dialect::Posix);
    let unwrapped = script.commands().next().unwrap().unwrap();
    let Inner::Script { script: inner, is_literal: true } = unwrapped.inner else {
        panic!("the text is a script")
    };
    let words: Vec<_> = inner.commands().next().unwrap().words().collect();
    let literals: Vec<_> = words.iter().map(|word| word.literal().unwrap()).collect();
    assert_eq!(literals, ["apt-get", "install", "curl"]);
    let in_file = |span: Span| &file[span.range()];
    assert_eq!(words[0].source().exact().map(in_file), Some("apt-get"));
    assert_eq!(words[1].source().exact().map(in_file), Some("\"install\""));
    assert_eq!(words[2].source().exact(), None);
    assert_eq!(in_file(words[2].source().span()), "cu\\\nrl");
}

#[test]
fn an_exec_form_is_not_expanded_but_unwrapped() {
    let items = ["sh", "-c", "exec $APP | cat *", "*"];
    let mut at = 10;
    let items: Vec<MappedText> = items
        .map(|item| {
            at += item.len() as u32 + 4;
            MappedText::verbatim(item, at - item.len() as u32 - 4)
        })
        .into();
    let script = Script::from_argv(&items);
    let command = script.commands().next().unwrap();
    let words: Vec<_> = command.words().map(|word| word.literal().unwrap()).collect();
    assert_eq!(words, ["sh", "-c", "exec $APP | cat *", "*"]);
    assert!(command.certain() && command.last());
    let Inner::Script { script: inner, is_literal: true } = command.unwrap().inner else {
        panic!("the text is a script")
    };
    let exec = inner.commands().next().unwrap();
    assert_eq!(exec.source().exact().map(|span| span.start), Some(22));
    let variable = exec.arguments().next().unwrap().parts().remove(0);
    assert!(matches!(variable.kind, PartKind::Variable(variable) if variable.name == "APP"));
}

#[test]
fn run_instructions_run_their_heredocs_as_buildkit_does() {
    let dockerfile = concat!(
        "FROM a\n",
        "RUN <<EOF\nb\nc $(d)\nEOF\n",
        "RUN e <<-'F' >g <<H && i\n\tj\n\tF\nk\nH\n",
        "RUN <<EOF\n#!/usr/bin/env python3\nprint()\nEOF\n",
        "RUN [\"l\", \"m n\"]\n",
        "RUN o \\\n  p\n",
    );
    let file = Dockerfile::parse(dockerfile.as_bytes());
    let scripts: Vec<Script> = file
        .instructions()
        .iter()
        .filter_map(Instruction::as_run)
        .map(|run| Script::of_run(&run, Dialect::Posix))
        .collect();
    let shown = scripts.iter().map(|script| format!("{script:?}")).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(shown);
    for word in scripts.iter().flat_map(Script::commands).flat_map(CommandRef::words) {
        let text = word.literal().unwrap_or_default();
        let place = word.source().exact().expect("each word stands on one line");
        assert!(word.raw() == &dockerfile[place.range()] || text == "m n", "{word:?}");
    }
    let [_, heredocs, ..] = &scripts[..] else { panic!("there are five") };
    let body = body(heredocs.commands().next().unwrap()).text;
    assert_eq!(body.literal().as_deref(), Some("j\n"));
    assert_eq!(&dockerfile[body.source().span().range()], "j\n");
}

#[test]
fn empty_words_and_no_words_are_no_trouble() {
    assert_eq!(Script::from_argv(&[]).commands().count(), 1);
    let empty = Script::from_argv(&[MappedText::new(), MappedText::verbatim("a", 3)]);
    let words: Vec<_> = empty.commands().flat_map(CommandRef::words).map(Word::raw).collect();
    assert_eq!(words, ["", "a"]);
    assert_eq!(bash("").commands().count(), 0);
    assert!(!bash(" # nothing\n\n").has_unknown());
}

#[test]
fn other_languages_are_unknown_as_a_whole() {
    let text = MappedText::verbatim("Invoke-WebRequest x; Remove-Item y", 4);
    let script = Script::parse(&text, Dialect::NotPosix);
    assert!(script.has_unknown());
    assert_eq!(script.root().range(), 0..text.text().len());
    assert_eq!(script.commands().count(), 0);
}

#[test]
fn pipes_and_functions_are_found() {
    let script = bash("f() { curl x | tar x; }\nf | sort && echo $(g | h)");
    let [curl, tar, f, sort, echo, g, _h] = script.commands().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(curl.piped_to().map(NodeRef::text), Some("tar x"));
    assert_eq!(tar.piped_from().map(NodeRef::text), Some("curl x"));
    assert_eq!(curl.enclosing_function(), Some("f"));
    assert_eq!(f.piped_to().map(NodeRef::text), Some("sort"));
    assert!(f.piped_from().is_none() && sort.piped_to().is_none() && echo.piped_to().is_none());
    assert_eq!(g.piped_to().map(NodeRef::text), Some("h"));
    assert!(g.in_substitution() && !echo.in_substitution());
    let functions: Vec<_> = script.functions().map(|(name, node)| (name, node.text())).collect();
    assert_eq!(functions, [("f", "f() { curl x | tar x; }")]);
}

#[test]
fn heredocs_have_bodies() {
    let script = bash("cat <<EOF >f; tee <<-'E N' \na $b\nEOF\n\t\tc $d\n\tE N\nnext");
    let [cat, tee, next] = script.commands().collect::<Vec<_>>().try_into().unwrap();
    assert!(body(cat).expand && !body(cat).chomp);
    assert_eq!(body(cat).text.raw(), "a $b\n");
    assert!(body(cat).text.literal().is_none());
    assert!(!body(tee).expand && body(tee).chomp);
    assert_eq!(body(tee).text.literal().as_deref(), Some("c $d\n"));
    assert_eq!(next.name().as_deref(), Some("next"));
}

fn body(command: CommandRef<'_>) -> HeredocBody<'_> {
    command.redirects().find_map(|redirect| redirect.heredoc).expect("it has a heredoc")
}
