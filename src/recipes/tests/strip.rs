//! What is taken out in place, what stays, and how the start is written then.

use super::Case;

pub(super) const CASES: [Case; 56] = [
    Case {
        what: "a start script that reads scripts whose names it finds at start",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13-slim\nRUN apt-get update && apt-get install -y nginx curl\nCOPY run.sh /run.sh\nCMD [\"/run.sh\"]\n",
            ),
            ("run.sh", "#!/bin/sh\nfor f in /start.d/*; do . \"$f\"; done\nexec nginx\n"),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/curl"],
        blocked: None,
    },
    Case {
        what: "a script that a wrapper starts",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.3-slim\nWORKDIR /app\nRUN apt-get update && apt-get install -y nodejs curl\nCOPY . .\nENTRYPOINT [\"bundle\", \"exec\"]\nCMD [\"./run.sh\"]\n",
            ),
            ("run.sh", "#!/bin/sh\nexec puma\n"),
            ("Gemfile", "gem 'puma'\n"),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/dash", "/usr/bin/sh"],
        blocked: None,
    },
    Case {
        what: "an ENTRYPOINT of nothing leaves the start to CMD",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13-slim\nRUN apt-get update && apt-get install -y nginx\nCOPY run.sh /run.sh\nENTRYPOINT [\"\"]\nCMD [\"/run.sh\"]\n",
            ),
            ("run.sh", "#!/bin/sh\nexec nginx\n"),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/dash", "/usr/bin/sh"],
        blocked: None,
    },
    Case {
        what: "a file that ends in a continuation",
        files: &[(
            "Dockerfile",
            "FROM debian:13-slim\nCMD [\"caddy\", \"-g\", \"daemon off;\"]\nRUN apt-get update && apt-get install -y caddy \\\n",
        )],
        says: &["RUN apt-get update && apt-get install -y caddy", "RUN rm -rf \\", "COPY --from=build / /"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a user that an argument names",
        files: &[(
            "Dockerfile",
            "FROM debian:13-slim\nARG APP_USER=joe\nRUN useradd $APP_USER && apt-get update && apt-get install -y nginx\nUSER $APP_USER\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["FROM scratch", "USER $APP_USER"],
        lacks: &["FROM scratch\nENV"],
        blocked: None,
    },
    Case {
        what: "a command that is no JSON",
        files: &[(
            "Dockerfile",
            "FROM debian:13-slim\nRUN apt-get update && apt-get install -y nginx curl\nCMD [\"nginx\", \"-g\", \"daemon off;\"]doc\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("is meant to be a JSON array"),
    },
    Case {
        what: "a client that no line of the build uses is there for the application, whose libraries nobody reads",
        files: &[
            (
                "Dockerfile",
                "FROM composer:2 AS libraries\nWORKDIR /app\nCOPY . .\nRUN composer install\nFROM php:8.4-cli\nRUN apt-get update && apt-get install -y git curl\nCOPY --from=libraries /app /app\nCMD [\"php\", \"/app/a.php\"]\n",
            ),
            ("a.php", "<?php echo 1;\n"),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/git"],
        blocked: None,
    },
    Case {
        what: "a client that only an application without libraries could use",
        files: &[(
            "Dockerfile",
            "FROM debian:13-slim\nRUN apt-get update && apt-get install -y caddy git\nCMD [\"caddy\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["        /usr/bin/git /usr/bin/scp /usr/bin/sftp /usr/bin/ssh /usr/bin/ssh-keyscan \\"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a client that the build uses goes with it",
        files: &[(
            "Dockerfile",
            "FROM debian:13-slim\nRUN apt-get update && apt-get install -y nginx git curl && git clone https://example.org/x.git /x\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &[
            "FROM scratch",
            "        /usr/bin/curl /usr/bin/git /usr/bin/scp /usr/bin/sftp /usr/bin/ssh /usr/bin/ssh-keyscan \\",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a base that each platform has a stage for",
        files: &[(
            "Dockerfile",
            "FROM debian:13-slim AS base-amd64\nFROM debian:13-slim AS base-arm64\nFROM base-$TARGETARCH AS run\nRUN apt-get update && apt-get install -y nginx\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["FROM base-$TARGETARCH AS build", "FROM scratch AS run"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Python up to 3.12 is given a locale by its image",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y pandoc\nWORKDIR /app\nCOPY . .\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", "print(1)\n"),
        ],
        says: &["FROM scratch", "ENV LANG=C.UTF-8"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Python from 3.13 on is not",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.13-slim\nRUN apt-get update && apt-get install -y pandoc\nWORKDIR /app\nCOPY . .\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", "print(1)\n"),
        ],
        says: &["FROM scratch"],
        lacks: &["ENV LANG"],
        blocked: None,
    },
    Case {
        what: "links to busybox go with it, and are not listed",
        files: &[(
            "Dockerfile",
            "FROM alpine:3.22\nRUN apk add --no-cache nginx\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["FROM scratch", "        # all links to busybox"],
        lacks: &["/usr/bin/wget", "/usr/bin/vi"],
        blocked: None,
    },
    Case {
        what: "the script of PHP's Apache gives way to what it says and starts",
        files: &[
            ("Dockerfile", "FROM php:8.3-apache\nENV APACHE_RUN_USER=daemon\nCOPY . /var/www/html\n"),
            ("index.php", "<?php echo 1;\n"),
        ],
        says: &[
            "CMD [\"apache2\", \"-DFOREGROUND\"]",
            "ENV APACHE_RUN_DIR=/var/run/apache2",
            "        /usr/bin/bash /usr/bin/dash /usr/bin/rbash /usr/bin/sh",
        ],
        lacks: &["APACHE_RUN_USER=www-data", "docker-php-entrypoint"],
        blocked: None,
    },
    Case {
        what: "but not where its variables were changed",
        files: &[
            (
                "Dockerfile",
                "FROM php:8.3-apache\nRUN echo 'export A=1' >> /etc/apache2/envvars\nCOPY . /var/www/html\n",
            ),
            ("index.php", "<?php echo 1;\n"),
        ],
        says: &["CMD [\"apache2-foreground\"]"],
        lacks: &["/usr/bin/bash", "/bin/bash"],
        blocked: None,
    },
    Case {
        what: "nor where a folder that it fills is mounted",
        files: &[
            ("Dockerfile", "FROM php:8.3-apache\nCOPY index.php /var/www/html/\n"),
            ("index.php", "<?php echo 1;\n"),
            ("compose.yaml", "services:\n  a:\n    build: .\n    volumes: [run:/run]\n"),
        ],
        says: &["CMD [\"apache2-foreground\"]"],
        lacks: &["/usr/bin/bash", "/bin/bash"],
        blocked: None,
    },
    Case {
        what: "nor where its Apache is too old for a process id that a crash left",
        files: &[("Dockerfile", "FROM php:5.5-apache\nCOPY index.php /var/www/html/\n"), ("index.php", "")],
        says: &["CMD [\"apache2-foreground\"]"],
        lacks: &["/bin/bash"],
        blocked: None,
    },
    Case {
        what: "Redis starts as its user, without the script that gives up root",
        files: &[
            (
                "Dockerfile",
                "FROM redis:7.2\nCOPY redis.conf /etc/redis/\nCMD [\"/etc/redis/redis.conf\", \"--port\", \"7000\"]\n",
            ),
            ("redis.conf", ""),
        ],
        says: &[
            "USER redis",
            "CMD [\"redis-server\", \"/etc/redis/redis.conf\", \"--port\", \"7000\"]",
            "        /usr/bin/bash /usr/bin/dash /usr/bin/rbash /usr/bin/sh",
        ],
        lacks: &["docker-entrypoint.sh"],
        blocked: None,
    },
    Case {
        what: "Bun runs a source itself",
        files: &[
            (
                "Dockerfile",
                "FROM oven/bun:1\nWORKDIR /app\nCOPY . .\nUSER bun\nCMD [\"bun\", \"run\", \"index.ts\"]\n",
            ),
            ("package.json", "{}"),
            ("index.ts", "Bun.serve({ fetch: () => new Response('ok') })\n"),
        ],
        says: &[
            "CMD [\"bun\", \"run\", \"index.ts\"]",
            "        /usr/bin/bash /usr/bin/dash /usr/bin/rbash /usr/bin/sh",
        ],
        lacks: &["docker-entrypoint.sh"],
        blocked: None,
    },
    Case {
        what: "its entrypoint script puts it in front of one",
        files: &[
            ("Dockerfile", "FROM oven/bun:1\nWORKDIR /app\nCOPY . .\nCMD [\"index.ts\"]\n"),
            ("package.json", "{}"),
            ("index.ts", "Bun.serve({ fetch: () => new Response('ok') })\n"),
        ],
        says: &["ENTRYPOINT [\"/usr/local/bin/docker-entrypoint.sh\"]"],
        lacks: &["/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "what a script adds to a command is part of it",
        files: &[
            ("Dockerfile", "FROM haproxy:3.0\nCOPY haproxy.cfg /usr/local/etc/haproxy/\n"),
            ("haproxy.cfg", ""),
        ],
        says: &["CMD [\"haproxy\", \"-W\", \"-db\", \"-f\", \"/usr/local/etc/haproxy/haproxy.cfg\"]"],
        lacks: &["docker-entrypoint.sh"],
        blocked: None,
    },
    Case {
        what: "a service elsewhere counts on it",
        files: &[
            ("Dockerfile", "FROM haproxy:3.0\nCOPY haproxy.cfg /usr/local/etc/haproxy/\n"),
            ("haproxy.cfg", ""),
            ("compose.yaml", "services:\n  a:\n    build: .\n    command: [haproxy, -f, /x.cfg]\n"),
        ],
        says: &["ENTRYPOINT [\"docker-entrypoint.sh\"]"],
        lacks: &["\"-db\""],
        blocked: None,
    },
    Case {
        what: "not where its files come from a folder of the host",
        files: &[
            (
                "Dockerfile",
                "FROM redis:7.2\nCOPY redis.conf /etc/redis/\nCMD [\"redis-server\", \"/etc/redis/redis.conf\"]\n",
            ),
            ("redis.conf", ""),
            ("compose.yaml", "services:\n  a:\n    build: .\n    volumes: [./data:/data]\n"),
            ("data/x", ""),
        ],
        says: &["ENTRYPOINT [\"docker-entrypoint.sh\"]"],
        lacks: &["USER redis", "/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "nor where the script loads modules",
        files: &[
            (
                "Dockerfile",
                "FROM redis:8\nCOPY redis.conf /etc/redis/\nCMD [\"redis-server\", \"/etc/redis/redis.conf\"]\n",
            ),
            ("redis.conf", ""),
        ],
        says: &["ENTRYPOINT [\"docker-entrypoint.sh\"]"],
        lacks: &["USER redis", "/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "an entrypoint script that puts its program in front of options stays where somebody gives them",
        files: &[
            ("Dockerfile", "FROM php:8.3-cli\nCOPY a.php /app/\nCMD [\"php\", \"/app/a.php\"]\n"),
            ("a.php", "<?php echo 1;\n"),
            ("compose.yaml", "services:\n  a:\n    build: .\n    command: [\"-m\"]\n"),
        ],
        says: &["ENTRYPOINT [\"docker-php-entrypoint\"]"],
        lacks: &["/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "SQL for the first start calls no program",
        files: &[
            ("Dockerfile", "FROM postgres:17\nCOPY db /docker-entrypoint-initdb.d\n"),
            ("db/1.sql", ""),
            ("db/2.sql.gz", ""),
        ],
        says: &[
            "ENTRYPOINT [\"docker-entrypoint.sh\"]",
            "        /usr/bin/less /usr/bin/pgrep /usr/bin/pkill /usr/bin/pmap /usr/bin/ps /usr/bin/top \\",
        ],
        lacks: &["/usr/bin/psql", "/usr/bin/bash"],
        blocked: None,
    },
    Case {
        what: "a script for the first start may call any",
        files: &[
            ("Dockerfile", "FROM postgres:17\nCOPY db /docker-entrypoint-initdb.d\n"),
            ("db/1.sql", ""),
            ("db/2.sh", ""),
        ],
        says: &["ENTRYPOINT [\"docker-entrypoint.sh\"]"],
        lacks: &["/usr/bin/less", "/usr/bin/su "],
        blocked: None,
    },
    Case {
        what: "what the base says for the default of an argument holds for no other",
        files: &[(
            "Dockerfile",
            "ARG PG=17
FROM postgres:${PG}-trixie
COPY x.sql /docker-entrypoint-initdb.d/
",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("changes with ARG PG"),
    },
    Case {
        what: "a script that a manifest mounts may call anything",
        files: &[
            (
                "Dockerfile",
                "FROM node:22-alpine
WORKDIR /app
COPY . .
CMD [\"node\", \"a.js\"]
",
            ),
            ("a.js", ""),
            (
                "compose.yaml",
                "services:
  job:
    build: .
    image: example/app
    command: [sh, /scripts/warm.sh]
",
            ),
        ],
        says: &[],
        lacks: &["/usr/bin/wget", "/usr/bin/nc"],
        blocked: None,
    },
    Case {
        what: "a program of the distribution, and nothing else",
        files: &[(
            "Dockerfile",
            "FROM debian:13-slim\nRUN apt-get update && apt-get install -y caddy curl\nCMD [\"caddy\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &[
            "FROM debian:13-slim AS build",
            "FROM scratch",
            "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "COPY --from=build / /",
            "CMD [\"caddy\", \"-g\", \"daemon off;\"]",
            "        /usr/bin/bash /usr/bin/dash /usr/bin/rbash /usr/bin/sh",
        ],
        lacks: &["/var/lib/dpkg/", "WORKDIR", "USER"],
        blocked: None,
    },
    Case {
        what: "a shell that only starts the program goes, and its form with it",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN apt-get update && apt-get install -y redis-server\nCMD exec redis-server --port 7000\n",
        )],
        says: &["CMD [\"redis-server\", \"--port\", \"7000\"]"],
        lacks: &["exec"],
        blocked: None,
    },
    Case {
        what: "one that puts variables in stays, and so does the line",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN apt-get update && apt-get install -y redis-server\nCMD redis-server --port $PORT\n",
        )],
        says: &["CMD redis-server --port $PORT", "        /usr/bin/bash /usr/bin/rbash"],
        lacks: &["/usr/bin/sh", "/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "a relinked shell is what it is linked to",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN ln -sf bash /bin/sh && apt-get update && apt-get install -y redis-server\nCMD redis-server --port $PORT\n",
        )],
        says: &["        /usr/bin/rbash"],
        lacks: &["/usr/bin/bash"],
        blocked: None,
    },
    Case {
        what: "SHELL stays with the command that it reads",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nSHELL [\"/bin/bash\", \"-c\"]\nRUN apt-get update && apt-get install -y redis-server\nCMD redis-server --port $PORT\n",
        )],
        says: &["SHELL [\"/bin/bash\", \"-c\"]", "CMD redis-server --port $PORT"],
        lacks: &[" /usr/bin/bash", " /usr/bin/sh"],
        blocked: None,
    },
    Case {
        what: "a health check keeps its client, not its shell",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN apt-get update && apt-get install -y nginx curl\nHEALTHCHECK --interval=5s CMD curl -f http://localhost/ >/dev/null 2>&1 || exit 1\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["HEALTHCHECK --interval=5s CMD [\"curl\", \"-f\", \"http://localhost/\"]"],
        lacks: &["/usr/bin/curl"],
        blocked: None,
    },
    Case {
        what: "one that does more keeps both",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN apt-get update && apt-get install -y nginx curl\nHEALTHCHECK CMD curl -s http://localhost/ | grep ok\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["HEALTHCHECK CMD curl -s http://localhost/ | grep ok"],
        lacks: &["/usr/bin/curl", "/usr/bin/sh", "/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "busybox stays where one of its applets is used",
        files: &[
            (
                "Dockerfile",
                "FROM alpine:3.22\nRUN apk add redis\nCOPY run.sh /run.sh\nENTRYPOINT [\"/run.sh\"]\n",
            ),
            ("run.sh", "#!/bin/sh\nsleep 1\nexec redis-server\n"),
        ],
        says: &["        /bin/ash"],
        lacks: &["/bin/busybox", "/bin/sh", "readlink"],
        blocked: None,
    },
    Case {
        what: "a script that nobody can read keeps all but package managers and what is for people",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN apt-get update && apt-get install -y curl vim procps\nCOPY start.sh /start.sh\nCMD [\"/start.sh\"]\n",
        )],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/curl", "/usr/bin/ps", "/usr/bin/sh", "/usr/bin/su"],
        blocked: None,
    },
    Case {
        what: "where the base has an entrypoint script that only hands over, it goes with the shell",
        files: &[
            ("Dockerfile", "FROM php:8.3-fpm\nCOPY index.php /var/www/html/\n"),
            ("index.php", "<?php echo 'hello';\n"),
        ],
        says: &["CMD [\"php-fpm\"]", "STOPSIGNAL SIGQUIT", "EXPOSE 9000/tcp", "WORKDIR /var/www/html"],
        lacks: &["ENTRYPOINT"],
        blocked: None,
    },
    Case {
        what: "PHP that starts a program keeps it, and the shell that starts it",
        files: &[
            (
                "Dockerfile",
                "FROM php:8.3-fpm\nRUN apt-get update && apt-get install -y git\nCOPY index.php /var/www/html/\n",
            ),
            ("index.php", "<?php echo exec('git log -1');\n"),
        ],
        says: &["ENTRYPOINT [\"docker-php-entrypoint\"]"],
        lacks: &["/usr/bin/git", "/usr/bin/sh", "/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "the tools are taken out as root, and the user comes back",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN apt-get update && apt-get install -y redis-server\nUSER redis\nRUN mkdir /tmp/x\nCMD [\"redis-server\"]\n",
        )],
        says: &["USER root", "USER redis"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "what the base declares is declared again, what the stage declares is not doubled",
        files: &[("Dockerfile", "FROM httpd:2.4\nCOPY index.html htdocs/\nEXPOSE 80\n"), ("index.html", "")],
        says: &[
            "CMD [\"httpd\", \"-DFOREGROUND\"]",
            "STOPSIGNAL SIGWINCH",
            "EXPOSE 80",
            "ENV HTTPD_PREFIX=/usr/local/apache2",
        ],
        lacks: &["EXPOSE 80/tcp"],
        blocked: None,
    },
    Case {
        what: "an Apache that takes an old process id for another server keeps its script",
        files: &[("Dockerfile", "FROM httpd:2.4.10\nCOPY index.html htdocs/\n"), ("index.html", "")],
        says: &["CMD [\"httpd-foreground\"]"],
        lacks: &["/bin/dash"],
        blocked: None,
    },
    Case {
        what: "a service elsewhere in the project that executes a tool keeps it",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13\nRUN apt-get update && apt-get install -y nginx curl wget\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
            ),
            (
                "compose.yaml",
                "services:\n  web:\n    build: .\n    healthcheck:\n      test: [\"CMD\", \"wget\", \"-q\", \"http://localhost/\"]\n",
            ),
        ],
        says: &["        /usr/bin/curl /usr/bin/wcurl \\"],
        lacks: &["/usr/bin/wget"],
        blocked: None,
    },
    Case {
        what: "a start script of Gradle is one of bash, whatever its name",
        files: &[(
            "Dockerfile",
            "FROM gradle:8-jdk17 AS build\nCOPY . .\nRUN gradle installDist\nFROM eclipse-temurin:17-jre-jammy\nCOPY --from=build /app/build/install/shop /shop\nCMD [\"/shop/bin/shop\"]\n",
        )],
        says: &["FROM eclipse-temurin:17-jre-jammy AS assemble", "CMD [\"/shop/bin/shop\"]"],
        lacks: &["/usr/bin/bash", "/usr/bin/sh", "/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "what the settings of uWSGI start is given to a shell",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.13-slim\nWORKDIR /app\nRUN pip install flask uwsgi\nCOPY . .\nCMD [\"uwsgi\", \"--ini\", \"app.ini\"]\n",
            ),
            ("app.ini", "[uwsgi]\nmodule = app\nattach-daemon = ./worker.py --loop\n"),
            ("app.py", "import flask\napp = flask.Flask(__name__)\n"),
        ],
        says: &["FROM scratch"],
        lacks: &["/usr/bin/dash", "/usr/bin/sh"],
        blocked: None,
    },
    Case {
        what: "a release of Elixir starts through scripts of sh",
        files: &[
            (
                "Dockerfile",
                "FROM elixir:1.18 AS build\nWORKDIR /src\nCOPY . .\nRUN mix release\nFROM debian:13-slim\nCOPY --from=build /src/_build/prod/rel/shop /app\nCMD [\"/app/bin/shop\", \"start\"]\n",
            ),
            ("mix.exs", "defmodule Shop.MixProject do\nend\n"),
        ],
        says: &["        /usr/bin/bash /usr/bin/rbash", "CMD [\"/app/bin/shop\", \"start\"]"],
        lacks: &["/usr/bin/sh", "/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "what a release's own scripts call stays",
        files: &[
            (
                "Dockerfile",
                "FROM elixir:1.18 AS build\nWORKDIR /src\nCOPY . .\nRUN mix do compile + release shop\nFROM debian:13-slim\nRUN apt-get update && apt-get install -y curl wget && curl -V && wget -V\nCOPY --from=build /src/_build/prod/rel/shop /app\nCMD [\"/app/bin/server\"]\n",
            ),
            ("mix.exs", "defmodule Shop.MixProject do\nend\n"),
            ("rel/env.sh.eex", "export RELEASE_NODE=shop@$(curl -s http://169.254.169.254/ip)\n"),
            ("rel/overlays/bin/server", "#!/usr/bin/env bash\nexec ./shop start\n"),
        ],
        says: &["        /usr/bin/wcurl /usr/bin/wget \\"],
        lacks: &["/usr/bin/curl", "/usr/bin/bash"],
        blocked: None,
    },
    Case {
        what: "a release of Distillery starts through scripts of bash",
        files: &[
            (
                "Dockerfile",
                "FROM elixir:1.18 AS build\nWORKDIR /src\nCOPY . .\nRUN mix release\nFROM debian:13-slim\nCOPY --from=build /src/_build/prod/rel/shop /app\nCMD [\"/app/bin/shop\", \"foreground\"]\n",
            ),
            ("mix.exs", "  {:distillery, \"~> 2.0\"}\n"),
        ],
        says: &["        /usr/bin/rbash"],
        lacks: &["/usr/bin/bash", "/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "a release of rebar3 starts through scripts of sh",
        files: &[
            (
                "Dockerfile",
                "FROM erlang:27 AS build\nWORKDIR /src\nCOPY . .\nRUN rebar3 as prod release\nFROM debian:13-slim\nCOPY --from=build /src/_build/prod/rel/lamp /opt/lamp\nENTRYPOINT [\"/opt/lamp/bin/lamp\"]\nCMD [\"foreground\"]\n",
            ),
            ("rebar.config", "{relx, [{release, {lamp, \"1.0.0\"}, [lamp]}]}.\n"),
        ],
        says: &["        /usr/bin/bash /usr/bin/rbash"],
        lacks: &["/usr/bin/sh", "/usr/bin/dash"],
        blocked: None,
    },
    Case {
        what: "an interpreter's console is for people",
        files: &[("Dockerfile", "FROM ruby:3.4\nRUN gem install pry\n")],
        says: &[],
        lacks: &[],
        blocked: Some("starts nothing of its own"),
    },
    Case {
        what: "and so is a tool's own image",
        files: &[("Dockerfile", "FROM maven:3.9\nCOPY settings.xml /root/.m2/\n")],
        says: &[],
        lacks: &[],
        blocked: Some("starts nothing of its own"),
    },
    Case {
        what: "a stage that others stand on is left alone",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13 AS app\nRUN apt-get update && apt-get install -y nginx\nCMD [\"nginx\"]\nFROM app AS more\nCMD [\"nginx\", \"-t\"]\n",
            ),
            ("compose.yaml", "services:\n  a:\n    build: { context: ., target: app }\n"),
        ],
        says: &["FROM app AS build", "FROM scratch AS more"],
        lacks: &["FROM scratch AS app"],
        blocked: None,
    },
    Case {
        what: "a script of the context calls the package manager, and nobody knows what else is started",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13-slim\nRUN apt-get update && apt-get install -y vim\nCOPY rootfs /\nENTRYPOINT [\"/init\"]\n",
            ),
            (
                "rootfs/etc/s6-overlay/s6-rc.d/langs/run",
                "#!/command/with-contenv bash\napt-get install \"$LANGS\"\n",
            ),
        ],
        says: &[],
        lacks: &["/usr/bin/apt-get"],
        blocked: None,
    },
    Case {
        what: "only a service says what is started",
        files: &[
            ("Dockerfile", "FROM python:3.12\nWORKDIR /app\nCOPY a.py .\n"),
            ("a.py", "print(1)\n"),
            ("compose.yaml", "services:\n  a:\n    build: .\n    command: [python, a.py]\n"),
        ],
        says: &["FROM scratch", "CMD [\"python3\"]"],
        lacks: &["/usr/local/bin/python"],
        blocked: None,
    },
    Case {
        what: "a package's file in the place of a link to busybox",
        files: &[(
            "Dockerfile",
            "FROM alpine:3.22\nRUN apk add --no-cache nginx wget\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["        # network clients", "        /usr/bin/wget \\"],
        lacks: &[],
        blocked: None,
    },
];
