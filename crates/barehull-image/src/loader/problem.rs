//! Why a program will not start.

use std::fmt;

use crate::elf::Machine;

/// Why a program will not start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// Its dynamic loader is not there.
    NoInterpreter {
        /// As the program names it.
        interpreter: String,
    },
    /// Its dynamic loader is there, but no program for its processor.
    BadInterpreter {
        /// As the program names it.
        interpreter: String,
    },
    /// A library is not there, or not where the loader looks.
    NoLibrary {
        /// Its name.
        name: String,
        /// The real path of the file that needs it.
        needed_by: String,
        /// Where a file of this name lies that the loader does not look at.
        elsewhere: Option<String>,
        /// Whether `ldconfig` would make the loader find it there.
        ldconfig_finds_it: bool,
        /// The processor of the only files of this name that it did look at.
        other_machine: Option<Machine>,
    },
    /// A library is there, but older than what the file was linked with.
    NoVersion {
        /// Its name.
        library: String,
        /// Where it lies.
        path: String,
        /// The real path of the file that needs more.
        needed_by: String,
        /// The versions that it lacks, newest last.
        missing: Vec<String>,
        /// The newest version of the same series that it has.
        newest: Option<String>,
    },
    /// A file that a loader would read makes no sense.
    Unreadable {
        /// Where it lies.
        path: String,
    },
}

/// A sentence without its subject: `needs libpq.so.5, which is not in the image`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInterpreter { interpreter } => {
                write!(f, "is started by {interpreter}, which is not in the image")?;
                if interpreter.contains("ld-musl") {
                    f.write_str(": it was linked for musl (Alpine); build it on the distribution it runs on, or statically")
                } else {
                    f.write_str(
                        ": it was linked for glibc (Debian, Ubuntu, RHEL); build it on the distribution it runs on, or statically",
                    )
                }
            }
            Self::BadInterpreter { interpreter } => {
                write!(f, "is started by {interpreter}, which is no program for its processor")
            }
            Self::NoLibrary { name, needed_by: _, elsewhere, ldconfig_finds_it, other_machine } => {
                match (elsewhere, other_machine) {
                    (_, Some(machine)) => {
                        write!(f, "needs {name}; the only one in the image is for {machine}")
                    }
                    (Some(path), _) if *ldconfig_finds_it => write!(
                        f,
                        "needs {name}; {path} is not in /etc/ld.so.cache: run `ldconfig` after it is put there"
                    ),
                    (Some(path), _) => write!(
                        f,
                        "needs {name}; {path} is in none of the folders that the loader searches: move it, or set \
                         LD_LIBRARY_PATH or a run path"
                    ),
                    (None, _) => write!(f, "needs {name}, which is not in the image: copy or install it"),
                }
            }
            Self::NoVersion { library, path, needed_by: _, missing, newest } => {
                write!(f, "needs {} of {library}; {path} has ", missing.join(", "))?;
                match newest {
                    Some(newest) => write!(f, "versions up to {newest}")?,
                    None => f.write_str("no such versions")?,
                }
                f.write_str(
                    ": build it on the release it runs on, or take a base as new as the one it was built on",
                )
            }
            Self::Unreadable { path } => write!(f, "needs {path}, which is damaged"),
        }
    }
}
