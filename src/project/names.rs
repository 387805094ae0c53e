//! Which files are looked at, by their names alone.

use super::ProjectPath;

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A Dockerfile.
    Dockerfile,
    /// A compose file.
    Compose,
    /// A bake file.
    Bake,
    /// A GitHub workflow or composite action.
    Workflow,
    /// `.gitlab-ci.yml`.
    GitlabCi,
    /// Another CI service's file.
    OtherCi,
    /// A Jenkinsfile.
    Jenkinsfile,
    /// A makefile, justfile or Taskfile.
    Makefile,
    /// A shell script.
    Script,
    /// A README, whose command lines people copy.
    Readme,
    /// `package.json`, whose scripts may build and run images.
    PackageJson,
    /// `devcontainer.json`.
    Devcontainer,
    /// A skaffold file.
    Skaffold,
    /// Any other YAML file: perhaps a Kubernetes manifest.
    Yaml,
}

/// Folders that are never entered: what is in them is not the project's own.
pub(super) fn is_foreign_folder(name: &str) -> bool {
    matches!(name, ".git" | ".hg" | ".svn" | ".jj" | "node_modules")
}

/// What the file at `path` is read as, if it is read at all.
pub fn file_kind(path: &ProjectPath) -> Option<FileKind> {
    let name = path.file_name();
    if is_dockerfile_name(name) {
        return Some(FileKind::Dockerfile);
    }
    if is_template_or_backup(name) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let yaml = matches!(extension.as_str(), "yml" | "yaml");
    let folder = path.folder();
    let in_github = path.as_str().starts_with(".github/") || path.as_str().contains("/.github/");
    Some(match lower.as_str() {
        "makefile" | "gnumakefile" | "justfile" | ".justfile" => FileKind::Makefile,
        "jenkinsfile" => FileKind::Jenkinsfile,
        "package.json" => FileKind::PackageJson,
        "devcontainer.json" | ".devcontainer.json" => FileKind::Devcontainer,
        "docker-bake.hcl" | "docker-bake.json" | "docker-bake.override.hcl" | "docker-bake.override.json" => {
            FileKind::Bake
        }
        _ if lower.starts_with("jenkinsfile.") || extension == "jenkinsfile" => FileKind::Jenkinsfile,
        _ if extension == "mk" || lower.starts_with("makefile.") => FileKind::Makefile,
        _ if matches!(extension.as_str(), "sh" | "bash") => FileKind::Script,
        _ if lower.starts_with("readme") && is_prose(&extension) => FileKind::Readme,
        _ if !yaml => return None,
        // Forms for those who report something.
        _ if in_github && folder.names().any(|n| n.eq_ignore_ascii_case("issue_template")) => return None,
        _ if is_compose_name(&lower) => FileKind::Compose,
        _ if lower.starts_with("taskfile.") => FileKind::Makefile,
        _ if lower.starts_with("skaffold.") => FileKind::Skaffold,
        _ if lower.starts_with(".gitlab-ci") || folder.names().any(|n| n == ".gitlab") => FileKind::GitlabCi,
        _ if in_github || matches!(lower.as_str(), "action.yml" | "action.yaml") => FileKind::Workflow,
        _ if is_other_ci(&lower, &folder) => FileKind::OtherCi,
        _ => FileKind::Yaml,
    })
}

/// `compose.yaml`, `docker-compose.prod.yml`, `compose.override.yaml`, `docker-compose-dev.yml`.
fn is_compose_name(lower: &str) -> bool {
    let stem = lower.rsplit_once('.').map_or(lower, |(stem, _)| stem);
    ["docker-compose", "compose", "podman-compose"].iter().any(|known| {
        stem.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
            || stem.strip_suffix(known).is_some_and(|rest| rest.ends_with(['.', '-', '_']))
    })
}

fn is_prose(extension: &str) -> bool {
    matches!(extension, "" | "md" | "markdown" | "rst" | "adoc" | "txt")
}

fn is_other_ci(lower: &str, folder: &ProjectPath) -> bool {
    let stem = lower.rsplit_once('.').map_or(lower, |(stem, _)| stem);
    let known = [
        ".travis",
        ".drone",
        ".appveyor",
        "appveyor",
        "azure-pipelines",
        "bitbucket-pipelines",
        "buildspec",
        "cloudbuild",
        ".woodpecker",
    ];
    known.contains(&stem) || folder.names().any(|n| matches!(n, ".circleci" | ".buildkite" | ".woodpecker"))
}

