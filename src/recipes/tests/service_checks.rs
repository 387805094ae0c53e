//! Health checks of compose services: what a patch makes of them, and where they stand in its way.

use std::sync::Arc;

use barehull_catalog::Catalog;

use crate::engine;
use crate::finding::Level;
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

const NODE: &str = "FROM node:22\nWORKDIR /app\nCOPY server.js .\nCMD [\"node\", \"server.js\"]\n";
const PYTHON: &str = "FROM python:3.13\nWORKDIR /app\nCOPY app.py .\nCMD [\"python\", \"app.py\"]\n";
const GO: &str = "FROM golang:1.24 AS b\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /web .\nFROM alpine:3.22\nRUN apk add curl\nCOPY --from=b /web /web\nHEALTHCHECK CMD curl -f http://localhost/\nENTRYPOINT [\"/web\"]\n";
const PERL: &str = "FROM debian:trixie\nRUN apt-get update && apt-get install -y curl perl\nCOPY app.pl /app.pl\nCMD [\"perl\", \"/app.pl\"]\n";
const JAVA: &str = "FROM eclipse-temurin:21\nWORKDIR /app\nCOPY app.jar .\nHEALTHCHECK CMD curl -f http://localhost:8080/\nCMD [\"java\", \"-jar\", \"app.jar\"]\n";

