//! Which files' contents are kept, by path alone. Programs and scripts are known by their first bytes instead.

/// What a text is kept for, which says how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A package database, or a part of one; a table of libraries.
    Database,
    /// A package database that is no text, of which a list is kept.
    Packages,
    /// A text that a check needs.
    Text,
    /// A text that may hold secrets; what is too large for that holds something else.
    Candidate,
}

/// Texts that checks read by their exact path.
const PATHS: [&str; 14] = [
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/os-release",
    "/usr/lib/os-release",
    "/etc/alpine-release",
    "/etc/debian_version",
    "/etc/ld.so.conf",
    "/etc/ld.so.preload",
    "/etc/nsswitch.conf",
    "/etc/apk/repositories",
    "/etc/sudoers",
    "/etc/inittab",
    "/etc/environment",
];

/// Package databases of one file that are texts, and the table of libraries that glibc's loader reads.
const DATABASES: [&str; 4] =
    ["/var/lib/dpkg/status", "/lib/apk/db/installed", "/usr/lib/apk/db/installed", "/etc/ld.so.cache"];

/// Where rpm has its database, and what it is called in the forms that are read.
const RPM_FOLDERS: [&str; 2] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm"];
const RPM_NAMES: [&str; 2] = ["rpmdb.sqlite", "Packages.db"];

/// Names of files that may hold secrets.
const NAMES: [&str; 25] = [
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pypirc",
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".gitconfig",
    ".dockercfg",
    ".dockerconfigjson",
    ".htpasswd",
    ".pgpass",
    ".my.cnf",
    ".s3cfg",
    ".boto",
    ".terraformrc",
    "credentials",
    "credentials.json",
    "credentials.toml",
    "kubeconfig",
    "pip.conf",
    "nuget.config",
    "settings.xml",
    "gradle.properties",
    "auth.json",
];

/// Beginnings and ends of such names.
const NAME_STARTS: [&str; 3] = [".env", "id_", "service-account"];
const NAME_ENDS: [&str; 17] = [
    ".pem",
    ".key",
    ".ppk",
    ".p12",
    ".pfx",
    ".jks",
    ".keystore",
    ".env",
    ".tfvars",
    ".tfstate",
    ".ovpn",
    ".kubeconfig",
    ".yaml",
    ".yml",
    ".toml",
    ".ini",
    ".properties",
];

/// Folders that packages fill: nobody's secrets lie there, and there is much of everything.
const PACKAGED: [&str; 9] = [
    "/usr/share/",
    "/usr/lib/",
    "/usr/include/",
    "/usr/src/",
    "/lib/",
    "/var/lib/",
    "/usr/local/lib/",
    "/usr/libexec/",
    "/usr/lib64/",
];

/// Folders of an application's libraries, likewise.
const LIBRARIES: [&str; 3] = ["/node_modules/", "/site-packages/", "/dist-packages/"];

/// Whether the contents at the path are kept.
pub(crate) fn by_path(path: &str) -> Option<Wanted> {
    if DATABASES.contains(&path) {
        return Some(Wanted::Database);
    }
    let (folder, name) = path.rsplit_once('/')?;
    if folder == "/var/lib/dpkg/status.d" || (folder == "/var/lib/dpkg/info" && name.ends_with(".list")) {
        return Some(Wanted::Database);
    }
    if RPM_FOLDERS.contains(&folder) && RPM_NAMES.contains(&name) {
        return Some(Wanted::Packages);
    }
    let is_text = PATHS.contains(&path)
        || folder == "/etc/ld.so.conf.d"
        || folder == "/etc/sudoers.d"
        || (folder == "/etc" && name.starts_with("ld-musl-"))
        || name == "pyvenv.cfg";
    if is_text {
        Some(Wanted::Text)
    } else {
        may_hold_secrets(path, folder, name).then_some(Wanted::Candidate)
    }
}

fn may_hold_secrets(path: &str, folder: &str, name: &str) -> bool {
    if NAMES.contains(&name) {
        return true;
    }
    let is_packaged = PACKAGED.iter().any(|start| path.starts_with(start))
        || LIBRARIES.iter().any(|library| path.contains(library));
    if is_packaged {
        return false;
    }
    let in_settings = [".docker", ".aws", ".kube", ".azure", ".git", ".ssh", ".cargo", "gcloud"]
        .iter()
        .any(|settings| folder.rsplit('/').next() == Some(settings));
    in_settings
        || NAME_STARTS.iter().any(|start| name.starts_with(start))
        || NAME_ENDS.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept() {
        let table = [
            ("/etc/passwd", Some(Wanted::Text)),
            ("/etc/ld.so.conf.d/x86_64-linux-gnu.conf", Some(Wanted::Text)),
            ("/etc/ld-musl-x86_64.path", Some(Wanted::Text)),
            ("/app/venv/pyvenv.cfg", Some(Wanted::Text)),
            ("/usr/lib/x/pyvenv.cfg", Some(Wanted::Text)),
            ("/app/.env.production", Some(Wanted::Candidate)),
            ("/root/.aws/config", Some(Wanted::Candidate)),
            ("/app/.git/config", Some(Wanted::Candidate)),
            ("/app/server.key", Some(Wanted::Candidate)),
            ("/app/node_modules/x/test/server.key", None),
            ("/app/.venv/lib/python3.13/site-packages/certifi/cacert.pem", None),
            ("/usr/share/doc/x/server.key", None),
            ("/var/lib/dpkg/status.d/base", Some(Wanted::Database)),
            ("/var/lib/dpkg/info/curl.list", Some(Wanted::Database)),
            ("/var/lib/dpkg/info/curl.md5sums", None),
            ("/usr/lib/sysimage/rpm/rpmdb.sqlite", Some(Wanted::Packages)),
            ("/var/lib/rpm/Packages", None),
            ("/app/main.js", None),
            ("/", None),
        ];
        for (path, wanted) in table {
            assert_eq!(by_path(path), wanted, "{path}");
        }
    }
}
