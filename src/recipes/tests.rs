//! Whole rewrites of small projects: what the new Dockerfile must say, or why there is none.

use std::sync::Arc;

use barehull_catalog::Catalog;

use crate::engine;
use crate::finding::Level;
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

/// One project: its files, the Dockerfile first.
struct Case {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// Lines of the new Dockerfile.
    says: &'static [&'static str],
    /// Part of a blocker's text, where there must be no patch.
    blocked: Option<&'static str>,
}

const PACKAGE: (&str, &str) = ("package.json", r#"{"devDependencies": {"chai": "4"}}"#);
const SERVER: (&str, &str) = ("server.js", "require('http').createServer().listen(80)\n");

const CASES: [Case; 39] = [
    Case {
        what: "files go to the application's folder, whatever WORKDIR is at the end",
        files: &[
            (
                "Dockerfile",
                "FROM python:3-slim\nCOPY . /srv/app\nWORKDIR /srv/app\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &["COPY --from=build /srv/app /srv/app"],
        blocked: None,
    },
    Case {
        what: "an owner that COPY gives is there before WORKDIR makes the folder",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nUSER node\nWORKDIR /app\nCOPY --chown=node:node . .\nRUN npm install\nCMD [\"node\", \"server.js\"]\n",
            ),
            SERVER,
        ],
        says: &["COPY --from=build --chown=1000:1000 /app /app", "WORKDIR /app"],
        blocked: None,
    },
    Case {
        what: "npm 6 does not know --omit",
        files: &[
            (
                "Dockerfile",
                "FROM node:12-alpine\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD [\"node\", \"server.js\"]\n",
            ),
            PACKAGE,
            SERVER,
        ],
        says: &["RUN npm install --production", "FROM scratch", "CMD [\"node\", \"server.js\"]"],
        blocked: None,
    },
    Case {
        what: "a service that starts node by name finds it",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n"),
            SERVER,
            (
                "compose.yaml",
                "services:\n  web:\n    build: .\n  worker:\n    build: .\n    command: node worker.js\n",
            ),
        ],
        says: &[
            "ENV PATH=/nodejs/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "ENTRYPOINT []",
        ],
        blocked: None,
    },
    Case {
        what: "a check's variables are read when it runs, in JavaScript",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nHEALTHCHECK CMD curl -f http://localhost:${PORT:-80}/ || exit 1\nCMD [\"node\", \"server.js\"]\n",
            ),
            SERVER,
        ],
        says: &[
            "HEALTHCHECK CMD [\"/nodejs/bin/node\", \"-e\", \"fetch(`http://localhost:${process.env.PORT||'80'}/`).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))\"]",
        ],
        blocked: None,
    },
    Case {
        what: "and in Python",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nWORKDIR /app\nCOPY . .\nHEALTHCHECK CMD curl -f http://localhost:$PORT/ || exit 1\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "HEALTHCHECK CMD [\"/usr/local/bin/python3\", \"-c\", \"import os, urllib.request; urllib.request.urlopen('http://localhost:' + os.environ['PORT'] + '/', timeout=5)\"]",
        ],
        blocked: None,
    },
    Case {
        what: "a list of requirements in / stays behind",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nWORKDIR /app\nCOPY . ./\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("requirements.txt", ""),
            ("a.py", ""),
        ],
        says: &["COPY --from=build /app /app"],
        blocked: None,
    },
    Case {
        what: "another image over / cannot be told from the system",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nWORKDIR /app\nCOPY . .\nCOPY --from=example/tools / /\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[],
        blocked: Some("puts files into /"),
    },
    Case {
        what: "pip of another user fills that user's home",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nRUN useradd app\nWORKDIR /app\nCOPY . .\nUSER app\nRUN pip install flask\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[],
        blocked: Some("that user's home"),
    },
    Case {
        what: "a program from elsewhere is no Python",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nWORKDIR /app\nCOPY --from=example/boot /opt/boot /opt/boot\nCOPY . .\nENTRYPOINT [\"/opt/boot\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[],
        blocked: Some("no Python program"),
    },
    Case {
        what: "an interactive interpreter is no application",
        files: &[
            ("Dockerfile", "FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD [\"python3\"]\n"),
            ("a.py", ""),
        ],
        says: &[],
        blocked: Some("interactive prompt"),
    },
    Case {
        what: "pip goes out of environments, too",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nRUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nWORKDIR /app\nCOPY . .\nRUN pip install flask\nCMD [\"flask\", \"run\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &["COPY --from=build /opt/venv /opt/venv", "CMD [\"flask\", \"run\"]"],
        blocked: None,
    },
    Case {
        what: "a login server is for people",
        files: &[(
            "Dockerfile",
            "FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y openssh-server\nCMD [\"/usr/sbin/sshd\", \"-D\"]\n",
        )],
        says: &[],
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
        blocked: Some("sshd lets people log in"),
    },
    Case {
        what: "an image of one's own",
        files: &[("Dockerfile", "FROM example.com/base:1\nCMD [\"/app\"]\n")],
        says: &[],
        blocked: Some("is not known: describe it"),
    },
    Case {
        what: "a program of one's own",
        files: &[("Dockerfile", "FROM debian:12\nCOPY run /app/run\nCMD [\"/app/run\"]\n")],
        says: &[],
        blocked: Some("nothing tells what run needs"),
    },
    Case {
        what: "a server that the base starts",
        files: &[("Dockerfile", "FROM php:8.3-apache\nCOPY . /var/www/html\n")],
        says: &[],
        blocked: Some("no recipe for Apache httpd"),
    },
    Case {
        what: "an interpreter of the system",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y nodejs\nCOPY a.js /a.js\nCMD [\"node\", \"/a.js\"]\n",
        )],
        says: &[],
        blocked: Some("Node.js is a package of the system"),
    },
    Case {
        what: "a user by number keeps its group",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nRUN groupadd -g 2000 web && useradd -u 2001 -g web app\nWORKDIR /app\nCOPY . .\nUSER 2001\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("server.js", ""),
        ],
        says: &["USER 2001:2000"],
        blocked: None,
    },
    Case {
        what: "a user of the base is known by number",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nUSER www-data\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &["USER 33:33"],
        blocked: None,
    },
    Case {
        what: "a user nobody made has the group it had",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nUSER 4000\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("server.js", ""),
        ],
        says: &["USER 4000"],
        blocked: None,
    },
    Case {
        what: "a program of an environment that is not on PATH",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nRUN python -m venv /opt/app\nWORKDIR /srv\nCOPY . .\nRUN /opt/app/bin/pip install flask\nCMD [\"/opt/app/bin/flask\", \"run\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &["COPY --from=build /opt/app /opt/app", "CMD [\"/opt/app/bin/flask\", \"run\"]"],
        blocked: None,
    },
    Case {
        what: "pip stays behind where the base brings the interpreter",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.13-slim\nWORKDIR /srv\nCOPY . .\nRUN pip install flask\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "RUN rm -rf /usr/local/lib/python3.13/site-packages/pip /usr/local/lib/python3.13/site-packages/pip-*",
        ],
        blocked: None,
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
        blocked: None,
    },
    Case {
        what: "options behind -- are the script's",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\", \"--\", \"--port\", \"3000\"]\n",
            ),
            ("server.js", ""),
            ("package.json", "{\"scripts\": {\"start\": \"node server.js\"}}"),
        ],
        says: &["CMD [\"server.js\", \"--port\", \"3000\"]"],
        blocked: None,
    },
    Case {
        what: "a workspace by its path",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\", \"-w\", \"packages/a\"]\n",
            ),
            ("packages/a/a.js", ""),
            ("package.json", "{\"workspaces\": [\"packages/*\"]}"),
            ("packages/a/package.json", "{\"name\": \"@x/a\", \"scripts\": {\"start\": \"node a.js\"}}"),
        ],
        says: &["WORKDIR /app/packages/a", "CMD [\"a.js\"]"],
        blocked: None,
    },
    Case {
        what: "a workspace of yarn by its name",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD yarn workspace @x/a run start\n",
            ),
            ("packages/a/a.js", ""),
            ("package.json", "{\"workspaces\": [\"packages/*\"]}"),
            ("packages/a/package.json", "{\"name\": \"@x/a\", \"scripts\": {\"start\": \"node a.js\"}}"),
        ],
        says: &["WORKDIR /app/packages/a", "CMD [\"a.js\"]"],
        blocked: None,
    },
    Case {
        what: "a workspace that is not there",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"pnpm\", \"--filter\", \"@x/b\", \"start\"]\n",
            ),
            ("package.json", "{}"),
        ],
        says: &[],
        blocked: Some("workspace @x/b"),
    },
    Case {
        what: "a build at every start",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\"]\n"),
            ("package.json", "{\"scripts\": {\"start\": \"npm run build && node a.js\"}}"),
        ],
        says: &[],
        blocked: Some(
            "builds at every start (`npm run build`): do that in a RUN, and start with `node a.js` alone",
        ),
    },
    Case {
        what: "a migration at every start",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\"]\n"),
            ("package.json", "{\"scripts\": {\"start\": \"prisma migrate deploy && node a.js\"}}"),
        ],
        says: &[],
        blocked: Some("runs `prisma migrate deploy` before the application at every start"),
    },
    Case {
        what: "NODE_ENV set behind the installation does not keep its development dependencies out",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\nENV NODE_ENV=production\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("server.js", ""),
            ("package.json", "{\"devDependencies\": {\"typescript\": \"5\"}}"),
        ],
        says: &["RUN npm prune --omit=dev"],
        blocked: None,
    },
    Case {
        what: "Python reads the variables of a command at start",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nENV PORT=80\nCMD uvicorn a:app --port ${PORT} --host ${HOST:-0.0.0.0}\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "CMD [\"python\", \"-c\", \"import os; os.execvp('uvicorn', ['uvicorn', 'a:app', '--port', os.environ['PORT'], '--host', (os.environ.get('HOST') or '0.0.0.0')])\"]",
        ],
        blocked: None,
    },
    Case {
        what: "a locale that is named comes along",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nENV PORT=80\nENV LANG=C.UTF-8\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "    mkdir -p /closure/usr/lib/locale; cp -R /usr/lib/locale/C.* /closure/usr/lib/locale/; \\",
        ],
        blocked: None,
    },
    Case {
        what: "Node.js gets the value that the image sets",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nENV PORT=80\nCMD node server.js --port $PORT\n",
            ),
            ("server.js", ""),
        ],
        says: &["CMD [\"server.js\", \"--port\", \"80\"]"],
        blocked: None,
    },
    Case {
        what: "unless somebody sets another one",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nENV PORT=80\nCMD node server.js --port $PORT\n",
            ),
            ("server.js", ""),
            ("compose.yaml", "services: {web: {build: ., environment: {PORT: 81}}}\n"),
        ],
        says: &[],
        blocked: Some("a shell for $PORT, which only the run sets"),
    },
    Case {
        what: "or nobody does",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD node server.js --port $PORT\n"),
            ("server.js", ""),
        ],
        says: &[],
        blocked: Some("a shell for $PORT, which only the run sets"),
    },
    Case {
        what: "uv and what is no environment stay behind",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nCOPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/uv\nENV PATH=/root/.local/bin:$PATH\nWORKDIR /app\nCOPY . .\nRUN uv sync --frozen\nCMD [\".venv/bin/python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "COPY --from=build /closure/ /",
            "COPY --from=build /usr/local/ /usr/local/",
            "COPY --from=build /app /app",
            "CMD [\".venv/bin/python\", \"a.py\"]",
        ],
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
        blocked: None,
    },
    Case {
        what: "a stage that only collects changes its base where it stands",
        files: &[
            (
                "Dockerfile",
                "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM node:22-slim\nWORKDIR /app\nCOPY --from=build --chown=node:node /app ./\nUSER node\nCMD [\"node\", \"server.js\"]\n",
            ),
            SERVER,
        ],
        says: &[
            "FROM node:22 AS build",
            "FROM gcr.io/distroless/nodejs22-debian13:nonroot",
            "COPY --from=build --chown=1000:1000 /app ./",
            "USER 1000:1000",
            "CMD [\"server.js\"]",
        ],
        blocked: None,
    },
];

#[test]
fn small_projects_are_rewritten_or_left_alone_for_a_reason() {
    for case in &CASES {
        let project = Project::new(Arc::new(Memory::of(case.files.iter().copied())));
        let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
        let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let rewrite = analysis.rewrite.expect("a rewrite was asked for");
        let reasons: Vec<&str> = analysis.blockers.iter().map(|b| b.reason.as_str()).collect();
        assert!(rewrite.dropped.is_empty(), "{}: {:?}", case.what, rewrite.dropped);
        let after = rewrite.patch.first().and_then(|p| p.after.as_deref()).unwrap_or_default();
        let after = String::from_utf8_lossy(after);
        if let Some(reason) = case.blocked {
            assert!(after.is_empty(), "{}:\n{after}", case.what);
            assert!(reasons.iter().any(|r| r.contains(reason)), "{}: {reasons:?}", case.what);
        }
        let tool = after.lines().find(|l| l.starts_with("COPY --from=build") && l.contains("/bin/uv"));
        assert_eq!(tool, None, "{}: a tool travels", case.what);
        for line in case.says {
            assert!(after.lines().any(|l| l == *line), "{}: {line}\n{after}\n{reasons:?}", case.what);
        }
    }
}
