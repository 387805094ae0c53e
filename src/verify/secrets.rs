//! Secrets in files and in the environment. What a secret is, is told; the secret itself never is.

use barehull_image::{Content, Entry};

use super::reach::Reached;
use super::subject::{Subject, place};
use crate::finding::{Finding, Place};
use crate::rules;

/// Parts of variable names that stand before secrets.
const SECRET_WORDS: [&str; 9] =
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL"];
/// Ends of names that say where a secret is, or what it is like, instead of what it is.
const HARMLESS_ENDS: [&str; 9] =
    ["_FILE", "_PATH", "_DIR", "_URL", "_NAME", "_ID", "_HEADER", "_EXPIRY", "_LENGTH"];
/// Parts of values that nobody would use for real.
const PLACEHOLDERS: [&str; 10] = [
    "changeme",
    "change-me",
    "change_me",
    "example",
    "placeholder",
    "xxx",
    "your",
    "dummy",
    "todo",
    "replace",
];
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
    let name = name.trim().trim_start_matches("export ").to_ascii_uppercase();
    let says_so = SECRET_WORDS.iter().any(|word| name.contains(word));
    says_so && !HARMLESS_ENDS.iter().any(|end| name.ends_with(end)) && is_real(value)
}

/// Whether a value is more than a blank, a reference to something else or a word that is to be replaced.
fn is_real(value: &str) -> bool {
    let value = value.trim().trim_end_matches(',').trim_matches(['"', '\'']);
    let lower = value.to_ascii_lowercase();
    let is_switch = matches!(lower.as_str(), "true" | "false" | "yes" | "no" | "none" | "null" | "0" | "1");
    value.len() > 3
        && !is_switch
        && !value.starts_with(['$', '<', '{', '/', '#'])
        && !PLACEHOLDERS.iter().any(|part| lower.contains(part))
}

/// `https://user:password@host`.
fn has_login(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let authority = text[at + 3..].split(['/', '\n', ' ', '"']).next().unwrap_or_default();
        let login = authority.rsplit_once('@').map(|(login, _)| login);
        login.and_then(|login| login.split_once(':')).is_some_and(|(_, password)| is_real(password))
    })
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
        assert!(has_login("https://me:s3cr3t-value@git.example.org/x"));
        assert!(!has_login("https://git.example.org/me:x@y"));
        assert!(is_env_file(".env.production") && !is_env_file(".env.example"));
    }
}
