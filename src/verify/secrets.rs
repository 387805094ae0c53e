//! Secrets in files and in the environment. What a secret is, is told; the secret itself never is.

use barehull_image::{Content, Entry};

use super::reach::Reached;
use super::subject::{Subject, place};
use crate::finding::{Finding, Place};
use crate::rules;
use crate::rules::words::{has_login, is_real, names_secret};

/// Ends of the names of files that show what another one looks like.
const TEMPLATES: [&str; 6] = ["example", "sample", "template", "dist", "tmpl", "defaults"];

/// Files that hold secrets, those that an upper layer removed as well, and variables of the environment.
pub(super) fn check(subject: &Subject<'_>, _: &Reached) -> Vec<Finding> {
    let present = subject.tree.iter().filter(|entry| !entry.is_hard_link).map(|entry| (entry, None));
    let removed = subject.tree.shadowed().iter().map(|shadowed| (&shadowed.entry, Some(shadowed.by)));
    let files = present.chain(removed).filter_map(|(entry, by)| {
        let what = secret_in(entry)?;
        let path = &entry.path;
        let message = match by {
            None => format!("{path} holds {what}: take it out, and revoke it if the image left your machine"),
            Some(by) => format!(
                "{path} holds {what}: layer {by} removes the file, but anybody with the image can read the layer \
                 below; never add it (RUN --mount=type=secret), and revoke it"
            ),
        };
        let finding = Finding::new(rules::SECRET_IN_IMAGE, place(entry), message).subject(path.to_string());
        Some(subject.with_layer(finding, entry.layer, path))
    });
    let variables = subject.config.env.iter().filter(|(name, value)| is_secret(name, value)).map(|(name, _)| {
        let message = format!(
            "the environment variable {name} has a value in the image, which anybody with the image can read: set it \
             when the container starts"
        );
        Finding::new(rules::SECRET_IN_IMAGE, Place::Project, message).subject(format!("env {name}"))
    });
    files.chain(variables).collect()
}

/// What kind of secret a file holds.
fn secret_in(entry: &Entry) -> Option<&'static str> {
    let Content::Text(text) = &entry.content else { return None };
    let text = text.as_str();
    let name = entry.name();
    if text.lines().any(|line| line.starts_with("-----BEGIN ") && line.contains("PRIVATE KEY")) {
        return Some("a private key");
    }
    let set = |line: &str, key: &str, separator: char| {
        let (left, value) = line.split_once(separator)?;
        (left.trim().trim_matches('"').ends_with(key) && is_real(value)).then_some(())
    };
    let any = |key: &str, separator: char| text.lines().any(|line| set(line, key, separator).is_some());
    match name {
        ".npmrc" | ".yarnrc" => ["_authToken", "_auth", "_password"]
            .iter()
            .any(|key| any(key, '='))
            .then_some("a token of a package registry"),
        ".yarnrc.yml" => any("npmAuthToken", ':').then_some("a token of a package registry"),
        ".pypirc" => any("password", '=').then_some("a password of a package registry"),
        ".netrc" | "_netrc" | ".pgpass" | ".my.cnf" => {
            let words: Vec<&str> = text.split_ascii_whitespace().collect();
            let login = words.windows(2).any(|pair| pair[0] == "password" && is_real(pair[1]));
            let line = name == ".pgpass" && text.lines().any(|l| l.split(':').nth(4).is_some_and(is_real));
            (login || line || any("password", '=')).then_some("a password")
        }
        ".git-credentials" | ".gitconfig" => has_login(&text).then_some("a password in a URL"),
        "config" if entry.path.ends_with("/.git/config") => has_login(&text).then_some("a password in a URL"),
        "config" if entry.path.ends_with("/.kube/config") => kubernetes(&any),
        "kubeconfig" => kubernetes(&any),
        ".dockercfg" | ".dockerconfigjson" => any("auth", ':').then_some("a login of an image registry"),
        "config.json" if entry.path.ends_with("/.docker/config.json") => {
            any("auth", ':').then_some("a login of an image registry")
        }
        "credentials" if entry.path.ends_with("/.aws/credentials") => {
            any("aws_secret_access_key", '=').then_some("an access key of AWS")
        }
        "credentials" | "credentials.toml" if entry.path.contains("/.cargo/") => {
            any("token", '=').then_some("a token of a package registry")
        }
        _ if is_env_file(name) => {
            let secret =
                |line: &str| line.split_once('=').is_some_and(|(name, value)| is_secret(name, value));
            text.lines().any(secret).then_some("passwords or tokens")
        }
        _ => None,
    }
}

fn kubernetes(any: &dyn Fn(&str, char) -> bool) -> Option<&'static str> {
    ["client-key-data", "token", "password"]
        .iter()
        .any(|key| any(key, ':'))
        .then_some("a login of Kubernetes")
}

/// `.env`, `.env.production`, `prod.env`; not `.env.example`.
fn is_env_file(name: &str) -> bool {
    let is_template = TEMPLATES.iter().any(|end| name.ends_with(end));
    !is_template && (name == ".env" || name.starts_with(".env.") || name.ends_with(".env"))
}

/// Whether a variable should not be shown: it looks like a secret, or has a login in a URL.
pub(crate) fn looks_secret(name: &str, value: &str) -> bool {
    is_secret(name, value) || has_login(value)
}

/// Whether a variable looks like a secret that somebody uses.
fn is_secret(name: &str, value: &str) -> bool {
    names_secret(name) && is_real(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_what_only_looks_like_them() {
        for (name, value, expected) in [
            ("DB_PASSWORD", "hunter22", true),
            ("export API_KEY", "\"a1b2c3d4\"", true),
            ("DB_PASSWORD", "", false),
            ("DB_PASSWORD", "${DB_PASSWORD}", false),
            ("DB_PASSWORD", "changeme", false),
            ("DB_PASSWORD_FILE", "secrets/db", false),
            ("TOKEN_EXPIRY", "3600s", false),
            ("GPG_KEY", "7169605F62C751356D054A26A821E680E5FA6305", false),
            ("USE_TOKEN", "true", false),
        ] {
            assert_eq!(is_secret(name, value), expected, "{name}={value}");
        }
        assert!(is_env_file(".env.production") && !is_env_file(".env.example"));
    }
}
