//! Root certificates, which libraries open at run time: whether there are any where they look.

use std::collections::BTreeMap;

use barehull_image::Entry;
use barehull_image::elf::Certificates;

use super::reach::Reached;
use super::subject::{Subject, listed};
use crate::finding::Finding;
use crate::rules;

/// Files of root certificates. Source: Go's `crypto/x509/root_linux.go`; the other libraries' are among them.
const FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// Folders of them, from the same source.
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];
/// What gives NSS its root certificates: its own library, or the system's in its place.
const NSS_ROOTS: [&str; 2] = ["libnssckbi.so", "p11-kit-trust.so"];

/// One finding for each library that looks for certificates and finds none.
pub(super) fn check(subject: &Subject<'_>, reached: &Reached) -> Vec<Finding> {
    let mut clients: BTreeMap<Certificates, Vec<&Entry>> = BTreeMap::new();
    let modules = python_module(subject, reached);
    for entry in reached.programs(subject.tree).chain(modules) {
        if let Some(kind) = entry.elf().and_then(|facts| facts.wants.certificates) {
            clients.entry(kind).or_default().push(entry);
        }
    }
    clients.into_iter().filter_map(|(kind, files)| finding(subject, kind, &files)).collect()
}

fn finding(subject: &Subject<'_>, kind: Certificates, files: &[&Entry]) -> Option<Finding> {
    let first = files.first()?;
    let lack =
        if kind == Certificates::Nss { nss(subject) } else { Places::of(subject, kind, first).lack(subject) };
    let message = format!("{} {} {}: {}", listed(files), verb(files), kind.title(), lack?);
    let names = files.iter().map(|entry| entry.path.to_string());
    Some(subject.at(rules::MISSING_CERTIFICATES, first, message).subject(kind.title()).components(names))
}

const fn verb(files: &[&Entry]) -> &'static str {
    if files.len() == 1 { "speaks TLS with" } else { "speak TLS with" }
}

fn nss(subject: &Subject<'_>) -> Option<String> {
    let is_there = NSS_ROOTS.iter().any(|name| subject.has_library(name));
    (!is_there).then(|| {
        format!(
            "the root certificates are in {}, which is not in the image: copy it beside libnss3.so",
            NSS_ROOTS[0]
        )
    })
}

/// Where a library looks.
struct Places {
    files: Vec<String>,
    folders: Vec<String>,
    /// In the folders only names count that `c_rehash` gives: `5ed36f99.0`.
    hashed: bool,
    /// What SSL_CERT_FILE says, where the library listens to that.
    variable: Option<String>,
}

impl Places {
    fn of(subject: &Subject<'_>, kind: Certificates, client: &Entry) -> Self {
        // GnuTLS reads neither.
        let variable = |name| subject.config.variable(name).filter(|_| kind != Certificates::GnuTls);
        let own = if kind == Certificates::OpenSsl { openssl_folder(subject, client) } else { None };
        let (file, folder) = (variable("SSL_CERT_FILE"), variable("SSL_CERT_DIR"));
        let all = |list: &[&str]| list.iter().map(|&path| path.to_owned()).collect();
        Self {
            files: match (file, &own) {
                (Some(file), _) => vec![file.to_owned()],
                (None, Some(own)) => vec![format!("{own}/cert.pem")],
                (None, None) => all(&FILES),
            },
            folders: match (folder, &own) {
                (Some(list), _) => list.split(':').map(str::to_owned).collect(),
                (None, Some(own)) => vec![format!("{own}/certs")],
                (None, None) => all(&FOLDERS),
            },
            hashed: own.is_some(),
            variable: file.map(str::to_owned),
        }
    }

    /// What is wrong, if there are no certificates in any of the places.
    fn lack(&self, subject: &Subject<'_>) -> Option<String> {
        let in_folder = |folder: &String| holds_certificates(subject, folder, self.hashed);
        if self.files.iter().any(|file| subject.has_file(file)) || self.folders.iter().any(in_folder) {
            return None;
        }
        let present = FILES.iter().find(|file| subject.has_file(file));
        let hint = match (present, &self.variable) {
            (Some(file), _) => format!("set SSL_CERT_FILE={file}"),
            (None, Some(file)) => format!("copy them to {file}, which SSL_CERT_FILE names"),
            (None, None) => {
                format!("copy {} of the package ca-certificates, and let SSL_CERT_FILE name it", FILES[0])
            }
        };
        let places: Vec<&str> = self.files.iter().chain(&self.folders).map(String::as_str).collect();
        Some(format!(
            "there are no root certificates where it looks ({}), so that no server is trusted unless the program \
             brings its own: {hint}",
            places.join(", ")
        ))
    }
}

/// The folder that the OpenSSL of a program or library was built with.
fn openssl_folder(subject: &Subject<'_>, client: &Entry) -> Option<String> {
    let closure = subject.loader().closure(&client.path);
    let mut libraries = closure.libraries.iter().filter_map(|library| subject.tree.get(&library.real)?.elf());
    libraries.find_map(|facts| facts.certificate_folder.clone())
}

fn holds_certificates(subject: &Subject<'_>, folder: &str, hashed: bool) -> bool {
    if subject.is_volume(folder) {
        return true;
    }
    let Ok(folder) = subject.tree.resolve(folder) else { return false };
    let mut files = subject.tree.children(&folder.path);
    files.any(|file| (!hashed || is_hashed(file.name())) && subject.has_file(&file.path))
}

fn is_hashed(name: &str) -> bool {
    name.split_once('.').is_some_and(|(hash, number)| {
        hash.len() == 8
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The module through which a Python that is started speaks TLS. Where certifi is installed, most applications take
/// its certificates.
fn python_module<'t>(subject: &Subject<'t>, reached: &Reached) -> Option<&'t Entry> {
    let python = reached.programs(subject.tree).find(|entry| {
        entry.name().starts_with("python") && entry.elf().is_some_and(|facts| facts.interpreter.is_some())
    })?;
    let (prefix, _) = python.path.rsplit_once("/bin/")?;
    let libraries = format!("{prefix}/lib/");
    let module = subject
        .tree
        .below(libraries.trim_end_matches('/'))
        .find(|entry| entry.path.contains("/lib-dynload/_ssl.") && entry.elf().is_some())?;
    let has_certifi = subject.tree.iter().any(|entry| entry.path.ends_with("/certifi/cacert.pem"));
    (!has_certifi).then_some(module)
}
