//! Programs that a compiler made.

use super::Case;

const CARGO: (&str, &str) = ("Cargo.toml", "[package]\nname = \"app\"\n");
const LOCK: (&str, &str) = ("Cargo.lock", "version = 4\n[[package]]\nname = \"app\"\n");
const MAIN: (&str, &str) = ("src/main.rs", "fn main() {}\n");

pub(super) const CASES: [Case; 34] = [
    Case {
        what: "a program of Haskell, with the libraries that GHC links to",
        files: &[
            (
                "Dockerfile",
                "FROM haskell:9.6-slim AS build\nWORKDIR /s\nCOPY . .\nRUN cabal install --install-method=copy --installdir=/opt/bin\nFROM debian:12-slim\nRUN apt-get update && apt-get install -y libgmp10\nCOPY --from=build /opt/bin/app /usr/local/bin/app\nCMD [\"app\"]\n",
            ),
            ("app.cabal", ""),
        ],
        says: &[
            "FROM gcr.io/distroless/cc-debian13:nonroot",
            "COPY --from=assemble /usr/local/bin/app /usr/local/bin/app",
        ],
        lacks: &["CMD [\"app\"]"],
        blocked: None,
    },
    Case {
        what: "musl's compiler on a system with glibc, which links dynamically",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13 AS b\nRUN apt-get update && apt-get install -y musl-tools\nWORKDIR /s\nCOPY . .\nRUN musl-gcc -o /app main.c\nFROM debian:13-slim\nCOPY --from=b /app /app\nCMD [\"/app\"]\n",
            ),
            ("main.c", "int main(void) { return 0; }\n"),
        ],
        says: &[],
        lacks: &["distroless"],
        blocked: Some("linked to musl dynamically"),
    },
    Case {
        what: "a path that CMake compiles into the program",
        files: &[
            (
                "Dockerfile",
                "FROM debian:12
RUN apt-get update && apt-get install -y g++ cmake
WORKDIR /s
COPY . .
RUN cmake . && make
CMD [\"./server\"]
",
            ),
            (
                "CMakeLists.txt",
                "project(x)
add_executable(server main.cpp)
add_definitions(-DRES=\"${x_DIRS}/../res\")
",
            ),
            (
                "main.cpp",
                "int main() { return 0; }
",
            ),
        ],
        says: &[],
        lacks: &["distroless"],
        blocked: Some("RES compiles a path"),
    },
    Case {
        what: "cargo build, started where it is built",
        files: &[
            (
                "Dockerfile",
                "FROM rust:1.90\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\nEXPOSE 80\nCMD [\"./target/release/app\"]\n",
            ),
            CARGO,
            LOCK,
            MAIN,
        ],
        says: &[
            "FROM gcr.io/distroless/cc-debian13:nonroot",
            "COPY --from=build /app/target/release/app /app/target/release/app",
            "CMD [\"./target/release/app\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a crate that links to a library of the system",
        files: &[
            (
                "Dockerfile",
                "FROM rust:1.90\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\nCMD [\"./target/release/app\"]\n",
            ),
            CARGO,
            ("Cargo.lock", "[[package]]\nname = \"pq-sys\"\n"),
            MAIN,
        ],
        says: &[
            "    ldd /app/target/release/app > /tmp/ldd; \\",
            "    if grep 'not found' /tmp/ldd; then exit 1; fi; \\",
            "COPY --from=build /closure/ /",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "musl's own target",
        files: &[(
            "Dockerfile",
            "FROM rust:1.90 AS b\nWORKDIR /s\nCOPY . .\nRUN rustup target add x86_64-unknown-linux-musl && cargo build --release --target x86_64-unknown-linux-musl\nFROM alpine:3.20\nCOPY --from=b /s/target/x86_64-unknown-linux-musl/release/app /app\nCMD [\"/app\"]\n",
        )],
        says: &[
            "FROM gcr.io/distroless/static-debian13:nonroot",
            "COPY --from=b /s/target/x86_64-unknown-linux-musl/release/app /app",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "rust on Alpine links statically",
        files: &[(
            "Dockerfile",
            "FROM rust:1.90-alpine\nRUN apk add --no-cache musl-dev\nWORKDIR /s\nCOPY . .\nRUN cargo install --path .\nCMD [\"app\"]\n",
        )],
        says: &[
            "FROM gcr.io/distroless/static-debian13:nonroot",
            "COPY --from=build /usr/local/cargo/bin/app /usr/local/cargo/bin/app",
            "CMD [\"/usr/local/cargo/bin/app\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "unless it is told not to",
        files: &[(
            "Dockerfile",
            "FROM rust:1.90-alpine AS b\nRUN apk add --no-cache musl-dev openssl-dev\nWORKDIR /s\nCOPY . .\nENV RUSTFLAGS=\"-C target-feature=-crt-static\"\nRUN cargo build --release\nFROM alpine:3.22\nRUN apk add --no-cache libgcc openssl\nCOPY --from=b /s/target/release/app /usr/bin/app\nCMD [\"app\"]\n",
        )],
        says: &[
            "FROM scratch",
            "    for file in /usr/bin/app; do ldd \"$file\" 2> /dev/null || true; done > /tmp/ldd; \\",
            "COPY --from=assemble /usr/bin/app /usr/bin/app",
            "USER 65532:65532",
            "CMD [\"/usr/bin/app\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "to Debian with nothing but certificates",
        files: &[
            (
                "Dockerfile",
                "FROM rust:1.90-bookworm AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release\nFROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y ca-certificates && rm -rf /var/lib/apt/lists/*\nCOPY --from=b /s/target/release/app /usr/local/bin/app\nENTRYPOINT [\"app\"]\n",
            ),
            LOCK,
            MAIN,
        ],
        says: &["FROM gcr.io/distroless/cc-debian13:nonroot", "ENTRYPOINT [\"/usr/local/bin/app\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "to Debian with libraries",
        files: &[(
            "Dockerfile",
            "FROM rust:1.90-bookworm AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release\nFROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y libpq5\nCOPY --from=b /s/target/release/app /app\nCMD [\"/app\"]\n",
        )],
        says: &[
            "FROM debian:bookworm-slim AS assemble",
            "    ldd /app > /tmp/ldd; \\",
            "COPY --from=assemble /closure/ /",
            "COPY --from=assemble /app /app",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "cargo run is a build and a start",
        files: &[
            (
                "Dockerfile",
                "FROM rust:1.90\nWORKDIR /app\nCOPY . .\nCMD [\"cargo\", \"run\", \"--release\", \"--\", \"serve\"]\n",
            ),
            CARGO,
            LOCK,
            MAIN,
        ],
        says: &["RUN cargo build --release", "CMD [\"/app/target/release/app\", \"serve\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "unless nobody knows which program it starts",
        files: &[("Dockerfile", "FROM rust:1.90\nWORKDIR /app\nCOPY . .\nCMD [\"cargo\", \"run\"]\n")],
        says: &[],
        lacks: &[],
        blocked: Some("it is compiled at start"),
    },
    Case {
        what: "a program that starts another",
        files: &[
            (
                "Dockerfile",
                "FROM rust:1.90\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\nCMD [\"./target/release/app\"]\n",
            ),
            ("src/main.rs", "fn main() { std::process::Command::new(\"git\").status().unwrap(); }\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("the application starts git"),
    },
    Case {
        what: "templates that the sources name",
        files: &[
            (
                "Dockerfile",
                "FROM rust:1.90\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\nCMD [\"./target/release/app\"]\n",
            ),
            LOCK,
            ("src/main.rs", "fn main() { tera::Tera::new(\"templates/**/*\"); }\n"),
            ("templates/a.html", ""),
            ("assets/b.css", ""),
        ],
        says: &["COPY --from=build /app/templates /app/templates"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "C, and a library from apt",
        files: &[
            (
                "Dockerfile",
                "FROM debian:12\nRUN apt-get update && apt-get install -y gcc libsqlite3-dev\nWORKDIR /src\nCOPY . .\nRUN gcc -O2 -o /usr/bin/app main.c -lsqlite3\nENTRYPOINT [\"/usr/bin/app\"]\n",
            ),
            ("main.c", "int main(void) { return 0; }\n"),
        ],
        says: &[
            "FROM gcr.io/distroless/cc-debian13:nonroot",
            "    ldd /usr/bin/app > /tmp/ldd; \\",
            "COPY --from=build /usr/bin/app /usr/bin/app",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "the C++ run time of the gcc image goes along",
        files: &[(
            "Dockerfile",
            "FROM gcc:14\nWORKDIR /src\nCOPY . .\nRUN g++ -o app main.cpp\nCMD [\"./app\"]\n",
        )],
        says: &["FROM gcr.io/distroless/base-debian13:nonroot", "COPY --from=build /src/app /src/app"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "C on Alpine",
        files: &[(
            "Dockerfile",
            "FROM alpine:3.20\nRUN apk add build-base\nCOPY . /src\nWORKDIR /src\nRUN make\nCMD [\"./app\"]\n",
        )],
        says: &["FROM scratch", "COPY --from=build /src/app /src/app", "COPY --from=build /closure/ /"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "static by its Makefile",
        files: &[
            (
                "Dockerfile",
                "FROM alpine:3.20\nRUN apk add build-base\nCOPY . /src\nWORKDIR /src\nRUN make\nCMD [\"./app\"]\n",
            ),
            ("Makefile", "app: a.c\n\tcc -static -o app a.c\n"),
            ("a.c", "int main(void) { return 0; }\n"),
        ],
        says: &["FROM gcr.io/distroless/static-debian13:nonroot"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a newer glibc than the minimal base has",
        files: &[(
            "Dockerfile",
            "FROM fedora:43\nRUN dnf install -y gcc\nWORKDIR /s\nCOPY . .\nRUN gcc -o app a.c\nCMD [\"./app\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("a newer glibc than 2.41"),
    },
    Case {
        what: "a library that reads files of its own",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y gcc libmagic-dev\nWORKDIR /s\nCOPY . .\nRUN gcc -o app a.c -lmagic\nCMD [\"./app\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("its database in /usr/share/misc"),
    },
    Case {
        what: "a name that an installation puts somewhere on PATH",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y gcc make git\nRUN git clone https://example.com/x /x && cd /x && make && make install\nCMD [\"x\"]\n",
        )],
        says: &[],
        lacks: &["distroless"],
        blocked: None,
    },
    Case {
        what: "an installation, and what its command names",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y gcc make git\nRUN git clone https://example.com/x /x && cd /x && make && make install\nCMD [\"/usr/local/bin/x\", \"-c\", \"/etc/x.conf\"]\n",
        )],
        says: &["    for path in /etc/x.conf /usr/local/etc /usr/local/share; do \\"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "an installation into a folder of its own",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y gcc make git\nRUN git clone https://example.com/x /x && cd /x && ./configure --prefix=/opt/x && make install\nCMD [\"/opt/x/bin/x\"]\n",
        )],
        says: &["COPY --from=build /opt/x /opt/x"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a server is more than its binary",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y gcc make curl\nRUN curl -L https://example.com/n.tgz | tar xz && cd n && ./configure --prefix=/opt/n && make install\nCMD [\"/opt/n/sbin/nginx\"]\n",
        )],
        says: &[],
        lacks: &["distroless"],
        blocked: None,
    },
    Case {
        what: "sources that are removed again are not copied, what comes later is",
        files: &[
            (
                "Dockerfile",
                "FROM debian:12\nRUN apt-get update && apt-get install -y gcc\nCOPY src /opt/src\nRUN gcc -o /usr/local/bin/x /opt/src/x.c && rm -rf /opt/src /opt/conf\nCOPY conf /opt/conf\nCMD [\"/usr/local/bin/x\"]\n",
            ),
            ("src/x.c", "int main(void) { return 0; }\n"),
            ("conf/a", ""),
        ],
        says: &[
            "COPY --from=build /usr/local/bin/x /usr/local/bin/x",
            "COPY --from=build /opt/conf /opt/conf",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "libraries are collected as root",
        files: &[(
            "Dockerfile",
            "FROM rust:1.90-bookworm AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release\nFROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y libpq5 && useradd -u 1000 app\nUSER app\nCOPY --from=b /s/target/release/app /app\nCMD [\"/app\"]\n",
        )],
        says: &["USER root", "USER 1000:1000"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "arguments that compose gives to the entrypoint",
        files: &[
            (
                "Dockerfile",
                "FROM rust:1.90\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\nENTRYPOINT [\"./target/release/app\"]\n",
            ),
            ("compose.yaml", "services:\n  app:\n    build: .\n    command: [serve, --port, \"80\"]\n"),
            LOCK,
            MAIN,
        ],
        says: &["FROM gcr.io/distroless/cc-debian13:nonroot"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a script of the context is not what a compiler made",
        files: &[
            (
                "Dockerfile",
                "FROM rust:1.90 AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release\nFROM debian:12\nCOPY --from=b /s/run /run-it\nCMD [\"/run-it\"]\n",
            ),
            ("run", "#!/usr/bin/perl\n"),
            CARGO,
        ],
        says: &[],
        lacks: &["distroless"],
        blocked: None,
    },
    Case {
        what: "a program under a name that cargo does not say",
        files: &[
            (
                "Dockerfile",
                "FROM rust:1.90 AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release && mv target/*/app out-$(uname -m)\nFROM alpine:3.20\nCOPY --from=b /s/out /app\nCMD [\"/app\"]\n",
            ),
            CARGO,
            MAIN,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("linked to glibc and its image has musl"),
    },
    Case {
        what: "a tool of a program whose sources nobody read",
        files: &[(
            "Dockerfile",
            "FROM alpine:3.20 AS b\nRUN apk add build-base curl\nRUN curl -L https://example.com/x.tgz | tar xz && cd x && make PREFIX=/usr install\nFROM alpine:3.20\nRUN apk add iproute2\nCOPY --from=b /usr/sbin/x /usr/sbin/\nENTRYPOINT [\"x\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("may start what iproute2 brings"),
    },
    Case {
        what: "a tree that is copied into /",
        files: &[(
            "Dockerfile",
            "FROM alpine:3.20 AS b\nRUN apk add build-base\nCOPY . /s\nRUN cd /s && make DESTDIR=/pkg install\nFROM alpine:3.20\nCOPY --from=b /pkg /\nCMD [\"/usr/local/bin/x\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("puts files into /"),
    },
    Case {
        what: "data that the build puts where data lies",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y gcc make git && git clone https://example.com/x /x && cd /x && make && cp x /usr/bin && mkdir -p /usr/lib/x && cp *.txt /usr/lib/x\nENTRYPOINT [\"x\"]\n",
        )],
        says: &["COPY --from=build /usr/bin/x /usr/bin/x", "COPY --from=build /usr/lib/x /usr/lib/x"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a program in root's home",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y gcc make\nCOPY . /root/s\nRUN cd /root/s && make\nCMD [\"/root/s/x\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("lies in /root"),
    },
    Case {
        what: "a script beside C",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y gcc make\nWORKDIR /s\nCOPY . .\nRUN make\nCMD [\"/s/run.pl\"]\n",
        )],
        says: &[],
        lacks: &["distroless"],
        blocked: None,
    },
];
