//! Instructions as what they mean, with the place of every part.

use barehull_syntax::MappedText;
use barehull_syntax::dockerfile::{
    Command, Dockerfile, HealthcheckView, Instruction, Source, TokenKind, View,
};

fn read(text: &str) -> Dockerfile {
    let file = Dockerfile::parse(text.as_bytes());
    assert_eq!(file.problems(), [], "{text}");
    file
}

/// The only instruction below `FROM a`.
fn second(file: &Dockerfile) -> &Instruction {
    assert_eq!(file.instructions().len(), 2);
    &file.instructions()[1]
}

/// The bytes of the file that `text` stands for.
fn place<'a>(file: &'a Dockerfile, text: &MappedText) -> &'a str {
    std::str::from_utf8(text.span().slice(file.source())).unwrap()
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a MappedText>) -> Vec<&'a str> {
    texts.into_iter().map(MappedText::text).collect()
}

#[test]
fn from_has_image_alias_and_platform() {
    let file = read("from --platform=linux/amd64 node:22-\\\nslim As Build");
    let from = file.instructions()[0].as_from().unwrap();
    assert_eq!(from.image.text(), "node:22-slim");
    assert_eq!(place(&file, from.image), "node:22-\\\nslim");
    assert_eq!(from.alias.map(MappedText::text), Some("Build"));
    assert_eq!(from.platform.map(|text| place(&file, text)), Some("linux/amd64"));
    assert!(read("FROM scratch").instructions()[0].as_from().unwrap().alias.is_none());
}

#[test]
fn run_has_mounts_network_and_heredocs() {
    let text = "FROM a\nRUN --mount=type=cache,Target=/c,ro --mount=from=x,src=/s,dst=/t,rw=true \
                --mount=type=secret,id=k,required --network=none <<EOF\necho\nEOF";
    let file = read(text);
    let run = second(&file).as_run().unwrap();
    let [cache, bind, secret] = &run.mounts[..] else { panic!("{:?}", run.mounts) };
    assert!(cache.is_kind("cache") && cache.is_read_only());
    assert_eq!(cache.target().map(|text| place(&file, text)), Some("/c"));
    assert!(bind.is_kind("bind") && !bind.is_read_only());
    assert_eq!(texts([bind.from(), bind.source(), bind.target()].into_iter().flatten()), ["x", "/s", "/t"]);
    assert!(secret.is_kind("secret") && secret.is_required() && secret.is_read_only());
    assert_eq!(secret.id().map(MappedText::text), Some("k"));
    assert_eq!(run.network.map(MappedText::text), Some("none"));
    assert_eq!(run.heredocs[0].body.text(), "echo\n");
    assert_eq!(run.heredocs[0].mark.slice(file.source()), b"<<EOF");
    assert!(matches!(run.command, Command::Shell(text) if text.text() == "<<EOF"));
}

#[test]
fn copy_has_sources_files_and_flags() {
    let file =
        read("FROM a\nCOPY --from=\"b\" --chown=u:g --link --exclude=*.md --exclude=c a <<E /d/\nx\nE");
    let copy = second(&file).as_copy().unwrap();
    assert!(matches!(&copy.sources[..], [Source::Path(a), Source::Heredoc(_)] if a.text() == "a"));
    assert_eq!((copy.dest.text(), copy.link, copy.parents), ("/d/", true, false));
    assert_eq!(copy.from.map(|from| (from.text(), place(&file, from))), Some(("b", "\"b\"")));
    assert_eq!(texts(copy.exclude), ["*.md", "c"]);
    let file = read("FROM a\nCOPY [\"a b\", \"/c\"]");
    let View::Copy(copy) = second(&file).view() else { panic!() };
    assert!(matches!(&copy.sources[..], [Source::Path(path)] if place(&file, path) == "a b"));
}

#[test]
fn add_has_its_own_flags() {
    let file = read("FROM a\nADD --checksum=sha256:0 --keep-git-dir=false --unpack https://x/y /z");
    let add = second(&file).as_add().unwrap();
    assert_eq!(add.checksum.map(MappedText::text), Some("sha256:0"));
    assert_eq!((add.keep_git_dir, add.unpack, add.link), (Some(false), Some(true), false));
}

#[test]
fn healthcheck_is_off_or_a_command() {
    let file = read("FROM a\nHEALTHCHECK none");
    assert!(matches!(second(&file).as_healthcheck(), Some(HealthcheckView::Disabled)));
    let file = read("FROM a\nHEALTHCHECK --interval=5s --retries=3 CMD curl -f \\\n  x || exit 1");
    let Some(HealthcheckView::Check { command: Command::Shell(command), interval, retries, timeout, .. }) =
        second(&file).as_healthcheck()
    else {
        panic!()
    };
    assert_eq!(command.text(), "curl -f   x || exit 1");
    assert_eq!(texts([interval, retries, timeout].into_iter().flatten()), ["5s", "3"]);
    let file = read("FROM a\nHEALTHCHECK CMD [\"c\", \"d\\u0065\"]");
    let Some(HealthcheckView::Check { command: Command::Exec(items), .. }) = second(&file).as_healthcheck()
    else {
        panic!()
    };
    assert_eq!(texts(items), ["c", "de"]);
    assert_eq!(place(&file, &items[1]), "d\\u0065");
}

#[test]
fn variables_and_labels_are_pairs() {
    let file = read("FROM a\nENV A=1 B=\"x y\" C=");
    let pairs = second(&file).as_env().unwrap();
    assert_eq!(texts(pairs.iter().map(|pair| &pair.name)), ["A", "B", "C"]);
    assert_eq!(texts(pairs.iter().filter_map(|pair| pair.value.as_ref())), ["1", "\"x y\"", ""]);
    let end = file.source().len() as u32;
    assert_eq!(pairs[2].value.as_ref().unwrap().span().start, end, "nothing has a place too");
    let file = read("FROM a\nLABEL name some text");
    let [pair] = second(&file).as_label().unwrap() else { panic!() };
    assert!(pair.legacy && pair.value.as_ref().unwrap().text() == "some text");
}