/// Whether a folder's entry of this name is a Dockerfile that should be looked at unasked: `Dockerfile`,
/// `Dockerfile.*`, `*.Dockerfile`, `Containerfile*`, but no ignore file, template, backup, or a text about
/// Dockerfiles. The plain names count in any letter case (BuildKit itself falls back to `dockerfile`).
pub fn is_dockerfile_name(name: &str) -> bool {
    if is_template_or_backup(name) {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    if lower == "dockerfile" || lower == "containerfile" {
        return true;
    }
    if lower.ends_with(".dockerignore") || lower.ends_with(".containerignore") {
        return false;
    }
    if lower.ends_with(".dockerfile") || lower.ends_with(".containerfile") {
        return true;
    }
    let Some(rest) = lower.strip_prefix("dockerfile.").or_else(|| {
        let rest = lower.strip_prefix("containerfile")?;
        Some(rest.trim_start_matches(['.', '-', '_']))
    }) else {
        return false;
    };
    let extension = rest.rsplit('.').next().unwrap_or_default();
    // `Dockerfile.go` builds the Go variant of something; `dockerfile.go` is Go.
    let written_as_source = name.starts_with(|c: char| c.is_ascii_lowercase());
    !(is_document(extension) || written_as_source && is_source(extension))
}

fn is_document(extension: &str) -> bool {
    matches!(
        extension,
        "md" | "rst"
            | "adoc"
            | "html"
            | "json"
            | "yaml"
            | "yml"
            | "toml"
            | "xml"
            | "png"
            | "svg"
            | "sha256"
            | "asc"
            | "sig"
            | "lock"
            | "snap"
            | "diff"
            | "patch"
            | "log"
            | "license"
            | "sarif"
    )
}

fn is_source(extension: &str) -> bool {
    matches!(
        extension,
        "go" | "py"
            | "js"
            | "mjs"
            | "cjs"
            | "ts"
            | "tsx"
            | "jsx"
            | "rs"
            | "rb"
            | "java"
            | "kt"
            | "scala"
            | "c"
            | "h"
            | "cc"
            | "cpp"
            | "hpp"
            | "cs"
            | "php"
            | "lua"
            | "vim"
            | "el"
            | "swift"
            | "dart"
            | "sh"
            | "css"
            | "scss"
            | "txt"
            | "pl"
            | "ex"
            | "exs"
            | "hs"
            | "ml"
            | "clj"
    )
}

/// Templates make Dockerfiles (or manifests) and are none; backups were some.
fn is_template_or_backup(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let extension = lower.rsplit('.').next().unwrap_or_default();
    lower.ends_with('~')
        || lower.starts_with(".#")
        || (lower.starts_with('#') && lower.ends_with('#'))
        || lower.contains('.')
            && matches!(
                extension,
                "j2" | "jinja"
                    | "jinja2"
                    | "tmpl"
                    | "tpl"
                    | "tera"
                    | "erb"
                    | "in"
                    | "template"
                    | "mustache"
                    | "hbs"
                    | "handlebars"
                    | "ejs"
                    | "gotmpl"
                    | "m4"
                    | "mako"
                    | "liquid"
                    | "envsubst"
                    | "bak"
                    | "backup"
                    | "orig"
                    | "swp"
                    | "swo"
                    | "old"
                    | "rej"
                    | "save"
                    | "tmp"
            )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockerfiles_by_name() {
        let yes = [
            "Dockerfile",
            "dockerfile",
            "DOCKERFILE",
            "Dockerfile.prod",
            "dockerfile.prod",
            "Dockerfile.go",
            "Dockerfile.3.12-slim",
            "app.Dockerfile",
            "app.dockerfile",
            "Containerfile",
            "containerfile",
            "Containerfile.dev",
            "Containerfile-dev",
            "Dockerfile.alpine.amd64",
        ];
        let no = [
            ".dockerignore",
            "Dockerfile.dockerignore",
            "app.Dockerfile.dockerignore",
            "Dockerfile.j2",
            "Dockerfile.tmpl",
            "Dockerfile.prod.erb",
            "Dockerfile.in",
            "Dockerfile.template",
            "Dockerfile.mustache",
            "Dockerfile~",
            "Dockerfile.bak",
            "Dockerfile.orig",
            "Dockerfile.swp",
            ".Dockerfile.swp",
            "Dockerfile.old",
            "Dockerfile.rej",
            "Dockerfile.save",
            "Dockerfile.md",
            "dockerfile.go",
            "dockerfile.vim",
            "containerfile_test.go",
            "MyDockerfile",
            "Dockerfiles",
            "docker",
            "",
            "app.Dockerfile.tpl",
        ];
        for name in yes {
            assert!(is_dockerfile_name(name), "{name}");
        }
        for name in no {
            assert!(!is_dockerfile_name(name), "{name}");
        }
    }

    #[test]
    fn kinds_by_path() {
        use FileKind::{
            Bake, Compose, Devcontainer, GitlabCi, Jenkinsfile, Makefile, OtherCi, PackageJson, Script,
            Skaffold, Workflow, Yaml,
        };
        let table = [
            ("compose.yaml", Some(Compose)),
            ("deploy/docker-compose.prod.yml", Some(Compose)),
            ("docker-compose-dev.yaml", Some(Compose)),
            ("dev.docker-compose.yml", Some(Compose)),
            ("composer.yaml", Some(Yaml)),
            ("docker-compose.yml.bak", None),
            ("k8s/deployment.yml", Some(Yaml)),
            (".github/workflows/ci.yml", Some(Workflow)),
            ("tools/action.yml", Some(Workflow)),
            (".gitlab-ci.yml", Some(GitlabCi)),
            (".gitlab/build.yml", Some(GitlabCi)),
            (".circleci/config.yml", Some(OtherCi)),
            ("cloudbuild.yaml", Some(OtherCi)),
            ("Jenkinsfile", Some(Jenkinsfile)),
            ("Makefile", Some(Makefile)),
            ("build/docker.mk", Some(Makefile)),
            ("Taskfile.yml", Some(Makefile)),
            ("justfile", Some(Makefile)),
            ("scripts/build.sh", Some(Script)),
            ("web/package.json", Some(PackageJson)),
            (".devcontainer/devcontainer.json", Some(Devcontainer)),
            ("docker-bake.hcl", Some(Bake)),
            ("skaffold.yaml", Some(Skaffold)),
            ("src/main.rs", None),
        ];
        for (path, kind) in table {
            assert_eq!(file_kind(&ProjectPath::new(path).unwrap()), kind, "{path}");
        }
    }
}
