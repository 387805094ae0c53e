//! Small projects, and what is seen in them of the image of `Dockerfile`.

use std::fmt::Write;
use std::sync::Arc;

use super::super::{Memory, Project, ProjectPath};
use super::{Command, Development, HealthCheck, Matched, OutsideUse};

/// Uses of `Dockerfile` (or another file) in a project, one a line; the fields that are set.
fn uses(dockerfile: &str, files: &[(&str, &str)]) -> Vec<String> {
    let mut memory = Memory::of(files.iter().copied());
    if !files.iter().any(|(path, _)| *path == dockerfile) {
        memory.write(ProjectPath::new(dockerfile).unwrap(), b"FROM scratch\n", false);
    }
    let project = Project::new(Arc::new(memory));
    project
        .outside_uses(&ProjectPath::new(dockerfile).unwrap())
        .iter()
        .map(|used| show(used, files))
        .collect()
}

fn command(command: &Command) -> String {
    match command {
        Command::Exec(words) => format!("[{}]", words.join(" ")),
        Command::Shell(text) => format!("`{}`", text.replace('\n', "; ")),
        Command::Unresolved(text) => format!("?{}", super::variables::shown(text)),
    }
}

fn show(used: &OutsideUse, files: &[(&str, &str)]) -> String {
    let text = files.iter().find(|(path, _)| *path == used.at.path.as_str()).map_or("", |(_, text)| text);
    let at = text[used.at.span.range()].split('\n').next().unwrap_or_default();
    let mut line = format!("{} {:?}", used.at.path, at);
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(line, " {name}={value}");
        }
    };
    field("name", used.name.clone());
    field("image", used.image.clone());
    if let Some(build) = &used.build {
        field("build", Some(build.dockerfile.to_string()));
        field("context", build.context.as_ref().map(ToString::to_string));
        let args =
            build.args.iter().map(|(name, value)| format!("{name}:{}", value.as_deref().unwrap_or("?")));
        field("args", (!build.args.is_empty()).then(|| args.collect::<Vec<_>>().join(",")));
        let names = build.names.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        field("names", (!names.is_empty()).then_some(names));
    }
    field("target", used.target.as_ref().map(|target| target.value.clone()));
    field("entrypoint", used.entrypoint.as_ref().map(|sited| command(&sited.value)));
    field("command", used.command.as_ref().map(|sited| command(&sited.value)));
    for check in &used.health_checks {
        let text = match &check.value {
            HealthCheck::Disabled => "none".to_owned(),
            HealthCheck::Command(run) => command(run),
            HealthCheck::Http { path, port } => format!("http:{port}{path}"),
            HealthCheck::Connection { port } => format!("connect:{port}"),
        };
        field("health", Some(text));
    }
    for executed in &used.executes {
        field("exec", Some(command(&executed.value)));
    }
    field("user", used.user.as_ref().map(|user| user.value.clone()));
    field("ports", (!used.ports.is_empty()).then(|| format!("{:?}", used.ports)));
    for (name, value) in &used.environment {
        field("env", Some(format!("{name}:{}", value.as_deref().unwrap_or("?"))));
    }
    for mount in &used.mounts {
        field(
            "mount",
            Some(format!(
                "{}:{}",
                mount.source.as_ref().map_or("-".to_owned(), ToString::to_string),
                mount.target
            )),
        );
    }
    field("interactive", used.interactive.then(String::new));
    let development = match used.development {
        Development::No => None,
        Development::InPlace => Some("in-place"),
        Development::Beside => Some("beside"),
    };
    field("development", development.map(str::to_owned));
    match &used.matched {
        Matched::Builds => line + " (builds)",
        Matched::ByImageName(name) => format!("{line} (by name {name})"),
        Matched::Unmatched => line + " (unmatched)",
    }
}

