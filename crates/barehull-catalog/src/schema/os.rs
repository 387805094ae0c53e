use super::{Date, List, Text};
use std::fmt;

/// A family of distributions that share package names and layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Debian and what is built from its packages (distroless).
    Debian,
    /// Ubuntu.
    Ubuntu,
    /// Alpine.
    Alpine,
    /// Red Hat Enterprise Linux and its rebuilds: UBI, CentOS, Rocky, Alma, Oracle.
    Rhel,
    /// Fedora.
    Fedora,
    /// Amazon Linux.
    Amazon,
    /// openSUSE and SLE.
    Suse,
    /// Arch Linux.
    Arch,
    /// Photon OS.
    Photon,
    /// Azure Linux (formerly CBL-Mariner).
    AzureLinux,
    /// Wolfi and Chainguard images.
    Wolfi,
    /// The busybox image.
    Busybox,
    /// No distribution: scratch and static images.
    None,
    /// Windows.
    Windows,
}

impl Family {
    /// The name in data and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::Ubuntu => "ubuntu",
            Self::Alpine => "alpine",
            Self::Rhel => "rhel",
            Self::Fedora => "fedora",
            Self::Amazon => "amazon",
            Self::Suse => "suse",
            Self::Arch => "arch",
            Self::Photon => "photon",
            Self::AzureLinux => "azure-linux",
            Self::Wolfi => "wolfi",
            Self::Busybox => "busybox",
            Self::None => "none",
            Self::Windows => "windows",
        }
    }

    /// The name a reader knows: `Debian`, `RHEL`, `Azure Linux`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Debian => "Debian",
            Self::Ubuntu => "Ubuntu",
            Self::Alpine => "Alpine",
            Self::Rhel => "RHEL",
            Self::Fedora => "Fedora",
            Self::Amazon => "Amazon Linux",
            Self::Suse => "SUSE",
            Self::Arch => "Arch Linux",
            Self::Photon => "Photon",
            Self::AzureLinux => "Azure Linux",
            Self::Wolfi => "Wolfi",
            Self::Busybox => "BusyBox",
            Self::None => "no distribution",
            Self::Windows => "Windows",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The C library that dynamically linked programs find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Libc {
    /// GNU.
    Glibc,
    /// musl.
    Musl,
    /// None: only static programs start.
    None,
}

impl Libc {
    /// The name in data and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Glibc => "glibc",
            Self::Musl => "musl",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Libc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A family: its libc and releases.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OsEntry {
    /// The family.
    pub family: Family,
    /// Where the facts are from.
    #[serde(default)]
    pub source: Text,
    /// When they were read.
    #[serde(default)]
    pub date: Option<Date>,
    /// What programs link to.
    pub libc: Libc,
    /// Whether `/bin` and `/sbin` are links into `/usr`.
    #[serde(default)]
    pub merged_usr: bool,
    /// The release that merged them; none: all.
    #[serde(default)]
    pub merged_usr_since: Option<Text>,
    /// The release of a tag that names none.
    #[serde(default)]
    pub usual: Option<Text>,
    /// Oldest first.
    #[serde(default)]
    pub releases: List<Release>,
    /// Words of a tag that stand for a release.
    #[serde(default, deserialize_with = "super::tag::words")]
    pub aliases: List<(Text, Text)>,
    /// The family whose packages these are much like, where the own ones are not listed.
    #[serde(default)]
    pub packages_like: Option<Likeness>,
}

/// Another family's releases that are nearest to the own ones.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Likeness {
    /// The other family.
    pub family: Family,
    /// Own release and the other's, oldest first.
    #[serde(deserialize_with = "super::tag::words")]
    pub releases: List<(Text, Text)>,
}

impl Likeness {
    /// The other family's release that is nearest to this one.
    pub fn release(&self, own: &str) -> Option<&str> {
        let older = self.releases.iter().rfind(|(release, _)| super::compare_versions(release, own).is_le());
        older.or(self.releases.first()).map(|(_, other)| other.as_ref())
    }
}

/// One release of a family.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Its number: `12`, `24.04`, `3.22`.
    pub release: Text,
    /// Its name in tags, where it has one.
    #[serde(default)]
    pub codename: Option<Text>,
}

impl OsEntry {
    /// The release of this number, point release, codename or alias.
    pub fn release(&self, word: &str) -> Option<&Release> {
        let named = self.aliases.iter().find(|(alias, _)| alias == word).map_or(word, |(_, release)| release);
        self.releases.iter().find(|r| {
            let point = named.strip_prefix(r.release.as_ref()).is_some_and(|rest| {
                rest.strip_prefix('.').is_some_and(|digits| {
                    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
                })
            });
            r.release == named || point || r.codename.as_deref() == Some(named)
        })
    }
}
