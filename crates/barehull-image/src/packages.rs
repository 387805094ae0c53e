//! What package managers say is installed.

mod apk;
mod dpkg;
mod owners;
pub(crate) mod rpm;

use crate::note::{Note, NoteKind};
use crate::{Content, Tree};

pub use owners::owners;

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// What it is called.
    pub name: String,
    /// Its version, as its manager writes it; empty: not told.
    pub version: String,
}

impl Package {
    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> u64 {
        (size_of::<Self>() + self.name.len() + self.version.len()) as u64
    }
}

/// A database of packages, or a file of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageDatabase {
    /// Whose it is.
    pub manager: PackageManager,
    /// Where it is. Distroless images have one file for each package, in `/var/lib/dpkg/status.d`.
    pub path: String,
    /// The layer that wrote it last.
    pub layer: u32,
    /// What is installed, in the order of the database. `None`: the database was not read, as rpm's never is where it
    /// is a Berkeley DB.
    pub packages: Option<Vec<Package>>,
}

/// A family of package managers with one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageManager {
    /// Debian's.
    Dpkg,
    /// Alpine's.
    Apk,
    /// That of Red Hat, SUSE and others.
    Rpm,
}

impl PackageManager {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
        }
    }
}

/// Databases of one file: <https://manpages.debian.org/bookworm/dpkg/dpkg.1.en.html>, apk-tools' `db/installed` (under
/// `/usr` since Alpine 3.23), rpm's `%_dbpath` of its releases.
const FILES: [(PackageManager, &str); 9] = [
    (PackageManager::Dpkg, "/var/lib/dpkg/status"),
    (PackageManager::Apk, "/lib/apk/db/installed"),
    (PackageManager::Apk, "/usr/lib/apk/db/installed"),
    (PackageManager::Rpm, "/var/lib/rpm/rpmdb.sqlite"),
    (PackageManager::Rpm, "/var/lib/rpm/Packages.db"),
    (PackageManager::Rpm, "/var/lib/rpm/Packages"),
    (PackageManager::Rpm, "/usr/lib/sysimage/rpm/rpmdb.sqlite"),
    (PackageManager::Rpm, "/usr/lib/sysimage/rpm/Packages.db"),
    (PackageManager::Rpm, "/usr/lib/sysimage/rpm/Packages"),
];

/// One small file for each package.
const STATUS_FOLDER: &str = "/var/lib/dpkg/status.d";

/// All databases in an image.
pub(crate) fn read(tree: &Tree, notes: &mut Vec<Note>) -> Vec<PackageDatabase> {
    let files = FILES.iter().filter_map(|(manager, path)| Some((*manager, tree.get(path)?)));
    let parts = tree.children(STATUS_FOLDER).filter(|entry| !entry.path.ends_with(".md5sums"));
    let all = files.chain(parts.map(|entry| (PackageManager::Dpkg, entry)));
    let mut databases = Vec::new();
    for (manager, entry) in all.filter(|(_, entry)| entry.kind == crate::Kind::File) {
        let packages = match (manager, entry.text()) {
            (_, _) if entry.size == 0 => Some(Vec::new()),
            (PackageManager::Dpkg, Some(text)) => Some(dpkg::packages(text)),
            (PackageManager::Apk, Some(text)) => Some(apk::packages(text)),
            _ => match &entry.content {
                Content::Packages(list) => Some(list.to_vec()),
                _ => None,
            },
        };
        if packages.is_none() {
            let kind = match entry.name() {
                "Packages" => NoteKind::BerkeleyDatabase,
                _ => NoteKind::UnreadDatabase,
            };
            notes.push(Note { kind, layer: Some(entry.layer), path: Some(entry.path.clone()) });
        }
        // What SQLite has not written into the database itself yet. rpm empties it when it is done.
        if let Some(pending) = tree.get(&format!("{}-wal", entry.path)).filter(|pending| pending.size > 0) {
            let (kind, layer) = (NoteKind::PendingChanges, Some(pending.layer));
            notes.push(Note { kind, layer, path: Some(pending.path.clone()) });
        }
        databases.push(PackageDatabase {
            manager,
            path: entry.path.to_string(),
            layer: entry.layer,
            packages,
        });
    }
    databases
}