#[test]
fn compose_services() {
    let compose = r#"
x-base: &base
  environment: {A: "1"}
services:
  web:
    <<: *base
    build:
      context: .
      target: prod
      args: {VERSION: "1", TOKEN: $TOKEN}
    image: acme/web:${TAG:-latest}
    command: ["gunicorn", "app:app"]
    entrypoint: /entry.sh --flag "a b"
    user: "1000:1000"
    ports: ["8080:80", {target: 443}]
    volumes: ["data:/data", "./conf:/etc/app:ro"]
    healthcheck: {test: curl -f localhost || exit 1}
  dev:
    build: .
    command: npm run dev
    volumes: [".:/app"]
  check:
    build: .
    healthcheck: {test: ["CMD", "wget", "$$HOST"]}
    environment: ["B=$UNSET", C]
    entrypoint: []
    post_start: [{command: ./warm.sh}]
  off: {image: acme/web, healthcheck: {disable: true}, command: sh -c "$CMD"}
  db: {image: "postgres:16", command: postgres}
  elsewhere: {build: ./other}
  git: {build: "https://example.org/x.git"}
"#;
    let seen = uses("Dockerfile", &[("compose.yaml", compose), ("other/Dockerfile", "")]);
    let expected = [
        r#"compose.yaml "web" name=web image=acme/web:latest build=Dockerfile context=. args=VERSION:1,TOKEN:? names=acme/web target=prod entrypoint=[/entry.sh --flag a b] command=[gunicorn app:app] health=`curl -f localhost || exit 1` user=1000:1000 ports=[80, 443] env=A:1 mount=-:/data mount=conf:/etc/app (builds)"#,
        r#"compose.yaml "dev" name=dev build=Dockerfile context=. command=[npm run dev] mount=.:/app development=in-place (builds)"#,
        r#"compose.yaml "check" name=check build=Dockerfile context=. entrypoint=[] health=[wget $HOST] exec=[./warm.sh] env=B:? env=C:? (builds)"#,
        r#"compose.yaml "off" name=off image=acme/web target=prod command=?sh -c * health=none (by name acme/web)"#,
    ];
    assert_eq!(seen, expected);
}

#[test]
fn compose_files_lean_on_each_other() {
    let seen = uses(
        "api/Dockerfile",
        &[
            ("docker-compose.yml", "services:\n  api: {build: api, image: \"$REGISTRY/api\"}\n"),
            (
                "docker-compose.override.yml",
                "services:\n  api: {command: flask run --reload, volumes: [\"./api:/app\"]}\n",
            ),
            (
                "docker-compose.prod.yml",
                "services:\n  api: {command: gunicorn app}\n  worker: {extends: {service: api}, command: celery}\n  other: {extends: {file: shared/base.yml, service: x}}\n",
            ),
            ("shared/base.yml", "services:\n  x: {build: ../api}\n"),
            (".env", "REGISTRY=ghcr.io/acme\n"),
        ],
    );
    let expected = [
        r#"docker-compose.override.yml "api" name=api image=ghcr.io/acme/api build=api/Dockerfile context=api names=ghcr.io/acme/api command=[flask run --reload] mount=api:/app development=beside (builds)"#,
        r#"docker-compose.prod.yml "api" name=api image=ghcr.io/acme/api build=api/Dockerfile context=api names=ghcr.io/acme/api command=[gunicorn app] (builds)"#,
        r#"docker-compose.prod.yml "worker" name=worker image=ghcr.io/acme/api build=api/Dockerfile context=api names=ghcr.io/acme/api command=[celery] (builds)"#,
        r#"docker-compose.prod.yml "other" name=other build=api/Dockerfile context=api (builds)"#,
        r#"docker-compose.yml "api" name=api image=ghcr.io/acme/api build=api/Dockerfile context=api names=ghcr.io/acme/api (builds)"#,
    ];
    assert_eq!(seen, expected);
}

#[test]
fn kubernetes_containers() {
    let manifest = r#"
apiVersion: v1
kind: ConfigMap
---
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      securityContext: {runAsUser: 1000}
      initContainers:
        - {name: wait, image: "busybox:1", command: [sh, -c, "until nc -z db 5432; do sleep 1; done"]}
      containers:
        - name: web
          image: ghcr.io/acme/web:1.2
          command: ["/app", "--port=$(PORT)", "$(NODE)", "$$HOME", "$X"]
          env: [{name: PORT, value: "80"}, {name: NODE, valueFrom: {}}]
        - name: side
          image: registry.acme.org/side@sha256:00
          args: [serve]
          ports: [{containerPort: 8080}]
          livenessProbe: {exec: {command: [curl, localhost]}}
          readinessProbe: {httpGet: {path: /ok, port: http}}
          startupProbe: {tcpSocket: {port: 80}}
          lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
          securityContext: {runAsUser: 7}
          volumeMounts: [{name: c, mountPath: /etc/c}]
---
apiVersion: v1
kind: List
items:
  - kind: CronJob
    spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: job, image: $IMAGE}]}}}}}
  - kind: Pod
    spec: {containers: [{name: built-elsewhere, image: acme/other}, {name: moved, image: other.org/other}, {name: may-be, image: a.org/x}]}