#[test]
fn build_arguments_may_have_defaults() {
    let file = read("ARG A B=c=d\nFROM a");
    let args = file.instructions()[0].as_arg().unwrap().args;
    assert_eq!((args[0].name.text(), args[0].value.is_none()), ("A", true));
    assert_eq!((args[1].name.text(), args[1].value.as_ref().unwrap().text()), ("B", "c=d"));
    assert_eq!(place(&file, args[1].value.as_ref().unwrap()), "c=d");
}

#[test]
fn a_user_may_have_a_group() {
    let file = read("FROM a\nUSER ${U:-app}:1000");
    let user = second(&file).as_user().unwrap();
    assert_eq!(user.user().text(), "${U:-app}");
    assert_eq!(user.group().map(|group| place(&file, &group).to_owned()).as_deref(), Some("1000"));
    assert!(read("FROM a\nUSER app").instructions()[1].as_user().unwrap().group().is_none());
}

#[test]
fn the_others_are_what_they_hold() {
    let view = |text: &str| {
        let file = read(&format!("FROM a\n{text}"));
        match second(&file).view() {
            View::Cmd(Command::Exec(items)) => format!("cmd {:?}", texts(items)),
            View::Entrypoint(Command::Shell(text)) => format!("entrypoint {}", text.text()),
            View::Expose(ports) => format!("expose {:?}", texts(ports)),
            View::Maintainer(text) => format!("maintainer {}", text.text()),
            View::Onbuild(deferred) => format!("onbuild {:?}", deferred.keyword),
            View::Shell(items) => format!("shell {:?}", texts(items)),
            View::Stopsignal(text) => format!("stopsignal {}", text.text()),
            View::Volume(paths) => format!("volume {:?}", texts(paths)),
            View::Workdir(path) => format!("workdir {}", path.text()),
            other => panic!("{text}: {other:?}"),
        }
    };
    assert_eq!(view("CMD []"), "cmd []");
    assert_eq!(view("ENTRYPOINT exec a"), "entrypoint exec a");
    assert_eq!(view("EXPOSE 80/tcp $P"), "expose [\"80/tcp\", \"$P\"]");
    assert_eq!(view("MAINTAINER a b"), "maintainer a b");
    assert_eq!(view("ONBUILD COPY . ."), "onbuild Copy");
    assert_eq!(view("SHELL [\"bash\", \"-c\"]"), "shell [\"bash\", \"-c\"]");
    assert_eq!(view("STOPSIGNAL 9"), "stopsignal 9");
    assert_eq!(view("VOLUME [\"/a b\"]"), "volume [\"/a b\"]");
    assert_eq!(view("WORKDIR /a b"), "workdir /a b");
}

#[test]
fn what_buildkit_refuses_has_no_view() {
    for text in ["FROM", "COPY a", "ENV", "ARG", "USER", "SHELL bash", "ONBUILD", "HEALTHCHECK", "NOPE x"] {
        let file = Dockerfile::parse(text.as_bytes());
        assert!(matches!(file.instructions()[0].view(), View::Unreadable), "{text}");
        assert!(!file.problems().is_empty());
    }
}

#[test]
fn comments_belong_to_the_instruction_below_them() {
    let text = "# escape=`\n# one\n\n# two\n  # three\nFROM a\nRUN b `\n# inside\n  c\nCMD d\n# last";
    let file = read(text);
    let comments = |at: usize| {
        let span = file.leading_comments(&file.instructions()[at])?;
        Some(&text[span.range()])
    };
    assert_eq!(comments(0), Some("# two\n  # three"));
    assert_eq!(comments(1), None);
    assert_eq!(comments(2), None, "a comment inside an instruction is that one's");
}

#[test]
fn tokens_name_every_part() {
    use TokenKind as T;
    let text = "\u{FEFF}# syntax=x\n# c\n\nRUN --network=none a `\\\n  # in\n b <<E\nbody\nE\n";
    let file = Dockerfile::parse(text.as_bytes());
    let tokens: Vec<(T, &str)> = file.tokens().map(|token| (token.kind, &text[token.span.range()])).collect();
    let wanted = [
        (T::ByteOrderMark, "\u{FEFF}"),
        (T::Directive, "# syntax=x"),
        (T::LineBreak, "\n"),
        (T::Comment, "# c"),
        (T::LineBreak, "\n"),
        (T::LineBreak, "\n"),
        (T::Keyword, "RUN"),
        (T::Space, " "),
        (T::Flag, "--network=none"),
        (T::Space, " "),
        (T::Text, "a `"),
        (T::Continuation, "\\"),
        (T::LineBreak, "\n"),
        (T::Space, "  "),
        (T::Comment, "# in"),
        (T::LineBreak, "\n"),
        (T::Space, " "),
        (T::Text, "b <<E"),
        (T::LineBreak, "\n"),
        (T::HeredocBody, "body\n"),
        (T::HeredocEnd, "E"),
        (T::LineBreak, "\n"),
    ];
    assert_eq!(tokens, wanted);
}

#[test]
fn a_heredoc_without_end_takes_no_lines() {
    let file = Dockerfile::parse("FROM a\nRUN <<EOF\nnot an instruction\nUSER b\n".as_bytes());
    assert_eq!(file.problems().len(), 1, "the body's lines are not problems of their own");
    assert_eq!(file.problems()[0].line, 2);
    assert_eq!(file.instructions().last().unwrap().as_user().map(|user| user.text.text()), Some("b"));
}
