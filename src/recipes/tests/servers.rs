//! Sites on nginx, and images with a tag for debugging.

use std::sync::Arc;

use barehull_catalog::Catalog;

use super::Case;
use crate::engine;
use crate::finding::Level;
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

pub(super) const CASES: [Case; 10] = [
    Case {
        what: "a certificate that is made in the build, whose key only root could read",
        files: &[(
            "Dockerfile",
            "FROM nginx:1.28-alpine\nRUN apk add --no-cache openssl bash\nRUN openssl req -x509 -nodes -days 365 -subj /CN=x -newkey rsa:2048 -keyout /etc/nginx/ssl/key.pem -out /etc/nginx/ssl/cert.pem\nCOPY html /usr/share/nginx/html\n",
        )],
        says: &[
            "RUN apk add --no-cache openssl bash",
            "COPY --from=build --chown=101:101 /etc/nginx /etc/nginx",
            "COPY --from=build /usr/share/nginx/html /usr/share/nginx/html",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "templates are rendered at every start",
        files: &[
            ("Dockerfile", "FROM nginx:1.28\nCOPY default.conf.template /etc/nginx/templates/\n"),
            ("default.conf.template", "server { listen ${PORT}; }\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("reads /etc/nginx/templates at every start"),
    },
    Case {
        what: "a log file elsewhere",
        files: &[
            ("Dockerfile", "FROM nginx:1.28\nCOPY site.conf /etc/nginx/conf.d/default.conf\n"),
            ("site.conf", "server {\n  listen 80;\n  access_log /logs/site.log; # here\n}\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("writes to /logs/site.log (access_log)"),
    },
    Case {
        what: "a configuration that is mounted keeps its user and pid",
        files: &[
            ("Dockerfile", "FROM nginx:1.28\nCOPY site /usr/share/nginx/html\n"),
            ("site/index.html", ""),
            (
                "compose.yaml",
                "services:\n  web:\n    build: .\n    volumes: [\"./conf/nginx.conf:/etc/nginx/nginx.conf:ro\"]\n",
            ),
            ("conf/nginx.conf", ""),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("mounts nginx.conf"),
    },
    Case {
        what: "start-time work of a command",
        files: &[(
            "Dockerfile",
            "FROM nginx:1.28\nCMD envsubst < /a > /etc/nginx/conf.d/default.conf && nginx -g 'daemon off;'\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("its command needs a shell"),
    },
    Case {
        what: "a dynamic module goes along; a user in the middle builds on as root",
        files: &[
            (
                "Dockerfile",
                "FROM nginx:1.28-alpine\nCOPY nginx.conf /etc/nginx/\nUSER nginx\nCOPY site /srv/site\n",
            ),
            ("nginx.conf", "load_module modules/ngx_http_image_filter_module.so;\nevents {}\n"),
            ("site/index.html", ""),
        ],
        says: &[
            "USER root",
            "FROM scratch",
            "COPY --from=build /usr/lib/nginx/modules /usr/lib/nginx/modules",
            "COPY --from=build /srv/site /srv/site",
            "COPY --from=build --chown=101:101 /var/cache/nginx /var/cache/nginx",
            "STOPSIGNAL SIGQUIT",
            "EXPOSE 80",
            "USER 101:101",
            "CMD [\"nginx\", \"-g\", \"daemon off;\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a health check that needs the busybox of the debug tag",
        files: &[(
            "Dockerfile",
            "FROM gcr.io/distroless/static-debian13:debug\nCOPY app /app\nHEALTHCHECK CMD [\"/busybox/wget\", \"-q\", \"http://localhost/\"]\nENTRYPOINT [\"/app\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("HEALTHCHECK starts wget, which only the tag with a shell has"),
    },
    Case {
        what: "a manifest that starts a shell",
        files: &[
            (
                "Dockerfile",
                "FROM gcr.io/distroless/static-debian13:debug\nCOPY app /app\nENTRYPOINT [\"/app\"]\n",
            ),
            ("app", ""),
            (
                "compose.yaml",
                "services:\n  app:\n    build: .\n    entrypoint: [\"/busybox/sh\", \"-c\", \"/app --init && exec /app\"]\n",
            ),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("starts sh as its entrypoint"),
    },
    Case {
        what: "an entrypoint that is cleared stays so, and the stage below is the one that changes",
        files: &[(
            "Dockerfile",
            "FROM gcr.io/distroless/nodejs22-debian13:debug-nonroot AS base\nWORKDIR /app\nFROM base\nCOPY app.js .\nENTRYPOINT []\nCMD [\"/nodejs/bin/node\", \"app.js\"]\n",
        )],
        says: &[
            "FROM gcr.io/distroless/nodejs22-debian13:nonroot AS base",
            "ENTRYPOINT []",
            "CMD [\"/nodejs/bin/node\", \"app.js\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "the free tags of a vendor",
        files: &[(
            "Dockerfile",
            "FROM cgr.dev/chainguard/glibc-dynamic:latest-dev\nCOPY --chown=65532 app /app\nUSER nonroot\nENTRYPOINT [\"/app\"]\n",
        )],
        says: &["FROM cgr.dev/chainguard/glibc-dynamic:latest", "USER nonroot"],
        lacks: &[],
        blocked: None,
    },
];

#[test]
fn a_preferred_vendor_serves_what_fits_and_nothing_else() {
    let site = ("site.conf", "server { listen 8080; }\n");
    let plain = "FROM nginx:1.28\nCOPY site.conf /etc/nginx/conf.d/default.conf\nCOPY html /usr/share/nginx/html\nEXPOSE 8080\n";
    let built = format!("{plain}RUN gzip -k /usr/share/nginx/html/index.html\n");
    for (dockerfile, base) in
        [(plain, "cgr.dev/chainguard/nginx:latest"), (&built, "cgr.dev/chainguard/glibc-dynamic:latest")]
    {
        let files = [("Dockerfile", dockerfile), site, ("html/index.html", "")];
        let project = Project::new(Arc::new(Memory::of(files)));
        let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
        let options = Options {
            fixes: Some(Level::Review),
            base_preference: vec!["chainguard".to_owned()],
            ..Options::new(Catalog::builtin())
        };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let rewrite = analysis.rewrite.expect("a rewrite was asked for");
        let after = rewrite.patch.first().and_then(|p| p.after.as_deref()).unwrap_or_default();
        let after = String::from_utf8_lossy(after);
        assert!(after.lines().any(|l| l == format!("FROM {base}")), "{after}");
    }
}