"#;
    let files = [
        ("k8s/all.yaml", manifest),
        (
            "k8s/kustomization.yaml",
            "images:\n  - name: registry.acme.org/side\n    newName: ghcr.io/acme/web\n",
        ),
        (
            ".github/workflows/ci.yml",
            "jobs:\n  b:\n    steps:\n      - run: docker build -t ghcr.io/acme/web --target prod .\n      - run: docker build -t acme/other other\n",
        ),
        ("other/Dockerfile", ""),
    ];
    let seen = uses("Dockerfile", &files);
    let expected = [
        r#".github/workflows/ci.yml "docker build -t ghcr.io/acme/web --target prod ." build=Dockerfile context=. names=ghcr.io/acme/web target=prod (builds)"#,
        r#"k8s/all.yaml "ghcr.io/acme/web:1.2" name=web image=ghcr.io/acme/web:1.2 target=prod entrypoint=?/app --port=$(PORT) $(NODE) $$HOME $X user=1000 env=PORT:80 env=NODE:? (by name ghcr.io/acme/web)"#,
        r#"k8s/all.yaml "registry.acme.org/side@sha256:00" name=side image=registry.acme.org/side@sha256:00 target=prod command=[serve] health=connect:80 health=[curl localhost] health=http:http/ok exec=[sleep 5] user=7 ports=[8080] mount=-:/etc/c (by name registry.acme.org/side)"#,
        r#"k8s/all.yaml "$IMAGE" name=job image=* (unmatched)"#,
        r#"k8s/all.yaml "a.org/x" name=may-be image=a.org/x (unmatched)"#,
    ];
    assert_eq!(seen, expected);
    // Without a name of its own an image may be any that is not another's.
    let seen = uses("third/Dockerfile", &files);
    assert_eq!(seen.len(), 5, "{seen:#?}");
    assert!(seen[0].contains("busybox"));
}

#[test]
fn a_patch_of_an_overlay_runs_the_image_of_the_base() {
    let base = "kind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [{name: web, image: acme/web}, {name: side, image: acme/side}]}}}\n";
    let patch = "kind: Deployment\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n      containers:\n        - {name: web, command: [sh, -c, x]}\n        - {name: side, command: [sh]}\n";
    let files = [
        ("Makefile", "build:\n\tdocker build -t acme/web .\n"),
        ("base/web.yaml", base),
        ("over/other.yaml", &patch.replace("shop", "other")),
        ("over/web.yaml", patch),
    ];
    let seen = uses("Dockerfile", &files);
    assert_eq!(seen.len(), 4, "{seen:#?}");
    assert_eq!(
        seen[3],
        r#"over/web.yaml "{name: web, command: [sh, -c, x]}" name=web entrypoint=[sh -c x] (by name acme/web)"#
    );
}

#[test]
fn makefiles_and_scripts() {
    let makefile = "IMAGE ?= acme/web\nTAG := $(shell git describe)\nbuild:\n\tdocker build --pull -t $(IMAGE):$(TAG) -f Dockerfile --build-arg A=1 --build-arg B=$(TAG) .\nrun: build\n\tdocker run --rm -it -p 8080:80 -v $(CURDIR)/data:/data -v \"$$PWD:/src\" --name web -e K=v $(IMAGE):$(TAG) serve --x 'a b'\nshell:\n\tdocker exec -ti web bash\n\tdocker exec other bash\npush:\n\tdocker tag $(IMAGE) registry.acme.org/web && docker push registry.acme.org/web\n";
    let script = "#!/bin/sh\n# docker run acme/web no\ncd ..\nsudo docker run $OPTS --entrypoint=sh -u 0 --health-cmd 'curl x' registry.acme.org/web -c 'echo $HOME' | tee log\ndocker run acme/web:\"$V\" \"$V\"\nIMG=other; docker run $IMG\n";
    let seen = uses("Dockerfile", &[("Makefile", makefile), ("scripts/run.sh", script)]);
    let expected = [
        r#"Makefile "docker build --pull -t $(IMAGE):$(TAG) -f Dockerfile --build-arg A=1 --build-arg B=$(TAG) ." build=Dockerfile context=. args=A:1,B:? names=acme/web (builds)"#,
        r#"Makefile "docker run --rm -it -p 8080:80 -v $(CURDIR)/data:/data -v \"$$PWD:/src\" --name web -e K=v $(IMAGE):$(TAG) serve --x 'a b'" image=acme/web:* command=[serve --x a b] ports=[80] env=K:v mount=data:/data mount=.:/src interactive= development=in-place (by name acme/web)"#,
        r#"Makefile "docker exec -ti web bash" exec=[bash] interactive= (by name acme/web)"#,
        r#"scripts/run.sh "sudo docker run $OPTS --entrypoint=sh -u 0 --health-cmd 'curl x' registry.acme.org/web -c 'echo $HOME'" image=registry.acme.org/web entrypoint=[sh] command=[-c echo $HOME] health=`curl x` user=0 (by name registry.acme.org/web)"#,
        r#"scripts/run.sh "docker run acme/web:\"$V\" \"$V\"" image=acme/web:* command=?* (by name acme/web)"#,
    ];
    let expected = expected.map(|line| line.replace("\"sudo docker", "\"docker"));
    assert_eq!(seen, expected);
}

