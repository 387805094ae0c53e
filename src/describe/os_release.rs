//! The distribution, by the words of its own files.

use barehull_catalog::{Catalog, Family};
use barehull_image::{Entry, Tree};

use super::has_packages;

/// `ID` of os-release, the family, and the product in the catalog's ends of life
/// (<https://www.freedesktop.org/software/systemd/man/latest/os-release.html>).
const IDS: [(&str, Family, Option<&str>); 19] = [
    ("debian", Family::Debian, Some("debian")),
    ("ubuntu", Family::Ubuntu, Some("ubuntu")),
    ("alpine", Family::Alpine, Some("alpine-linux")),
    ("rhel", Family::Rhel, Some("rhel")),
    ("centos", Family::Rhel, None),
    ("rocky", Family::Rhel, Some("rocky-linux")),
    ("almalinux", Family::Rhel, Some("almalinux")),
    ("ol", Family::Rhel, Some("oracle-linux")),
    ("fedora", Family::Fedora, Some("fedora")),
    ("amzn", Family::Amazon, Some("amazon-linux")),
    ("opensuse-leap", Family::Suse, Some("opensuse")),
    ("opensuse-tumbleweed", Family::Suse, None),
    ("sles", Family::Suse, Some("sles")),
    ("arch", Family::Arch, None),
    ("photon", Family::Photon, Some("vmware-photon")),
    ("azurelinux", Family::AzureLinux, None),
    ("mariner", Family::AzureLinux, None),
    ("wolfi", Family::Wolfi, None),
    ("chainguard", Family::Wolfi, None),
];

/// What an os-release file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OsRelease {
    id: String,
    like: Vec<String>,
    version: Option<String>,
    codenames: Vec<String>,
    name: Option<String>,
}

impl OsRelease {
    /// Of an image; `None`: there is none.
    pub(crate) fn of(tree: &Tree) -> Option<Self> {
        let file = ["/etc/os-release", "/usr/lib/os-release"]
            .iter()
            .find_map(|path| tree.resolve(path).ok().and_then(Entry::text))?;
        Some(Self::parse(&String::from_utf8_lossy(file)))
    }

    fn parse(text: &str) -> Self {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
            let value = line.trim().trim_matches(['"', '\'']).to_owned();
            (!value.is_empty()).then_some(value)
        };
        Self {
            id: value("ID").unwrap_or_default(),
            like: value("ID_LIKE").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            version: value("VERSION_ID"),
            codenames: ["VERSION_CODENAME", "UBUNTU_CODENAME", "DEBIAN_CODENAME"]
                .iter()
                .filter_map(|name| value(name))
                .collect(),
            name: value("NAME"),
        }
    }

    /// `Debian 12`.
    pub(crate) fn title(&self) -> Option<String> {
        let name = self.name.as_deref()?.trim_end_matches(" GNU/Linux");
        Some(self.version.as_ref().map_or_else(|| name.to_owned(), |version| format!("{name} {version}")))
    }
}

/// The distribution as the catalog names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Distribution {
    /// The family.
    pub(super) family: Family,
    /// Its release, `unknown` where the image does not say one that the catalog has; `None`: the family has none.
    pub(super) release: Option<String>,
    /// The product in the catalog's ends of life.
    pub(super) eol: Option<&'static str>,
}

impl Distribution {
    /// Of an image; what could not be told becomes a remark.
    pub(super) fn of(tree: &Tree, catalog: &Catalog, remarks: &mut Vec<String>) -> Self {
        let Some(words) = OsRelease::of(tree) else { return Self::without_words(tree, catalog, remarks) };
        if let Some((_, family, eol)) = IDS.iter().find(|(id, ..)| *id == words.id) {
            let said: Vec<&String> = words.version.iter().chain(&words.codenames).collect();
            return Self::new(*family, &said, *eol, catalog, remarks);
        }
        let like = words.like.iter().find_map(|like| IDS.iter().find(|(id, ..)| id == like));
        if let Some((like, family, _)) = like {
            remarks.push(format!(
                "The distribution is `{}`, which says it is like {like}: packages are taken for those of {}.",
                words.id,
                family.title()
            ));
            // Its own numbers mean its own releases, but for rebuilds of Red Hat's.
            let number = words.version.iter().filter(|_| *family == Family::Rhel);
            let said: Vec<&String> = number.chain(&words.codenames).collect();
            return Self::new(*family, &said, None, catalog, remarks);
        }
        remarks.push(format!(
            "The distribution `{}` is not in the catalog: what Dockerfiles install on it will not be known. If it has \
             the packages of one that is, say so by `os` and `release`.",
            words.id
        ));
        Self { family: Family::None, release: None, eol: None }
    }

    /// What other files say where there is no os-release.
    fn without_words(tree: &Tree, catalog: &Catalog, remarks: &mut Vec<String>) -> Self {
        let text = |path: &str| {
            let text = tree.resolve(path).ok().and_then(Entry::text)?;
            Some(String::from_utf8_lossy(text).trim().to_owned())
        };
        for (path, family, eol) in [
            ("/etc/alpine-release", Family::Alpine, "alpine-linux"),
            ("/etc/debian_version", Family::Debian, "debian"),
        ] {
            if let Some(version) = text(path) {
                return Self::new(family, &[&version], Some(eol), catalog, remarks);
            }
        }
        let is_busybox = ["/bin/busybox", "/usr/bin/busybox"].iter().any(|path| tree.resolve(path).is_ok());
        let family = if is_busybox { Family::Busybox } else { Family::None };
        Self { family, release: None, eol: None }
    }

    /// The first word that is a release of the family.
    fn new(
        family: Family,
        words: &[&String],
        eol: Option<&'static str>,
        catalog: &Catalog,
        remarks: &mut Vec<String>,
    ) -> Self {
        let Some(entry) = catalog.family(family).filter(|_| has_packages(family)) else {
            return Self { family, release: None, eol };
        };
        let known = words.iter().find_map(|word| entry.release(word));
        // Families with one release that is never said.
        let rolling = || entry.releases.iter().find(|r| entry.releases.len() == 1 && r.release == "rolling");
        let release = known.or_else(rolling).map(|release| release.release.clone().into_owned());
        let release = release.unwrap_or_else(|| {
            let said = words.first().map_or("no release".to_owned(), |word| format!("`{word}`"));
            remarks.push(format!(
                "The release of {} is not in the catalog (the image says {said}): what Dockerfiles install on it is \
                 taken for that of the nearest one.",
                family.title()
            ));
            "unknown".to_owned()
        });
        Self { family, release: Some(release), eol }
    }
}
