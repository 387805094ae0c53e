//! Start-time work: what a patch makes of manifests and compose files, and what stands in its way.

use std::collections::BTreeSet;
use std::sync::Arc;

use barehull_catalog::Catalog;

use crate::engine;
use crate::finding::Level;
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

/// A script in front of an application, run by a manifest or by compose.
struct Case {
    what: &'static str,
    script: &'static str,
    /// Lines of the Dockerfile behind the script's.
    dockerfile: &'static str,
    /// The container's further keys, indented by ten spaces.
    container: &'static str,
    /// Lines of the new manifest.
    says: &'static [&'static str],
    /// Lines of the new Dockerfile.
    builds: &'static [&'static str],
    /// Part of a blocker, where the work must stay.
    blocked: Option<&'static str>,
}

const CASES: [Case; 23] = [
    Case {
        what: "a wait gets an end",
        script: "set -e\nuntil nc -z db 5432; do\n  sleep 1\ndone\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &["      - name: wait-for-db", "          until nc -z db 5432; do", "          set -eu"],
        builds: &["CMD [\"server.js\"]"],
        blocked: None,
    },
    Case {
        what: "bash asks by itself: nc takes its place",
        script: "while ! (echo > /dev/tcp/$DB_HOST/5432) 2>/dev/null; do sleep 1; done\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &["          until nc -z -w 2 \"$DB_HOST\" 5432; do", "          set -e"],
        builds: &[],
        blocked: None,
    },
    Case {
        what: "a well-known script that waits",
        script: "./wait-for-it.sh cache:6379 -t 30\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &["      - name: wait-for-cache", "          until nc -z -w 2 cache 6379; do"],
        builds: &[],
        blocked: None,
    },
    Case {
        what: "a download goes into a volume, with the variables it reads",
        script: "set -e\ncurl -fsS \"$MODEL_URL\" -o /models/m.bin\nexec \"$@\"\n",
        dockerfile: "ENV OTHER=1\n",
        container: "          env:\n          - name: MODEL_URL\n            value: http://m/x\n          - name: SECRET\n            value: s\n",
        says: &[
            "      - name: fetch-m-bin",
            "          curl --retry 5 --connect-timeout 10 -fsS \"$MODEL_URL\" -o /models/m.bin",
            "        - name: MODEL_URL",
            "          mountPath: /models",
            "        emptyDir: {}",
        ],
        builds: &[],
        blocked: None,
    },
    Case {
        what: "a download into the application's own folder, under a condition",
        script: "if [ -n \"$U\" ]; then curl -o /app/m.bin \"$U\"; fi\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("which a volume would hide"),
    },
    Case {
        what: "what is fetched into /tmp",
        script: "curl -fsSL -o /tmp/data.json https://example.org/data.json\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &["              mountPath: /tmp"],
        builds: &["CMD [\"server.js\"]"],
        blocked: None,
    },
    Case {
        what: "a file that is always the same is a ConfigMap",
        script: "cat > /etc/app.conf <<'EOF'\nlisten = $8080\nEOF\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &["kind: ConfigMap", "  app.conf: |", "    listen = $8080", "          subPath: app.conf"],
        builds: &[],
        blocked: None,
    },
    Case {
        what: "a template is rendered by an init container",
        script: "envsubst < /etc/app.tmpl > /etc/app.conf\nexec \"$@\"\n",
        dockerfile: "COPY app.tmpl /etc/app.tmpl\n",
        container: "",
        says: &["        image: nginx:1.28-alpine", "          mountPath: /etc/app.tmpl", "    listen $PORT"],
        builds: &[],
        blocked: None,
    },
    Case {
        what: "a template that is not in the build context",
        script: "envsubst < /opt/app.tmpl > /etc/app.conf\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("it reads /opt/app.tmpl of the image"),
    },
    Case {
        what: "a variable that only the image could give",
        script: "set -e\nnode migrate.js --to \"$LEVEL\"\nnode tools/db migrate\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("migrate reads $LEVEL"),
    },
    Case {
        what: "its variables are the container's",
        script: "set -e\nflyway migrate -url=\"$DB_URL\"\nexec \"$@\"\n",
        dockerfile: "",
        container: "          env:\n          - name: DB_URL\n            value: jdbc:x\n",
        says: &["        command: [\"flyway\", \"migrate\", \"-url=$(DB_URL)\"]"],
        builds: &[],
        blocked: None,
    },
    Case {
        what: "or nobody's",
        script: "set -e\nflyway migrate -url=\"$DB_URL\"\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("reads $DB_URL, which the container does not set by name"),
    },
    Case {
        what: "static files are a matter of the build",
        script: "python manage.py collectstatic --noinput\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("run it in the build"),
    },
    Case {
        what: "owners of the image are set in the build",
        script: "mkdir -p /srv/data && chown node:node /srv/data\nexec gosu node \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &["RUN mkdir -p /srv/data", "RUN chown node:node /srv/data"],
        blocked: None,
    },
    Case {
        what: "owners of a volume are its group",
        script: "if [ \"$(id -u)\" = 0 ]; then\n  chown -R node:node /data\n  exec gosu node \"$0\" \"$@\"\nfi\nexec \"$@\"\n",
        dockerfile: "",
        container: "          volumeMounts:\n          - name: d\n            mountPath: /data\n",
        says: &["        fsGroup: 1000"],
        builds: &["USER 1000:1000"],
        blocked: None,
    },
    Case {
        what: "another process goes on",
        script: "cron &\nuntil nc -z db 1; do sleep 1; done\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("goes on while the application runs"),
    },
    Case {
        what: "what runs depends on the arguments",
        script: "until nc -z db 1; do sleep 1; done\nif [ \"$1\" = web ]; then exec node server.js; fi\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("it decides at start which program runs"),
    },
    Case {
        what: "a secret is the application's own affair",
        script: "export TOKEN=$(cat /run/secrets/token)\nuntil nc -z db 1; do sleep 1; done\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("reads a secret"),
    },
    Case {
        what: "what a download computes is not known to the application",
        script: "export TOKEN=$(curl -s http://x)\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("start script"),
    },
    Case {
        what: "a program that no image is known to have",
        script: "until mytool ping -h db; do sleep 1; done\naws s3 cp s3://b/k /data/k\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("name one with --tool-image"),
    },
    Case {
        what: "packages belong into the build",
        script: "apt-get update && apt-get install -y jq\nexec \"$@\"\n",
        dockerfile: "",
        container: "",
        says: &[],
        builds: &[],
        blocked: Some("do that in the build"),
    },
    Case {
        what: "a manifest that starts the script itself starts what is behind it",
        script: "until nc -z db 1; do sleep 1; done\nexec \"$@\"\n",
        dockerfile: "",
        container: "          command: [\"/start.sh\"]\n          args: [\"node\", \"worker.js\"]\n",
        says: &["command: [\"node\", \"worker.js\"]", "- name: wait-for-db"],
        builds: &[],
        blocked: None,
    },
    Case {
        what: "one that starts it through another program",
        script: "until nc -z db 1; do sleep 1; done\nexec \"$@\"\n",
        dockerfile: "",
        container: "          command: [\"tini\", \"--\", \"/start.sh\", \"node\", \"server.js\"]\n",
        says: &[],
        builds: &[],
        blocked: Some("starts the script itself"),
    },
];