struct Case {
    what: &'static str,
    dockerfile: &'static str,
    /// The lines below `healthcheck:`, indented by six spaces.
    check: &'static str,
    /// The line that `test` becomes, if the file changes; with a base that the Dockerfile then has.
    becomes: Option<&'static str>,
    base: &'static str,
    /// Part of a blocker, and the line of compose.yaml that it names.
    blocked: Option<(&'static str, u32)>,
}

const CASES: [Case; 20] = [
    Case {
        what: "a client in exec form",
        dockerfile: NODE,
        check: "      test: [\"CMD\", \"curl\", \"-f\", \"http://localhost:8080/health\"] # for Traefik\n      interval: 20s\n",
        becomes: Some(
            "      test: # for Traefik\n        - CMD\n        - node\n        - -e\n        - fetch('http://localhost:8080/health').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))",
        ),
        base: "gcr.io/distroless/nodejs22-debian13",
        blocked: None,
    },
    Case {
        what: "a client that the image installs for nothing else",
        dockerfile: "FROM node:22-slim\nRUN apt-get update && apt-get install -y --no-install-recommends wget\nWORKDIR /app\nCOPY server.js .\nCMD [\"node\", \"server.js\"]\n",
        check: "      test: [\"CMD\", \"wget\", \"-q\", \"--spider\", \"http://a/\"]\n",
        becomes: Some(
            "      test:\n        - CMD\n        - node\n        - -e\n        - fetch('http://a/').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))",
        ),
        base: "gcr.io/distroless/nodejs22-debian13",
        blocked: None,
    },
    Case {
        what: "a text for a shell, with a variable of compose and one of the container",
        dockerfile: NODE,
        check: "      test: curl -f http://localhost:${PORT:-80}/$$BASE || exit 1\n",
        becomes: Some(
            "      test:\n        - CMD\n        - node\n        - -e\n        - fetch(`http://localhost:${PORT:-80}/$${process.env.BASE}`).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))",
        ),
        base: "gcr.io/distroless/nodejs22-debian13",
        blocked: None,
    },
    Case {
        what: "CMD-SHELL, and a header",
        dockerfile: PYTHON,
        check: "      test: ['CMD-SHELL', 'curl -sf -H \"X-From: compose\" http://127.0.0.1:8000/']\n",
        becomes: Some(
            "      test:\n        - CMD\n        - /usr/local/bin/python3\n        - -c\n        - 'import urllib.request; urllib.request.urlopen(urllib.request.Request(''http://127.0.0.1:8000/'', headers={''X-From'': ''compose''}), timeout=5)'",
        ),
        base: "gcr.io/distroless/cc-debian13",
        blocked: None,
    },
    Case {
        what: "a list in lines",
        dockerfile: PYTHON,
        check: "      test:\n        - CMD\n        - nc\n        - -z\n        - localhost\n        - \"8000\"\n",
        becomes: Some(
            "      test:\n        - CMD\n        - /usr/local/bin/python3\n        - -c\n        - import socket; socket.create_connection(('localhost', 8000), 5)",
        ),
        base: "gcr.io/distroless/cc-debian13",
        blocked: None,
    },
    Case {
        what: "a program of the application, behind a shell",
        dockerfile: NODE,
        check: "      test: [\"CMD-SHELL\", \"node health.js || exit 1\"]\n",
        becomes: Some("      test: [\"CMD\", \"node\", \"health.js\"]"),
        base: "gcr.io/distroless/nodejs22-debian13",
        blocked: None,
    },
    Case {
        what: "what needs no shell stays as it is",
        dockerfile: NODE,
        check: "      test: [\"CMD\", \"node\", \"health.js\"]\n",
        becomes: None,
        base: "gcr.io/distroless/nodejs22-debian13",
        blocked: None,
    },
    Case {
        what: "a pipe",
        dockerfile: NODE,
        check: "      interval: 3s\n      test: curl -s http://localhost/ | grep ok\n",
        becomes: None,
        base: "",
        blocked: Some((
            "web in compose.yaml checks its health with a shell, which the new base has not (it does more than call one address)",
            6,
        )),
    },
    Case {
        what: "a check that never fails",
        dockerfile: NODE,
        check: "      test: curl -f http://localhost/ || true\n",
        becomes: None,
        base: "",
        blocked: Some(("checks its health with a shell", 5)),
    },
    Case {
        what: "the whole check is a variable",
        dockerfile: NODE,
        check: "      test: \"${CHECK:-curl localhost}\"\n",
        becomes: None,
        base: "",
        blocked: Some(("nothing that the new image has can ask", 5)),
    },
    Case {
        what: "a default that holds another variable",
        dockerfile: NODE,
        check: "      test: curl -f http://localhost:${PORT:-${OTHER}}/\n",
        becomes: None,
        base: "",
        blocked: Some(("its test is written in an unusual way", 5)),
    },
    Case {
        what: "CMD-SHELL with words, of which the shell runs the first alone",
        dockerfile: NODE,
        check: "      test: [\"CMD-SHELL\", \"curl\", \"-f\", \"http://localhost/\"]\n",
        becomes: None,
        base: "",
        blocked: Some(("its test is written in an unusual way", 5)),
    },
    Case {
        what: "a compiled program cannot ask",
        dockerfile: GO,
        check: "      test: [\"CMD\", \"curl\", \"-f\", \"http://localhost/\"]\n",
        becomes: None,
        base: "",
        blocked: Some((
            "web in compose.yaml checks its health with curl, which the new base has not (nothing",
            5,
        )),
    },
    Case {
        what: "a compiled program that asks itself, whose image's own check nobody reads",
        dockerfile: GO,
        check: "      test: [\"CMD-SHELL\", \"/web --healthy\"]\n",
        becomes: Some("      test: [\"CMD\", \"/web\", \"--healthy\"]"),
        base: "gcr.io/distroless/static-debian13",
        blocked: None,
    },
    Case {
        what: "no check at all",
        dockerfile: GO,
        check: "      disable: true\n",
        becomes: None,
        base: "gcr.io/distroless/static-debian13",
        blocked: None,
    },
    Case {
        what: "an image that is stripped: the client stays, its shell goes",
        dockerfile: PERL,
        check: "      test: curl -f http://localhost:${PORT:-80}/ || exit 1\n",
        becomes: Some("      test: [\"CMD\", \"curl\", \"-f\", \"http://localhost:${PORT:-80}/\"]"),
        base: "scratch",
        blocked: None,
    },
    Case {
        what: "an image that is stripped, whose check needs a shell",
        dockerfile: PERL,
        check: "      test: curl -f http://localhost:$$PORT/ || exit 1\n",
        becomes: None,
        base: "scratch",
        blocked: Some(("stay (shell): web in compose.yaml needs them", 5)),
    },
    Case {
        what: "one class of Java for both checks",
        dockerfile: JAVA,
        check: "      test: curl -f http://localhost:8080/ready\n",
        becomes: Some(
            "      test:\n        - CMD\n        - java\n        - -cp\n        - /healthcheck\n        - HealthCheck\n        - http://localhost:8080/ready",
        ),
        base: "gcr.io/distroless/java21-debian13",
        blocked: None,
    },
    Case {
        what: "two questions of Java in one image",
        dockerfile: JAVA,
        check: "      test: curl -s http://localhost:8080/\n",
        becomes: Some("      test: [\"CMD\", \"curl\", \"-s\", \"http://localhost:8080/\"]"),
        base: "scratch",
        blocked: Some(("web in compose.yaml checks its health with a shell", 5)),
    },
    Case {
        what: "an anchor that is used elsewhere",
        dockerfile: NODE,
        check: "      test: &test [\"CMD\", \"curl\", \"-f\", \"http://localhost/\"]\n      x-same: *test\n",
        becomes: None,
        base: "",
        blocked: Some(("compose.yaml cannot be changed so that nothing else of it changes", 0)),
    },
];

#[test]
fn checks_of_services_are_asked_by_the_application_itself() {
    let wrong: Vec<String> = CASES.iter().flat_map(defects).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn defects(case: &Case) -> Vec<String> {
    // The other service has the same check, and keeps it.
    let check = |name: &str, rest: &str| format!("  {name}:\n{rest}    healthcheck:\n{}", case.check);
    let other = check("other", "    image: acme/other\n").replace("&test ", "").replace("*test", "1");
    let before = format!("services:\n{}{other}", check("web", "    build: .\n"));
    let analysis = analyse(case.dockerfile, &before);
    let rewrite = analysis.rewrite.as_ref().expect("a rewrite was asked for");
    let text = |name: &str| {
        let patch = rewrite.patch.iter().find(|p| p.path.as_str() == name);
        patch.map(|p| String::from_utf8_lossy(p.after.as_deref().unwrap_or_default()).into_owned())
    };
    let mut wrong: Vec<String> = rewrite.dropped.iter().map(|dropped| format!("{dropped:?}")).collect();
    let (dockerfile, compose) = (text("Dockerfile").unwrap_or_default(), text("compose.yaml"));
    let expected = case.becomes.map(|new| {
        let (head, tail) = before.split_once("      test:").expect("a test");
        let web = &tail[..tail.find("  other:").expect("the other service")];
        let old = match web.find("\n      ").filter(|end| !web[end + 7..].starts_with(' ')) {
            Some(end) if !web.starts_with("\n        ") => &web[..end],
            _ => web.trim_end(),
        };
        format!("{head}{new}{}", &tail[old.len()..])
    });
    if compose != expected {
        wrong.push(format!("compose.yaml became {compose:?}\n  not {expected:?}"));
    }
    if !dockerfile.contains(&format!("FROM {}", case.base)) {
        wrong.push(format!("it does not stand on {}", case.base));
    }
    if let Some((reason, line)) = case.blocked {
        let found = analysis.blockers.iter().find(|b| b.reason.contains(reason));
        let at = found.map(|b| match &b.place {
            crate::finding::Place::Source(at) => analysis.sources.line(*at),
            _ => 0,
        });
        if at != Some(line) {
            wrong.push(format!("nothing says {reason} of line {line}: {at:?}"));
        }
    }
    let reasons: Vec<&str> = analysis.blockers.iter().map(|b| b.reason.as_str()).collect();
    wrong.into_iter().map(|what| format!("{}: {what}\n{dockerfile}\n{reasons:#?}", case.what)).collect()
}

fn analyse(dockerfile: &str, compose: &str) -> crate::analysis::Analysis {
    let project = Project::new(Arc::new(Memory::of([
        ("Dockerfile", dockerfile),
        ("compose.yaml", compose),
        ("server.js", "require('http').createServer().listen(80)\n"),
        ("app.py", "import http.server\n"),
        ("app.pl", "print 1;\n"),
        ("go.mod", "module web\n"),
        ("main.go", "package main\n\nfunc main() {}\n"),
    ])));
    let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
    let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
    engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options)
}

#[test]
fn who_waits_for_the_check_of_the_image_is_told() {
    let compose = "services:\n  web:\n    build: .\n  proxy:\n    image: traefik:3\n    depends_on:\n      web:\n        condition: service_healthy\n";
    let analysis = analyse(GO, compose);
    let reason = "proxy in compose.yaml starts once web is healthy, which HEALTHCHECK of this image tells: without a check it never starts";
    assert!(analysis.blockers.iter().any(|b| b.reason == reason), "{:#?}", analysis.blockers);
    let rewrite = analysis.rewrite.expect("a rewrite was asked for");
    assert!(rewrite.applied.iter().all(|fix| fix.by != "go-distroless"));
}

#[test]
fn an_image_that_was_built_before_may_lack_what_asks() {
    let compose =
        "services:\n  web:\n    image: acme/web:1\n    healthcheck:\n      test: curl -f http://localhost/\n";
    let project = Project::new(Arc::new(Memory::of([
        ("Dockerfile", NODE),
        ("compose.yaml", compose),
        ("server.js", ""),
        ("Makefile", "image:\n\tdocker build -t acme/web:1 .\n"),
    ])));
    let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
    let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let rewrite = analysis.rewrite.expect("a rewrite was asked for");
    let fix = rewrite.applied.iter().find(|fix| fix.by == "node-distroless").expect("a rewrite");
    let said = "web in compose.yaml runs the new image from now on: its health check calls node";
    assert!(fix.assumptions.iter().any(|a| a.text.starts_with(said)), "{:#?}", fix.assumptions);
}
