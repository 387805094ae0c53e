//! How fast Dockerfiles are read, in bytes a second.

use std::sync::Arc;

use barehull_syntax::dockerfile::Dockerfile;
use divan::Bencher;
use divan::counter::BytesCount;

#[path = "../tests/common/mod.rs"]
mod common;

fn main() {
    divan::main();
}

/// The files that BuildKit accepts with the usual escape character.
fn accepted() -> Vec<String> {
    let is_usual = |case: &common::Case| case.accepted && case.escape.as_deref() == Some("\\");
    common::cases().into_iter().filter(is_usual).map(|case| case.dockerfile).collect()
}

fn bench(bencher: Bencher, texts: &[String]) {
    let sources: Vec<Arc<[u8]>> = texts.iter().map(|text| Arc::from(text.as_bytes())).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        for source in &sources {
            divan::black_box(Dockerfile::parse(Arc::clone(source)));
        }
    });
}

/// One file after the other.
#[divan::bench]
fn parse_each(bencher: Bencher) {
    bench(bencher, &accepted());
}

/// One large file.
#[divan::bench]
fn parse_concatenated(bencher: Bencher) {
    bench(bencher, &[accepted().join("\n\n")]);
}

/// The instructions of an ordinary file, over and over.
#[divan::bench]
fn parse_ordinary(bencher: Bencher) {
    bench(bencher, &[ORDINARY.repeat(200)]);
}

/// Only the tokens of the large file.
#[divan::bench]
fn tokens(bencher: Bencher) {
    let text = accepted().join("\n\n");
    let file = Dockerfile::parse(text.as_bytes());
    bencher.counter(BytesCount::of_str(&text)).bench(|| file.tokens().count());
}

const ORDINARY: &str = r#"# syntax=docker/dockerfile:1
FROM node:22-bookworm AS build
WORKDIR /app
# Dependencies first: they change less often.
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    PORT=8080
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        curl \
        ca-certificates \
        tini \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build --chown=node:node /app/node_modules ./node_modules
COPY --from=build --chown=node:node /app/dist ./dist
LABEL org.opencontainers.image.source="https://example.com/app"
EXPOSE 8080
USER node
HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost:8080/health || exit 1
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/server.js"]

"#;
