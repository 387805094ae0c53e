//! Go programs, users and groups, and what no recipe is for.

use super::Case;

pub(super) const CASES: [Case; 16] = [
    Case {
        what: "a stage for development keeps its tools, whatever it runs",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.13-slim AS base\nWORKDIR /app\nCOPY . .\nFROM base AS dev\nRUN pip install watchdog\nCMD [\"python\", \"a.py\"]\nFROM base AS final\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", "print(1)\n"),
            ("compose.yaml", "services:\n  a:\n    build:\n      context: .\n      target: dev\n"),
        ],
        says: &["FROM base AS dev"],
        lacks: &["AS assemble2"],
        blocked: None,
    },
    Case {
        what: "a binary on a base that nobody knows",
        files: &[
            (
                "Dockerfile",
                "FROM golang:1.24 AS build\nWORKDIR /s\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /x .\nFROM example/latex\nCOPY --from=build /x /x\nCMD [\"/x\"]\n",
            ),
            ("go.mod", "module x\n"),
            ("main.go", "package main\n\nfunc main() {}\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("the program may use what it brings"),
    },
    Case {
        what: "a script that passes on gives way, and the recipe goes on from there",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nCOPY docker/start.sh /start.sh\nRUN chmod +x /start.sh\nENTRYPOINT [\"/start.sh\"]\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("server.js", "require('http').createServer().listen(80)\n"),
            (
                "docker/start.sh",
                "#!/bin/sh\nset -e\nexport NODE_ENV=\"${NODE_ENV:-production}\"\ncd /app\nexec \"$@\"\n",
            ),
        ],
        says: &[
            "FROM gcr.io/distroless/nodejs22-debian13:nonroot",
            "ENV NODE_ENV=production",
            "CMD [\"server.js\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a program that the context should bring and has not",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nWORKDIR /app\nCOPY docker /\nRUN apt-get update && /app/run plugins install\nENTRYPOINT [\"/start.sh\"]\nCMD [\"--help\"]\n",
            ),
            ("docker/start.sh", "#!/bin/sh\nset -e\nexec /app/run \"$@\"\n"),
            ("docker/app/conf/a", ""),
        ],
        says: &["ENTRYPOINT [\"/start.sh\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a program that names no interpreter",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13\nCOPY docker /\nRUN chmod +x /start.sh /app/run\nENTRYPOINT [\"/start.sh\"]\nCMD [\"--help\"]\n",
            ),
            ("docker/start.sh", "#!/bin/sh\nexec /app/run \"$@\"\n"),
            ("docker/app/run", "echo \"$@\"\n"),
        ],
        says: &["ENTRYPOINT [\"/start.sh\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "arguments of the script's own command stay arguments",
        files: &[
            (
                "Dockerfile",
                "FROM golang:1.24\nWORKDIR /s\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app .\nENTRYPOINT [\"./run.sh\"]\nCMD [\"--port\", \"80\"]\n",
            ),
            ("go.mod", "module x\n"),
            ("main.go", "package main\nfunc main() {}\n"),
            ("run.sh", "#!/bin/sh\nexec /app --verbose \"$@\"\n"),
        ],
        says: &["ENTRYPOINT [\"/app\", \"--verbose\"]", "CMD [\"--port\", \"80\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "the base's entrypoint does not come back",
        files: &[
            (
                "Dockerfile",
                "FROM nginx:1.29\nCOPY start.sh /start.sh\nENTRYPOINT [\"/start.sh\"]\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
            ),
            ("start.sh", "#!/bin/sh\nexec \"$@\"\n"),
        ],
        says: &["CMD [\"nginx\", \"-g\", \"daemon off;\"]"],
        lacks: &["docker-entrypoint"],
        blocked: None,
    },
    Case {
        what: "a login server is for people",
        files: &[(
            "Dockerfile",
            "FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y openssh-server\nCMD [\"/usr/sbin/sshd\", \"-D\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("sshd lets people log in"),
    },
    Case {
        what: "and so is one below supervisord",
        files: &[
            (
                "Dockerfile",
                "FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y supervisor\nCOPY s.conf /etc/supervisor/conf.d/s.conf\nCMD [\"supervisord\", \"-n\"]\n",
            ),
            ("s.conf", "[program:s]\ncommand=/usr/sbin/sshd -D\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("sshd lets people log in"),
    },
    Case {
        what: "an image of one's own",
        files: &[("Dockerfile", "FROM example.com/base:1\nCMD [\"/app\"]\n")],
        says: &[],
        lacks: &[],
        blocked: Some("is not known: describe it"),
    },
    Case {
        what: "what is copied runs on the platform it was copied from",
        files: &[
            (
                "Dockerfile",
                "FROM --platform=$BUILDPLATFORM node:20\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("server.js", ""),
        ],
        says: &["FROM --platform=$BUILDPLATFORM gcr.io/distroless/cc-debian13:nonroot"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "owners are numbers and relative paths stay where they were",
        files: &[
            (
                "Dockerfile",
                "FROM golang:1.25 AS build\nWORKDIR /s\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /x .\nFROM alpine:3.20\nRUN adduser -D -u 1001 app\nCOPY --from=build --chown=app:app /x ./bin/x\nWORKDIR /data\nUSER app\nCMD [\"/bin/x\"]\n",
            ),
            ("go.mod", "module x\n"),
            ("main.go", "package main\nfunc main() {}\n"),
        ],
        says: &[
            "WORKDIR /",
            "COPY --from=build --chown=1001:1001 /x ./bin/x",
            "WORKDIR /data",
            "USER 1001:1001",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "settings that the project does not hold go along where they are there",
        files: &[
            (
                "Dockerfile",
                "FROM golang:1.24\nWORKDIR /app\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app/lamp .\nCMD [\"/app/lamp\"]\n",
            ),
            ("go.mod", "module lamp\n"),
            (
                "main.go",
                "package main\n\nimport \"github.com/joho/godotenv\"\n\nfunc main() {\n\tif err := godotenv.Load(\"config.env\"); err != nil {\n\t\tpanic(err)\n\t}\n}\n",
            ),
        ],
        says: &["    for file in /app/config.env; do \\", "COPY --from=build /closure/ /"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a file without a name that a library reads by default, and that the project holds",
        files: &[
            (
                "Dockerfile",
                "FROM golang:1.24\nWORKDIR /app\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app/lamp .\nCMD [\"/app/lamp\"]\n",
            ),
            ("go.mod", "module lamp\n"),
            (".env", "A=1\n"),
            ("main.go", "package main\n\nimport _ \"github.com/joho/godotenv/autoload\"\n\nfunc main() {}\n"),
        ],
        says: &["COPY --from=build /app/.env /app/.env"],
        lacks: &["for file in"],
        blocked: None,
    },
    Case {
        what: "settings that the ignore file keeps out of the image",
        files: &[
            (
                "Dockerfile",
                "FROM golang:1.24\nWORKDIR /app\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app/lamp .\nCMD [\"/app/lamp\"]\n",
            ),
            (".dockerignore", "*.env\n.env\n"),
            ("go.mod", "module lamp\n"),
            (
                "main.go",
                "package main\n\nimport \"github.com/joho/godotenv\"\n\nfunc main() {\n\tgodotenv.Load()\n}\n",
            ),
        ],
        says: &["COPY --from=build /app/lamp /app/lamp"],
        lacks: &["for file in", ".env"],
        blocked: None,
    },
    Case {
        what: "a base whose ONBUILD instructions build the application",
        files: &[
            ("Dockerfile", "FROM python:3-onbuild\nCMD [\"python\", \"./a.py\"]\n"),
            ("a.py", "print(1)\n"),
        ],
        says: &["WORKDIR /usr/src/app"],
        lacks: &["distroless"],
        blocked: None,
    },
];
