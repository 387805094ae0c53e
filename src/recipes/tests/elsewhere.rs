//! What applications write, what is mounted into them and what checks them from outside, where the user changes.

use std::sync::Arc;

use barehull_catalog::Catalog;

use super::Case;
use crate::engine;
use crate::finding::Level;
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

const BUILT_IN_PLACE: &str = "FROM golang:1.24\nWORKDIR /app\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app/bin/web .\nCMD [\"/app/bin/web\"]\n";
const MODULE: (&str, &str) = ("go.mod", "module web\n");

pub(super) const CASES: [Case; 22] = [
    Case {
        what: "a folder that a Go program writes to and the context has not",
        files: &[
            ("Dockerfile", BUILT_IN_PLACE),
            MODULE,
            (
                "main.go",
                "package main\n\nimport \"os\"\n\nfunc main() { os.Create(\"images/\" + os.Args[1]) }\n",
            ),
        ],
        says: &["RUN mkdir -p /app/images", "COPY --from=build --chown=65532:65532 /app/images /app/images"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a folder that a sample of the environment names",
        files: &[
            ("Dockerfile", BUILT_IN_PLACE),
            MODULE,
            ("main.go", "package main\n\nimport \"os\"\n\nfunc main() { os.Open(os.Getenv(\"INDEX\")) }\n"),
            ("env-example", "PORT=80\nINDEX=\"./public/index.html\"\n"),
            ("public/index.html", ""),
            ("drafts/a.html", ""),
        ],
        says: &["COPY --from=build /app/public /app/public"],
        lacks: &["drafts"],
        blocked: None,
    },
    Case {
        what: "a path that a text of the sources names",
        files: &[
            ("Dockerfile", BUILT_IN_PLACE),
            MODULE,
            ("main.go", "package main\n\nvar pages = \"./pages/\"\n\nfunc main() { serve(pages) }\n"),
            ("pages/index.html", ""),
        ],
        says: &["COPY --from=build /app/pages /app/pages"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a Go program that writes into a folder of its final stage",
        files: &[
            (
                "Dockerfile",
                "FROM golang:1.24 AS b\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /web .\nFROM alpine:3.22\nWORKDIR /app\nCOPY --from=b /web /app/web\nCMD [\"/app/web\"]\n",
            ),
            MODULE,
            ("main.go", "package main\n\nimport \"os\"\n\nfunc main() { os.MkdirAll(\"logs\", 0o755) }\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("the application writes below /app (logs)"),
    },
    Case {
        what: "the database of a small Ruby application",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.3\nWORKDIR /app\nCOPY . .\nRUN bundle install\nRUN bundle exec rake db:migrate\nCMD [\"ruby\", \"app.rb\"]\n",
            ),
            ("Gemfile", "gem 'sinatra'\ngem 'sqlite3'\n"),
            ("app.rb", "require 'sinatra'\n"),
            ("config/database.yml", "development:\n  adapter: sqlite3\n  database: db/dev.sqlite3\n"),
        ],
        says: &["COPY --from=build --chown=65532:65532 /writable/ /app/"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "uploads into a folder of the host",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n"),
            (
                "server.js",
                "const path = require('path')\nconst folder = path.resolve('static')\nmodule.exports = (file, name) => file.mv(path.resolve(folder, name))\n",
            ),
            ("compose.yaml", "services:\n  web:\n    build: .\n    volumes:\n      - ./static:/app/static\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("the application writes to /app/static (static/), which web in compose.yaml mounts"),
    },
    Case {
        what: "secrets that are mounted into the home of root",
        files: &[
            (
                "Dockerfile",
                "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nWORKDIR /app\nCOPY out .\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
            ),
            ("docker-compose.yml", "services:\n  api:\n    image: api\n    build: .\n"),
            (
                "docker-compose.override.yml",
                "services:\n  api:\n    environment:\n      - ASPNETCORE_ENVIRONMENT=Development\n    volumes:\n      - ${APPDATA}/ASP.NET/Https:/root/.aspnet/https:ro\n",
            ),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("mounts /root/.aspnet/https, in the home of root"),
    },
    Case {
        what: "the script that a RUN names stays, although nothing starts it any more",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nCOPY start.sh /start.sh\nRUN chmod +x /start.sh && mkdir /data\nCMD [\"/start.sh\"]\n",
            ),
            ("start.sh", "#!/bin/sh\nexport MODE=fast\nexec node server.js\n"),
            ("server.js", ""),
        ],
        says: &["COPY start.sh /start.sh", "RUN chmod +x /start.sh && mkdir /data"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a service that mounts a folder of files is none for development",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13-slim\nRUN apt-get update && apt-get install -y nginx curl\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
            ),
            (
                "compose.yaml",
                "services:\n  web:\n    build: .\n    volumes: [\"./public:/srv/public\"]\n    healthcheck: {test: [CMD, curl, -f, localhost]}\n",
            ),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/curl"],
        blocked: None,
    },
    Case {
        what: "the whole base is an argument that compose passes",
        files: &[
            (
                "Dockerfile",
                "ARG IMAGE=postgres:16-alpine\nFROM ${IMAGE}\nCOPY init.sql /docker-entrypoint-initdb.d/\n",
            ),
            ("init.sql", ""),
            (
                "compose.yaml",
                "services:\n  db:\n    build:\n      context: .\n      args:\n        IMAGE: ${IMAGE:-postgres:16-alpine}\n",
            ),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("ARG IMAGE names the whole base"),
    },
    Case {
        what: "a stage that an ARG chooses, and CI builds with another value",
        files: &[
            (
                "Dockerfile",
                "ARG KIND=slim\nFROM python:3.13-slim AS slim-base\nFROM python:3.13 AS full-base\nEXPOSE 80\nFROM ${KIND}-base\nWORKDIR /app\nCOPY a.py .\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", "print(1)\n"),
            ("Makefile", "full:\n\tdocker build --build-arg KIND=full -t full .\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("Makefile builds with ARG KIND, and FROM ${KIND}-base is another stage then"),
    },
    Case {
        what: "what a stage below makes of an ARG changes with the ARG",
        files: &[
            (
                "Dockerfile",
                "FROM node:22 AS base\nARG VERSION=dev\nENV APP_VERSION=${VERSION}\nFROM base\nWORKDIR /app\nCOPY a.js .\nCMD [\"node\", \"a.js\"]\n",
            ),
            ("a.js", "console.log(process.env.APP_VERSION)\n"),
            ("Makefile", "image:\n\tdocker build --build-arg VERSION=1 -t a .\n"),
        ],
        says: &["FROM gcr.io/distroless/nodejs22-debian13:nonroot", "ENV APP_VERSION=${VERSION}"],
        lacks: &["APP_VERSION=dev"],
        blocked: None,
    },
    Case {
        what: "sources that a mount of no type brings are searched",
        files: &[
            (
                "Dockerfile",
                "FROM golang:1.24 AS build\nWORKDIR /s\nRUN --mount=target=. CGO_ENABLED=0 go build -o /web .\nFROM debian:13\nRUN apt-get update && apt-get install -y git vim && git config --system core.quotepath false\nCOPY --from=build /web /web\nCMD [\"/web\"]\n",
            ),
            MODULE,
            (
                "main.go",
                "package main\n\nimport \"os/exec\"\n\nfunc main() { exec.Command(\"git\", \"log\").Run() }\n",
            ),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/git"],
        blocked: None,
    },
    Case {
        what: "what the only compose file starts is a fact, even if it looks like development",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm i -g nodemon\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("server.js", ""),
            (
                "compose.yaml",
                "services:\n  web:\n    build: .\n    command: /bin/sh -c 'nodemon -e js,html index.js'\n",
            ),
        ],
        says: &[],
        lacks: &["/bin/dash"],
        blocked: Some("web in compose.yaml starts sh, which the new base cannot"),
    },
    Case {
        what: "a service beside the one for production is for development",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n"),
            ("server.js", ""),
            ("compose.yaml", "services:\n  web:\n    build: .\n"),
            (
                "compose.override.yaml",
                "services:\n  web:\n    command: npm run dev\n    volumes: [\".:/app\"]\n",
            ),
        ],
        says: &["FROM gcr.io/distroless/nodejs22-debian13:nonroot"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "what a Makefile executes inside at a terminal stays",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13-slim\nRUN apt-get update && apt-get install -y nginx curl wget\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
            ),
            ("compose.yaml", "services:\n  web:\n    build: .\n"),
            (
                "Makefile",
                "shell:\n\tdocker compose exec web bash\nprobe:\n\tdocker compose exec web curl localhost\n",
            ),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/curl"],
        blocked: None,
    },
    Case {
        what: "and stands in the way of a base that has it not",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n"),
            ("server.js", ""),
            ("compose.yaml", "services:\n  web:\n    build: .\n"),
            ("Makefile", "migrate:\n\tdocker compose run --rm web npm run migrate\n"),
        ],
        says: &[],
        lacks: &["/usr/local/bin/npm"],
        blocked: Some("Makefile in Makefile starts npm"),
    },
    Case {
        what: "a container whose sources come by a mount and that brings tools is for working in",
        files: &[
            (
                "Dockerfile",
                "FROM php:8.3-fpm\nRUN apt-get update && apt-get install -y git vim\nCOPY --from=composer /usr/bin/composer /usr/bin/composer\nCOPY php.ini /usr/local/etc/php/conf.d/\nWORKDIR /var/www/public\n",
            ),
            ("php.ini", ""),
            ("compose.yaml", "services:\n  php:\n    build: .\n    volumes: [\"./:/var/www\"]\n"),
        ],
        says: &[],
        lacks: &["FROM scratch"],
        blocked: Some("its sources come by a mount alone, and it brings composer, git"),
    },
    Case {
        what: "one that brings no such tools, or sources, is not",
        files: &[
            (
                "Dockerfile",
                "FROM php:8.3-apache\nRUN apt-get update && apt-get install -y git && docker-php-ext-install pdo\nCOPY . /var/www/html\n",
            ),
            ("a.php", "<?php echo 1;\n"),
            ("compose.yaml", "services:\n  php:\n    build: .\n    volumes: [\"./:/var/www/html\"]\n"),
        ],
        says: &["FROM scratch"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "what a README says to run inside stays, and what that starts keeps nothing else",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13-slim\nRUN apt-get update && apt-get install -y nginx curl wget\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
            ),
            ("compose.yaml", "services:\n  web:\n    build: .\n    container_name: acme-web-${MODE}\n"),
            (
                "README.md",
                "# Web\n\n| shell | docker exec -it acme-web-prod bash<br>(exit) |\n\nRun `docker exec acme-web-dev curl localhost`, then:\n\n    $ docker compose exec web probe --all\n",
            ),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/curl"],
        blocked: None,
    },
    Case {
        what: "a container that compose names by its service",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13-slim\nRUN apt-get update && apt-get install -y nginx curl wget\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
            ),
            ("compose.yaml", "services:\n  web:\n    build: .\n"),
            ("backup.sh", "docker exec shop_web_1 curl localhost\ndocker exec shop-web-1 wget localhost\n"),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/curl", "/usr/bin/wget"],
        blocked: None,
    },
    Case {
        what: "an ARG without a value in front of the base is empty",
        files: &[
            (
                "Dockerfile",
                "ARG ARCH\nFROM ${ARCH}golang:1.24 AS b\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /web .\nFROM ${ARCH}alpine:3.22\nCOPY --from=b /web /web\nCMD [\"/web\"]\n",
            ),
            MODULE,
            ("main.go", "package main\n\nfunc main() {}\n"),
        ],
        says: &["FROM gcr.io/distroless/static-debian13:nonroot"],
        lacks: &[],
        blocked: None,
    },
];

/// The last fix of a project, as text, and what it assumes.
fn rewritten(files: &[(&str, &str)]) -> (String, Vec<String>) {
    let project = Project::new(Arc::new(Memory::of(files.iter().copied())));
    let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
    let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let rewrite = analysis.rewrite.expect("a rewrite was asked for");
    let patched = rewrite.patch.iter().filter_map(|p| p.after.as_deref());
    let texts: Vec<String> = patched.map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    let assumed = rewrite.applied.iter().flat_map(|f| &f.assumptions).map(|a| a.text.clone()).collect();
    (texts.join("\n"), assumed)
}

#[test]
fn what_the_new_user_depends_on_is_named() {
    const NODE: &str = "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n";
    type Row = (&'static [(&'static str, &'static str)], &'static str);
    let table: [Row; 3] = [
        (
            &[
                ("Dockerfile", NODE),
                ("server.js", ""),
                ("compose.yaml", "services:\n  web:\n    build: .\n    volumes: [\"/srv/data:/data\"]\n"),
            ],
            "what web in compose.yaml mounts at /data can be read by 65532",
        ),
        (
            &[
                (
                    "Dockerfile",
                    "FROM python:3.13\nWORKDIR /app\nCOPY . .\nRUN pip install gunicorn\nCMD [\"gunicorn\", \"--bind\", \"0.0.0.0:80\", \"app:app\"]\n",
                ),
                ("app.py", ""),
            ],
            "port 80 is below 1024",
        ),
        (
            &[
                ("Dockerfile", NODE),
                ("server.js", ""),
                (
                    "compose.yaml",
                    "services:\n  web:\n    image: acme/web\n    healthcheck: {test: [CMD-SHELL, node check.js]}\n",
                ),
            ],
            "web in compose.yaml does not run this image",
        ),
    ];
    for (files, expected) in table {
        let (_, assumed) = rewritten(files);
        assert!(assumed.iter().any(|a| a.contains(expected)), "{expected}: {assumed:#?}");
    }
}

#[test]
fn sources_that_compose_mounts_keep_the_shell_they_call() {
    let dockerfile = "FROM php:8.2-apache\nRUN apt-get update && apt-get install -y apache2-utils\n";
    let compose = "services:\n  web:\n    build: .\n    volumes:\n      - ./src:/var/www/html\n";
    for (source, stays) in [("<?php exec(\"htpasswd -nb a b\");\n", true), ("<?php echo 1;\n", false)] {
        let (text, _) =
            rewritten(&[("Dockerfile", dockerfile), ("compose.yaml", compose), ("src/a.php", source)]);
        assert_eq!(!text.contains("# the shells, last of all"), stays, "{text}");
    }
}

#[test]
fn a_script_that_starts_itself_again_is_the_one_that_was_read() {
    let dockerfile = "FROM debian:13-slim\nRUN apt-get update && apt-get install -y caddy gosu curl\nCOPY run.sh /run.sh\nENTRYPOINT [\"/run.sh\"]\nCMD [\"caddy\"]\n";
    for (word, goes) in [("\"$0\"", true), ("\"$BASH_SOURCE\"", true), ("\"$NEXT\"", false)] {
        let script = format!(
            "#!/bin/bash\nif [ \"$(id -u)\" = 0 ]; then exec gosu www-data {word} \"$@\"; fi\nexec \"$@\"\n"
        );
        let (text, _) = rewritten(&[("Dockerfile", dockerfile), ("run.sh", script.as_str())]);
        assert_eq!(text.contains("/usr/bin/curl"), goes, "{word}: {text}");
        assert!(!text.contains("/usr/sbin/gosu"), "{text}");
    }
}

#[test]
fn compilers_of_old_releases_are_removed_by_a_pattern() {
    let (text, _) =
        rewritten(&[("Dockerfile", "FROM php:7.2-apache\nCOPY a.php /var/www/html/\n"), ("a.php", "")]);
    assert!(text.contains("/usr/bin/gcc-[0-9]*") && !text.contains("gcc-10"), "{text}");
}

#[test]
fn owners_are_given_once_and_to_the_user_that_runs_it() {
    let files = [
        (
            "Dockerfile",
            "FROM node:20\nWORKDIR /app\nCOPY . .\nCMD [\"sh\", \"-c\", \"chown -R node /app/data && node server.js\"]\n",
        ),
        ("server.js", ""),
        ("compose.yaml", "services:\n  web:\n    build: .\n    volumes:\n      - /srv/data:/app/data\n"),
    ];
    let (text, _) = rewritten(&files);
    assert!(text.contains("chown -R 65532:65532 /app/data"), "{text}");
    assert_eq!(text.matches("chown -R").count(), 1, "{text}");
    assert_eq!(text.matches("/srv/data:/app/data").count(), 2, "{text}");
}