#[test]
fn work_moves_or_stays_for_a_reason() {
    let wrong: Vec<String> = CASES.iter().flat_map(defects).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn commands_of_the_dockerfile_itself_move_too() {
    let table = [
        (
            "CMD python manage.py migrate --noinput && gunicorn app.wsgi",
            Some("CMD [\"gunicorn\", \"app.wsgi\"]"),
            "command: [\"python\", \"manage.py\", \"migrate\", \"--noinput\"]",
        ),
        (
            "ENTRYPOINT until nc -z db 5432; do sleep 1; done; exec python app.py",
            Some("ENTRYPOINT [\"python\", \"app.py\"]"),
            "- name: wait-for-db",
        ),
        ("ENTRYPOINT [\"python\"]\nCMD until nc -z db 1; do sleep 1; done; python app.py", None, ""),
        ("CMD python worker.py & python app.py", None, ""),
    ];
    for (instruction, starts, says) in table {
        let dockerfile = format!(
            "FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y python3\nWORKDIR /app\nCOPY app.py .\n{instruction}\n"
        );
        let manifest = "kind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: example/web:1\n";
        let project = Project::new(Arc::new(Memory::of([
            ("Dockerfile", dockerfile.as_str()),
            ("app.py", "print(1)\n"),
            ("k8s.yaml", manifest),
            ("Makefile", "image:\n\tdocker build -t example/web:1 .\n"),
        ])));
        let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
        let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let rewrite = analysis.rewrite.expect("a rewrite was asked for");
        assert!(rewrite.dropped.is_empty(), "{instruction}: {:?}", rewrite.dropped);
        let moved = rewrite.applied.iter().any(|fix| fix.by == "start-work");
        assert_eq!(moved, starts.is_some(), "{instruction}: {:?}", analysis.blockers);
        let text = |name: &str| {
            let patch = rewrite.patch.iter().find(|p| p.path.as_str() == name);
            String::from_utf8_lossy(patch.and_then(|p| p.after.as_deref()).unwrap_or_default()).into_owned()
        };
        if let Some(line) = starts {
            assert!(text("Dockerfile").lines().any(|l| l == line), "{}", text("Dockerfile"));
            assert!(text("k8s.yaml").contains(says), "{}", text("k8s.yaml"));
        }
    }
}

#[test]
fn who_runs_a_published_image_elsewhere_is_told_of() {
    let workflow = "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - uses: docker/build-push-action@v6\n        with: {context: ., push: true, tags: \"ghcr.io/example/web:1\"}\n";
    for (path, expected) in [(".github/workflows/cd.yml", true), ("notes/cd.yml", false)] {
        let project = Project::new(Arc::new(Memory::of([
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nENTRYPOINT [\"./start.sh\"]\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("start.sh", "#!/bin/sh\nset -e\nuntil nc -z db 5432; do sleep 1; done\nexec \"$@\"\n"),
            ("server.js", ""),
            ("compose.yaml", "services:\n  web:\n    build: .\n"),
            (path, workflow),
        ])));
        let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
        let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let rewrite = analysis.rewrite.expect("a rewrite was asked for");
        let mut assumed = rewrite.applied.iter().flat_map(|fix| &fix.assumptions);
        let told = assumed.any(|a| a.text.contains("publishes but with the files of this project"));
        assert_eq!(told, expected, "{path}: {:?}", analysis.blockers);
    }
}

/// Paths that one container has two mounts at, which the cluster refuses.
fn mounted_twice(manifest: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut twice = Vec::new();
    for line in manifest.lines().map(|line| line.trim_start().trim_start_matches("- ")) {
        if line == "volumeMounts:" {
            seen.clear();
        } else if let Some(path) = line.strip_prefix("mountPath: ")
            && !seen.insert(path)
        {
            twice.push(format!("{path} is mounted twice"));
        }
    }
    twice
}

fn defects(case: &Case) -> Vec<String> {
    let dockerfile = format!(
        "FROM node:22\nWORKDIR /app\nCOPY . .\nCOPY start.sh /start.sh\n{}ENTRYPOINT [\"/start.sh\"]\nCMD [\"node\", \"server.js\"]\n",
        case.dockerfile
    );
    let manifest = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: example/web:1\n{}      volumes:\n      - name: d\n        persistentVolumeClaim:\n          claimName: d\n",
        case.container
    );
    let script = format!("#!/bin/bash\n{}", case.script);
    let project = Project::new(Arc::new(Memory::of([
        ("Dockerfile", dockerfile.as_str()),
        ("start.sh", script.as_str()),
        ("server.js", "require('http').createServer().listen(80)\n"),
        ("app.tmpl", "listen $PORT\n"),
        ("k8s.yaml", manifest.as_str()),
        ("Makefile", "image:\n\tdocker build -t example/web:1 .\n"),
    ])));
    let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
    let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let rewrite = analysis.rewrite.expect("a rewrite was asked for");
    let reasons: Vec<&str> = analysis.blockers.iter().map(|b| b.reason.as_str()).collect();
    let text = |name: &str| {
        let patch = rewrite.patch.iter().find(|p| p.path.as_str() == name);
        String::from_utf8_lossy(patch.and_then(|p| p.after.as_deref()).unwrap_or_default()).into_owned()
    };
    let (dockerfile, manifest) = (text("Dockerfile"), text("k8s.yaml"));
    let mut wrong: Vec<String> = rewrite.dropped.iter().map(|dropped| format!("{dropped:?}")).collect();
    let moved = rewrite.applied.iter().any(|fix| fix.by == "start-work");
    match case.blocked {
        Some(_) if moved => wrong.push("it moved".to_owned()),
        Some(reason) if !reasons.iter().any(|r| r.contains(reason)) => {
            wrong.push(format!("nothing says {reason}"));
        }
        None if !moved => wrong.push("it did not move".to_owned()),
        _ => {}
    }
    let missing = |lines: &[&str], text: &str| -> Vec<String> {
        let lines = lines.iter().filter(|line| !text.lines().any(|l| l.trim_start() == line.trim_start()));
        lines.map(|line| format!("it lacks {line}")).collect()
    };
    wrong.extend(missing(case.says, &manifest));
    wrong.extend(missing(case.builds, &dockerfile));
    wrong.extend(mounted_twice(&manifest));
    if manifest.contains("SECRET") && manifest.matches("SECRET").count() > 1 {
        wrong.push("a variable that nobody reads was copied".to_owned());
    }
    wrong
        .into_iter()
        .map(|what| format!("{}: {what}\n{dockerfile}\n{manifest}\n{reasons:?}", case.what))
        .collect()
}

/// A project without a manifest, and what a sketch makes of it.
fn sketched(files: &[(&str, &str)], level: Level) -> crate::analysis::Rewrite {
    let all = [
        (
            "api/Dockerfile",
            "FROM node:22\nRUN apt-get update && apt-get install -y curl\nWORKDIR /app\nCOPY server.js .\nCOPY start.sh /start.sh\nEXPOSE 8080\nENTRYPOINT [\"/start.sh\"]\nCMD [\"node\", \"server.js\"]\n",
        ),
        ("api/start.sh", "#!/bin/sh\nset -e\ncurl -fsS \"$MODEL_URL\" -o /models/m.bin\nexec \"$@\"\n"),
        ("api/server.js", "require('http').createServer().listen(8080)\n"),
    ];
    let project = Project::new(Arc::new(Memory::of(all.into_iter().chain(files.iter().copied()))));
    let input = Input { path: ProjectPath::new("api/Dockerfile").expect("a path"), text: None };
    let options = Options { fixes: Some(level), ..Options::new(Catalog::builtin()) };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let rewrite = analysis.rewrite.expect("a rewrite was asked for");
    assert!(rewrite.dropped.is_empty(), "{:?}", rewrite.dropped);
    rewrite
}

#[test]
fn without_a_manifest_a_sketch_adds_one() {
    let rewrite = sketched(&[], Level::Sketch);
    let new = rewrite.patch.iter().find(|p| p.path.as_str() == "api/k8s/api.yaml").expect("a new file");
    let text = String::from_utf8_lossy(new.after.as_deref().unwrap_or_default()).into_owned();
    for line in [
        "image: \"api:TODO\"",
        "- containerPort: 8080",
        "- name: fetch-m-bin",
        "curl --retry 5 --connect-timeout 10 -fsS \"$MODEL_URL\" -o /models/m.bin",
        "value: TODO",
        "emptyDir: {}",
    ] {
        assert!(text.lines().any(|l| l.trim() == line), "{line}\n{text}");
    }
    // Who asks for no sketch gets the image without it, and is told.
    let rewrite = sketched(&[], Level::Review);
    assert!(rewrite.patch.iter().all(|p| !p.path.as_str().contains("k8s")));
    assert!(rewrite.withheld.iter().any(|fix| fix.by == "start-work" && fix.level == Level::Sketch));
    assert!(!rewrite.applied.is_empty());
}

#[test]
fn of_a_chart_it_says_what_to_add() {
    let chart = [
        ("api/chart/Chart.yaml", "name: api\n"),
        ("api/chart/values.yaml", "image:\n  repository: x/api\n"),
        (
            "api/chart/templates/deployment.yaml",
            "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: {{ .Values.image.repository }}\n",
        ),
    ];
    let rewrite = sketched(&chart, Level::Sketch);
    let fix = rewrite.applied.iter().find(|fix| fix.by == "start-work").expect("a sketch");
    let [by_hand] = fix.by_hand.as_slice() else { panic!("{:?}", fix.by_hand) };
    assert_eq!(by_hand.path.as_str(), "api/chart/templates/deployment.yaml");
    assert!(by_hand.text.contains("initContainers:\n  - name: fetch-m-bin"), "{}", by_hand.text);
    assert!(rewrite.patch.iter().all(|p| p.path.as_str() == "api/Dockerfile"), "{:?}", rewrite.patch.len());
}

#[test]
fn what_docker_checks_the_kubelet_asks() {
    let dockerfile = "FROM node:22\nWORKDIR /app\nCOPY server.js .\nHEALTHCHECK --interval=20s --timeout=2s --retries=5 CMD curl -f http://localhost:8080/health || exit 1\nCMD [\"node\", \"server.js\"]\n";
    let table = [
        (
            "",
            Some(
                "readinessProbe:\n          httpGet:\n            path: /health\n            port: 8080\n          periodSeconds: 20\n          timeoutSeconds: 2\n          failureThreshold: 5\n",
            ),
        ),
        ("        livenessProbe: {tcpSocket: {port: 8080}}\n", None),
    ];
    for (container, says) in table {
        let manifest = format!(
            "kind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: acme/web:1\n{container}"
        );
        let project = Project::new(Arc::new(Memory::of([
            ("Dockerfile", dockerfile),
            ("server.js", "require('http').createServer().listen(8080)\n"),
            ("web.yaml", manifest.as_str()),
            ("Makefile", "image:\n\tdocker build -t acme/web:1 .\n"),
        ])));
        let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
        let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let unasked = analysis.findings.iter().any(|finding| finding.rule.id == "healthcheck-not-asked");
        assert_eq!(unasked, says.is_some());
        let rewrite = analysis.rewrite.expect("a rewrite was asked for");
        assert!(rewrite.dropped.is_empty(), "{:?}", rewrite.dropped);
        let patch = rewrite.patch.iter().find(|p| p.path.as_str() == "web.yaml").expect("it is hardened");
        let after = String::from_utf8_lossy(patch.after.as_deref().unwrap_or_default()).into_owned();
        assert_eq!(after.contains("readinessProbe"), says.is_some(), "{after}");
        assert!(after.contains(says.unwrap_or_default()), "{after}");
    }
}

#[test]
fn a_migration_becomes_a_job_where_somebody_asks_for_it() {
    let manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      serviceAccountName: web\n      containers:\n      - name: web\n        image: example/web:1\n        env:\n        - name: DB_HOST\n          value: db\n        volumeMounts:\n        - name: uploads\n          mountPath: /uploads\n      volumes:\n      - name: uploads\n        persistentVolumeClaim: {claimName: uploads}\n      - name: other\n        emptyDir: {}\n";
    let script = "#!/bin/sh\nset -e\nuntil nc -z db 5432; do sleep 1; done\nnode_modules/.bin/knex migrate:latest\nexec \"$@\"\n";
    let run = |manifest: &str, script: &str, level| {
        let project = Project::new(Arc::new(Memory::of([
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY server.js .\nCOPY start.sh /start.sh\nENTRYPOINT [\"/start.sh\"]\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("start.sh", script),
            ("server.js", "require('http').createServer().listen(80)\n"),
            ("k8s/web.yaml", manifest),
            ("Makefile", "image:\n\tdocker build -t example/web:1 .\n"),
        ])));
        let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
        let migrations = crate::options::Migrations::Job;
        let options = Options { fixes: Some(level), migrations, ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        assert!(analysis.rewrite.as_ref().is_some_and(|rewrite| rewrite.dropped.is_empty()));
        analysis
    };
    let rewrite = run(manifest, script, Level::Sketch).rewrite.expect("a rewrite was asked for");
    let text = |name: &str| {
        let patch = rewrite.patch.iter().find(|p| p.path.as_str() == name).expect(name);
        String::from_utf8_lossy(patch.after.as_deref().unwrap_or_default()).into_owned()
    };
    insta::assert_snapshot!(text("k8s/web-migrate-latest.yaml"));
    // The pods still wait, and no longer migrate.
    let web = text("k8s/web.yaml");
    assert!(web.contains("name: wait-for-db") && !web.contains("knex"), "{web}");
    let rewrite = run(manifest, script, Level::Review).rewrite.expect("a rewrite was asked for");
    assert!(rewrite.withheld.iter().any(|fix| fix.by == "start-work" && fix.level == Level::Sketch));
    // A volume that each pod has of its own, and files that the work before makes.
    let claims = manifest.replace("kind: Deployment", "kind: StatefulSet").replace(
        "      volumes:\n      - name: uploads\n        persistentVolumeClaim: {claimName: uploads}\n",
        "      volumes:\n",
    ) + "  volumeClaimTemplates:\n  - metadata: {name: uploads}\n";
    let download = script.replace("until nc -z db 5432; do sleep 1; done", "curl -o /seed/x.json http://s/x");
    for (manifest, script, reason) in [
        (claims.as_str(), script, "each pod has a volume uploads of its own, which no Job can mount"),
        (manifest, download.as_str(), "may read the files that fetch-x-json makes, which a Job has not"),
    ] {
        let analysis = run(manifest, script, Level::Sketch);
        assert!(
            analysis.blockers.iter().any(|b| b.reason.contains(reason)),
            "{reason}: {:#?}",
            analysis.blockers
        );
    }
}