#[test]
fn published_names_tie_compose_files_to_dockerfiles() {
    let workflow = r#"
env:
  IMAGES: |
    acme/server
    ghcr.io/acme/server
jobs:
  image:
    strategy:
      matrix: {os: [ubuntu, alpine]}
    steps:
      - id: meta
        uses: docker/metadata-action@v5
        with: {images: "${{ env.IMAGES }}"}
      - uses: docker/build-push-action@v6
        with: {context: ., file: "docker/${{ matrix.os }}.Dockerfile", tags: "${{ steps.meta.outputs.tags }}"}
"#;
    let compose = "services:\n  web:\n    image: docker.io/acme/server:latest\n    healthcheck: {test: [CMD-SHELL, node check.js]}\n  mail:\n    image: other/mail\n";
    let files = [
        (".github/workflows/image.yml", workflow),
        ("docker-compose.yml", compose),
        ("docker/ubuntu.Dockerfile", ""),
        ("docker/alpine.Dockerfile", ""),
        ("Dockerfile", ""),
    ];
    for dockerfile in ["docker/ubuntu.Dockerfile", "docker/alpine.Dockerfile"] {
        let seen = uses(dockerfile, &files);
        assert_eq!(seen.iter().filter(|line| line.contains("(by name acme/server)")).count(), 1, "{seen:#?}");
        assert!(seen.iter().any(|line| line.starts_with("docker-compose.yml \"web")), "{seen:#?}");
        assert!(!seen.iter().any(|line| line.contains("mail")), "{seen:#?}");
    }
    // Its name is another one's; what is not named anywhere may be this one's.
    let seen = uses("Dockerfile", &files);
    assert!(seen.iter().any(|line| line.contains("name=mail")), "{seen:#?}");
    assert!(!seen.iter().any(|line| line.contains("name=web")), "{seen:#?}");
}

#[test]
fn workflows_and_pipelines() {
    let workflow = r#"
env:
  REGISTRY: ghcr.io
defaults: {run: {working-directory: svc}}
jobs:
  image:
    steps:
      - id: meta
        uses: docker/metadata-action@v5
        with:
          images: |
            name=${{ env.REGISTRY }}/acme/svc
      - name: Build
        uses: docker/build-push-action@v6
        with: {context: svc, tags: "${{ steps.meta.outputs.tags }}", target: prod, build-args: "A=1\nB=${{ github.sha }}"}
      - run: docker run ghcr.io/acme/svc:${{ github.sha }} --version
      - run: docker build .
      - working-directory: other
        run: docker build .
  inside:
    container: ghcr.io/acme/svc
    steps: [{run: make test}]
    services: {s: {image: "ghcr.io/acme/svc:1"}}
"#;
    let gitlab = "image: ghcr.io/acme/svc\nbuild:\n  image: docker:27\n  script:\n    - docker build -t $CI_REGISTRY_IMAGE/svc svc\ntest:\n  script: [npm test, !reference [.x, script]]\nkaniko:\n  image: {name: gcr.io/kaniko-project/executor}\n  script:\n    - /kaniko/executor --context $CI_PROJECT_DIR/svc --dockerfile Dockerfile --destination acme/k:1\n";
    let files =
        [(".github/workflows/ci.yml", workflow), (".gitlab-ci.yml", gitlab), ("other/Dockerfile", "")];
    let expected = [
        r#".github/workflows/ci.yml "docker/build-push-action@v6" name=Build build=svc/Dockerfile context=svc args=A:1,B:? names=ghcr.io/acme/svc target=prod (builds)"#,
        r#".github/workflows/ci.yml "docker run ghcr.io/acme/svc:${{ github.sha }} --version" image=ghcr.io/acme/svc:* target=prod command=[--version] (by name ghcr.io/acme/svc)"#,
        r#".github/workflows/ci.yml "docker build ." build=svc/Dockerfile context=svc (builds)"#,
        r#".github/workflows/ci.yml "ghcr.io/acme/svc" image=ghcr.io/acme/svc target=prod exec=`make test` (by name ghcr.io/acme/svc)"#,
        r#".github/workflows/ci.yml "\"ghcr.io/acme/svc:1\"" name=s image=ghcr.io/acme/svc:1 target=prod (by name ghcr.io/acme/svc)"#,
        r#".gitlab-ci.yml "ghcr.io/acme/svc" name=test image=ghcr.io/acme/svc target=prod exec=`npm test; .x; script` (by name ghcr.io/acme/svc)"#,
        r#".gitlab-ci.yml "docker build -t $CI_REGISTRY_IMAGE/svc svc" build=svc/Dockerfile context=svc names=*/svc (builds)"#,
        r#".gitlab-ci.yml "/kaniko/executor --context $CI_PROJECT_DIR/svc --dockerfile Dockerfile --destination acme/k:1" build=svc/Dockerfile context=svc names=acme/k (builds)"#,
    ];
    assert_eq!(uses("svc/Dockerfile", &files), expected);
    assert_eq!(uses("other/Dockerfile", &files).len(), 1);
}

