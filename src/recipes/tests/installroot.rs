//! Programs of a distribution's packages with what they need, and where the whole image stays instead.

use super::Case;

pub(super) const CASES: [Case; 10] = [
    Case {
        what: "a server of one of Debian's packages, with a configuration of one's own",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13-slim\nRUN apt-get update && apt-get install -y --no-install-recommends mosquitto curl && rm -rf /var/lib/apt/lists/*\nCOPY lamp.conf /etc/mosquitto/conf.d/\nEXPOSE 1883\nCMD [\"mosquitto\", \"-c\", \"/etc/mosquitto/mosquitto.conf\"]\n",
            ),
            ("lamp.conf", "listener 1883\n"),
        ],
        says: &[
            "    packages='mosquitto'; \\",
            "    cp -a --parents /etc/passwd /etc/group /etc/mosquitto/conf.d /image; \\",
            "FROM scratch",
            "COPY --from=build /image/ /",
            "EXPOSE 1883",
        ],
        lacks: &["rm -rf \\"],
        blocked: None,
    },
    Case {
        what: "packages beside the program's own, and what their installation makes",
        files: &[(
            "Dockerfile",
            "FROM debian:12\nRUN apt-get update && apt-get install -y nginx ca-certificates vim\nCMD nginx -g 'daemon off;'\n",
        )],
        says: &[
            "    packages='ca-certificates nginx nginx-common'; \\",
            "    cp -a --parents /etc/passwd /etc/group /etc/nginx /etc/ssl /usr/lib/ssl/certs /usr/lib/ssl/openssl.cnf /var/www /image; \\",
            "CMD [\"nginx\", \"-g\", \"daemon off;\"]",
        ],
        lacks: &["rm -rf \\"],
        blocked: None,
    },
    Case {
        what: "a package of which nobody knows who needs it",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN apt-get update && apt-get install -y nginx fortunes\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["COPY --from=build / /"],
        lacks: &["/image"],
        blocked: None,
    },
    Case {
        what: "a RUN that does more than to install and to configure",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN apt-get update && apt-get install -y nginx && make -C /src install\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["COPY --from=build / /"],
        lacks: &["/image"],
        blocked: None,
    },
    Case {
        what: "a source of packages that is not Debian's",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13\nCOPY nginx.list /etc/apt/sources.list.d/\nRUN apt-get update && apt-get install -y nginx\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
            ),
            ("nginx.list", "deb https://nginx.org/packages/debian trixie nginx\n"),
        ],
        says: &["COPY --from=build / /"],
        lacks: &["/image"],
        blocked: None,
    },
    Case {
        what: "a start script needs a shell",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13\nRUN apt-get update && apt-get install -y nginx\nCOPY run.sh /run.sh\nCMD [\"/run.sh\"]\n",
            ),
            ("run.sh", "#!/bin/sh\nfor f in /start.d/*; do . \"$f\"; done\nexec nginx\n"),
        ],
        says: &["COPY --from=build / /"],
        lacks: &["/image"],
        blocked: None,
    },
    Case {
        what: "a release of which nothing is known",
        files: &[(
            "Dockerfile",
            "FROM debian:10\nRUN apt-get update && apt-get install -y nginx\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &["COPY --from=build / /"],
        lacks: &["/image"],
        blocked: None,
    },
    Case {
        what: "a user that the Dockerfile makes has a home that no package holds",
        files: &[(
            "Dockerfile",
            "FROM debian:13\nRUN apt-get update && apt-get install -y jq && useradd -m lamp\nUSER lamp\nENTRYPOINT [\"jq\"]\n",
        )],
        says: &["COPY --from=build / /"],
        lacks: &["/image"],
        blocked: None,
    },
    Case {
        what: "a folder of the system holds more than what is copied there",
        files: &[
            (
                "Dockerfile",
                "FROM debian:13\nRUN apt-get update && apt-get install -y nginx\nCOPY root /etc\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
            ),
            ("root/motd", "hello\n"),
        ],
        says: &["COPY --from=build / /"],
        lacks: &["/image"],
        blocked: None,
    },
    Case {
        what: "a program that no list of programs names",
        files: &[(
            "Dockerfile",
            "FROM debian:13-slim\nRUN apt-get update && apt-get install -y --no-install-recommends shellcheck less\nENTRYPOINT [\"shellcheck\"]\n",
        )],
        says: &["    packages='shellcheck'; \\", "ENTRYPOINT [\"shellcheck\"]"],
        lacks: &["rm -rf \\"],
        blocked: None,
    },
];
