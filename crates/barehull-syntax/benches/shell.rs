//! What reading shell text costs, next to what the grammar alone costs for the same text: the floor it is
//! measured against.

use std::cell::RefCell;

use barehull_syntax::{
    MappedText,
    dockerfile::{Arguments, Dockerfile, Instruction},
    shell::{Dialect, Script},
};
use divan::Bencher;
use divan::counter::BytesCount;

#[path = "../tests/common/mod.rs"]
mod common;

fn main() {
    divan::main();
}

/// The shell texts of the files that BuildKit accepts.
fn shell_texts() -> Vec<MappedText> {
    let files = common::cases().into_iter().filter(|case| case.accepted);
    files.flat_map(|case| shell_texts_of(&case.dockerfile)).collect()
}

fn shell_texts_of(dockerfile: &str) -> Vec<MappedText> {
    let text = |instruction: &Instruction| match &instruction.args {
        Arguments::Shell(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    Dockerfile::parse(dockerfile.as_bytes()).instructions().iter().filter_map(text).collect()
}

fn bench<T>(bencher: Bencher, texts: &[MappedText], read: impl Fn(&MappedText) -> T + Sync) {
    let bytes: usize = texts.iter().map(|text| text.text().len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        for text in texts {
            divan::black_box(read(text));
        }
    });
}

thread_local! {
    static PARSER: RefCell<tree_sitter::Parser> = RefCell::new({
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&tree_sitter_bash::LANGUAGE.into()).expect("the grammar fits the library");
        parser
    });
}

fn grammar_alone(text: &MappedText) -> Option<tree_sitter::Tree> {
    PARSER.with_borrow_mut(|parser| parser.parse(text.text(), None))
}

fn script(text: &MappedText) -> Script {
    Script::parse(text, Dialect::Posix)
}

/// The floor: the grammar's tree of each text, thrown away.
#[divan::bench]
fn cases_grammar_alone(bencher: Bencher) {
    bench(bencher, &shell_texts(), grammar_alone);
}

#[divan::bench]
fn cases_script(bencher: Bencher) {
    bench(bencher, &shell_texts(), script);
}

/// The floor for one ordinary file.
#[divan::bench]
fn ordinary_grammar_alone(bencher: Bencher) {
    bench(bencher, &shell_texts_of(ORDINARY), grammar_alone);
}

#[divan::bench]
fn ordinary_script(bencher: Bencher) {
    bench(bencher, &shell_texts_of(ORDINARY), script);
}

/// With every command unwrapped and its name told.
#[divan::bench]
fn ordinary_script_visited(bencher: Bencher) {
    bench(bencher, &shell_texts_of(ORDINARY), |text| {
        let mut count = 0;
        script(text).visit(&mut |visit| {
            divan::black_box(visit);
            count += 1;
        });
        count
    });
}

/// A file of ordinary length, as people write them.
const ORDINARY: &str = r#"FROM debian:bookworm-slim
ENV LANG=C.UTF-8 APP_VERSION=1.24.3
RUN apt-get update && apt-get install -y --no-install-recommends \
      ca-certificates curl gnupg \
      libpq-dev \
 && rm -rf /var/lib/apt/lists/*
RUN set -eux; \
    arch="$(dpkg --print-architecture)"; \
    case "$arch" in \
      amd64) sha256='9a1c' ;; \
      arm64) sha256='77fe' ;; \
      *) echo >&2 "unsupported: $arch"; exit 1 ;; \
    esac; \
    curl -fsSL -o /tmp/app.tgz "https://example.com/app-${APP_VERSION}-${arch}.tar.gz"; \
    echo "$sha256 */tmp/app.tgz" | sha256sum -c -; \
    tar -xzf /tmp/app.tgz -C /usr/local --strip-components=1; \
    rm /tmp/app.tgz
RUN groupadd -r app && useradd --no-log-init -r -g app app \
 && mkdir -p /var/lib/app /etc/app \
 && chown -R app:app /var/lib/app
COPY docker-entrypoint.sh /usr/local/bin/
EXPOSE 8080
USER app
CMD app --config /etc/app/config.toml --listen ":${PORT:-8080}"
"#;
