//! How long a look at one Dockerfile takes: the average one, of a thousand bytes, its files in memory.

use std::sync::Arc;

use barehull::engine;
use barehull::finding::Level;
use barehull::options::{ContextChoice, Input, Options};
use barehull::project::{Memory, Project, ProjectPath};
use barehull_catalog::Catalog;
use divan::Bencher;

fn main() {
    divan::main();
}

/// What `check` does.
#[divan::bench]
fn findings(bencher: Bencher) {
    bench(bencher, None);
}

/// What `fix` does: the patch is made and proven.
#[divan::bench]
fn with_fixes(bencher: Bencher) {
    bench(bencher, Some(Level::Review));
}

fn bench(bencher: Bencher, fixes: Option<Level>) {
    let files = [
        ("Dockerfile", DOCKERFILE),
        ("package.json", PACKAGE),
        ("package-lock.json", r#"{"lockfileVersion": 3, "packages": {}}"#),
        ("src/server.js", "require('node:http').createServer().listen(8080);\n"),
    ];
    let project = Project::new(Arc::new(Memory::of(files)));
    let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
    let options = Options { fixes, ..Options::new(Catalog::builtin()) };
    let look = || engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let first = look();
    assert!(!first.findings.is_empty(), "there is something to find");
    assert_eq!(first.rewrite.is_some_and(|rewrite| !rewrite.patch.is_empty()), fixes.is_some());
    bencher.bench(look);
}

const PACKAGE: &str = r#"{"name": "orders", "scripts": {"start": "node src/server.js"}}"#;

const DOCKERFILE: &str = r#"FROM node:22-bookworm

LABEL org.opencontainers.image.title="orders" \
      org.opencontainers.image.source="https://git.example.com/shop/orders"

# what the image processing needs, and what helps when something goes wrong
RUN apt-get update && apt-get install -y --no-install-recommends \
        ca-certificates \
        curl \
        procps \
        less \
        vim \
    && rm -rf /var/lib/apt/lists/*

ARG WAIT_VERSION=2.12.1
RUN curl -fsSL -o /usr/local/bin/wait "https://example.com/wait/${WAIT_VERSION}/wait" \
    && chmod +x /usr/local/bin/wait \
    && if [ "$(uname -m)" != "x86_64" ]; then echo "only for x86_64" >&2; exit 1; fi

WORKDIR /srv/app
ENV NODE_ENV=production \
    PORT=8080

COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force
COPY . .

EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s CMD curl -f http://localhost:8080/health || exit 1
CMD ["npm", "start"]
"#;