#[test]
fn other_files() {
    let bake = "variable \"REG\" { default = \"acme\" }\ntarget \"_base\" { context = \"..\" }\ntarget \"web\" {\n  inherits = [\"_base\"]\n  tags = [\"${REG}/web:1\"]\n  target = \"prod\"\n  args = { V = \"2\" }\n}\n";
    let devcontainer = "{ // c\n \"name\": \"d\", \"build\": {\"dockerfile\": \"../Dockerfile\", \"context\": \"..\", \"target\": \"dev\"}, \"postCreateCommand\": {\"a\": \"npm i\", \"b\": [\"go\", \"mod\"]}, \"remoteUser\": \"node\",}";
    let skaffold = "apiVersion: skaffold/v4beta6\nbuild:\n  artifacts:\n    - image: acme/sk\n      docker: {target: prod, buildArgs: {A: \"1\"}}\n    - {image: acme/jib, jib: {}}\n";
    let jenkins = "node {\n  def app = docker.build(\"acme/j:${env.BUILD_ID}\", \"--target prod .\")\n  sh 'docker run acme/j:1 test'\n}\n";
    let package = "{\"scripts\": {\"docker\": \"docker build -t pkg . && docker run -e \\\"A=b\\\" pkg\"}}";
    let files = [
        ("build/docker-bake.hcl", bake),
        (".devcontainer/devcontainer.json", devcontainer),
        ("skaffold.yaml", skaffold),
        ("Jenkinsfile", jenkins),
        ("package.json", package),
        ("docker-bake.json", "{\"target\": {\"j\": {\"tags\": [\"acme/json\"]}}}"),
    ];
    let expected = [
        r#".devcontainer/devcontainer.json "\"../Dockerfile\"" name=d build=Dockerfile context=. target=dev exec=`npm i` exec=[go mod] user=node development=beside (builds)"#,
        r#"Jenkinsfile "docker.build(\"acme/j:${env.BUILD_ID}\", \"--target prod .\"" build=Dockerfile context=. names=acme/j target=prod (builds)"#,
        r#"Jenkinsfile "docker run acme/j:1 test" image=acme/j:1 target=prod command=[test] (by name acme/j)"#,
        r#"build/docker-bake.hcl "\"web\"" name=web build=Dockerfile context=. args=V:2 names=acme/web target=prod (builds)"#,
        r#"docker-bake.json "\"j\"" name=j build=Dockerfile context=. names=acme/json (builds)"#,
        r#"package.json "docker build -t pkg ." build=Dockerfile context=. names=pkg (builds)"#,
        r#"package.json "docker run -e \\\"A=b\\\" pkg" image=pkg env=A:b (by name pkg)"#,
        r#"skaffold.yaml "acme/sk" image=acme/sk build=Dockerfile context=. args=A:1 names=acme/sk target=prod (builds)"#,
    ];
    assert_eq!(uses("Dockerfile", &files), expected);
}

#[test]
fn bake_gets_names_from_command_lines_and_workflows() {
    let bake = "target \"docker-metadata-action\" {}\ntarget \"image\" {\n  inherits = [\"docker-metadata-action\"]\n  dockerfile = \"Dockerfile\"\n}\ntarget \"other\" { dockerfile = \"x/Dockerfile\" }\n";
    let workflow = "jobs:\n  a:\n    steps:\n      - uses: docker/metadata-action@v5\n        with:\n          images: |\n            acme/server\n            name=ghcr.io/acme/server\n  b:\n    steps:\n      - run: |\n          docker buildx bake image -f docker-bake.hcl -f \"$LABELS\" --set image.tags=acme/set --set=other.tags=acme/no --set image.tags+=acme/more\n";
    let action = "jobs:\n  a:\n    steps:\n      - uses: docker/bake-action@v6\n        with:\n          targets: image\n          set: |\n            *.tags=acme/all\n";
    let compose = "services:\n  web: {image: \"acme/server:latest\", command: sh}\n  set: {image: acme/set}\n  all: {image: acme/all}\n  no: {image: acme/no}\n";
    let files = [
        ("docker-bake.hcl", bake),
        (".github/workflows/publish.yml", workflow),
        (".github/workflows/all.yml", action),
        ("Makefile", "push:\n\tdocker buildx bake --set image.tags=acme/make --push\n"),
        ("compose.yaml", compose),
        ("x/Dockerfile", ""),
    ];
    let seen = uses("Dockerfile", &files);
    let names: Vec<&str> = seen
        .iter()
        .filter_map(|line| line.split_once(" names="))
        .map(|(_, rest)| rest.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(
        names,
        ["acme/all", "acme/set,acme/more,acme/server,ghcr.io/acme/server", "acme/make"],
        "{seen:#?}"
    );
    let services: Vec<&str> = seen
        .iter()
        .filter_map(|line| line.strip_prefix("compose.yaml "))
        .map(|line| line.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(services, ["\"web\"", "\"set\"", "\"all\""], "{seen:#?}");
}

#[test]
fn compose_commands_and_services() {
    let files = [
        ("compose.yaml", "services:\n  web: {build: ., container_name: shop}\n  db: {image: postgres}\n"),
        (
            "Makefile",
            "sh:\n\tdocker compose -f compose.yaml exec -T web sh -c ls\n\tdocker-compose run --rm --entrypoint bash web x\n\tdocker exec shop id\n\tdocker compose exec db psql\n",
        ),
        (".devcontainer.json", "{\"dockerComposeFile\": \"compose.yaml\", \"service\": \"web\"}"),
    ];
    let expected = [
        r#".devcontainer.json "\"web\"" development=beside (builds)"#,
        r#"Makefile "docker compose -f compose.yaml exec -T web sh -c ls" exec=[sh -c ls] (builds)"#,
        r#"Makefile "docker-compose run --rm --entrypoint bash web x" entrypoint=[bash] command=[x] interactive= (builds)"#,
        r#"Makefile "docker exec shop id" exec=[id] (builds)"#,
        r#"compose.yaml "web" name=web build=Dockerfile context=. (builds)"#,
    ];
    assert_eq!(uses("Dockerfile", &files), expected);
}

#[test]
fn hostile_files_cost_little() {
    let bomb = {
        let mut text = String::from("a0: &a0 {image: x, build: .}\n");
        for level in 1..30 {
            let _ = writeln!(text, "a{level}: &a{level} {{<<: [*a{0}, *a{0}, *a{0}]}}", level - 1);
        }
        text + "services: {web: {<<: [*a29, *a29]}}\n"
    };
    let circle = "services: {web: {extends: {file: b.yml, service: web}}}\n";
    let deep = format!("kind: Pod\nspec: {{containers: [{{image: {}", "[".repeat(100_000));
    let files = [
        ("compose.yaml", bomb.as_str()),
        ("a/compose.yaml", "services: {web: {extends: {file: ../b.yml, service: web}}}\n"),
        ("b.yml", circle),
        ("docker-compose.yml", "services: {web: {extends: {service: web}}, x: 1, y: [1], z: null}\n"),
        ("deep.yaml", deep.as_str()),
        ("docker-bake.hcl", "target \"a\" { inherits = [\"a\"] }\n"),
        ("Makefile", "A = $(B)\nB = $(A)\nx:\n\tdocker build -t $(A) . \\"),
        (".env", "\u{0}=\n=\n"),
    ];
    let seen = uses("Dockerfile", &files);
    assert_eq!(seen.len(), 3, "{seen:#?}");
}
