/// Something about the image that what is said of it may depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is.
    pub kind: NoteKind,
    /// The layer, counted from 0.
    pub layer: Option<u32>,
    /// The path in the image, as the image has it.
    pub path: Option<Box<str>>,
}

/// What a [`Note`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NoteKind {
    /// The name leads out of the root; it was read as if the root had no parent.
    OutsideName,
    /// A hard link to nothing; it was left out.
    DanglingHardLink,
    /// A whiteout that names nothing; it was left out.
    InvalidWhiteout,
    /// The file is too large to be looked into.
    TooLarge,
    /// Enough texts were kept already: this one was not.
    OverBudget,
    /// A file with holes was not looked into.
    Sparse,
    /// A file that starts as ELF but is none.
    MalformedElf,
    /// A file or folder that this machine does not let be read.
    Unreadable,
    /// A folder of another file system, such as a mounted `/proc`; it was left out.
    OtherFileSystem,
    /// The history does not match the layers: no layer says what made it.
    HistoryMismatch,
    /// A package database that could not be read: its packages are not listed.
    UnreadDatabase,
    /// A package database of rpm's old form, which is not read: its packages are not listed.
    BerkeleyDatabase,
    /// Changes of a package database that are not in it yet; they were not read.
    PendingChanges,
    /// More of the same kind were left out.
    More,
}

impl NoteKind {
    /// The sentence without its subject.
    pub const fn message(self) -> &'static str {
        match self {
            Self::OutsideName => "names a path outside of the root; read as if the root had no parent",
            Self::DanglingHardLink => "is a hard link to nothing; left out",
            Self::InvalidWhiteout => "is a whiteout of nothing; left out",
            Self::TooLarge => "is too large to be looked into",
            Self::OverBudget => "was not looked into: the texts kept of this image have reached their limit",
            Self::Sparse => "has holes and was not looked into",
            Self::MalformedElf => "starts as an ELF file, but is none that could be loaded",
            Self::Unreadable => "cannot be read here",
            Self::OtherFileSystem => "is on another file system; left out",
            Self::HistoryMismatch => "the history does not match the layers",
            Self::UnreadDatabase => "is a package database whose packages are not listed",
            Self::BerkeleyDatabase => {
                "is a Berkeley DB of rpm, which is not read: its packages are not listed"
            }
            Self::PendingChanges => "holds changes of a package database that were not read",
            Self::More => "more such files were left out of the notes",
        }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{} ", path.escape_debug())?;
        }
        f.write_str(self.kind.message())
    }
}

/// Notes, bounded for each kind.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    list: Vec<Note>,
    counts: std::collections::BTreeMap<NoteKind, usize>,
}

impl Notes {
    /// Notes of one kind that are kept.
    const KEPT: usize = 20;

    pub(crate) fn add(&mut self, kind: NoteKind, layer: Option<u32>, path: Option<&str>) {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= Self::KEPT {
            self.list.push(Note { kind, layer, path: path.map(Into::into) });
        } else if *count == Self::KEPT + 1 {
            self.list.push(Note { kind: NoteKind::More, layer: None, path: None });
        }
    }

    pub(crate) fn into_list(self) -> Vec<Note> {
        self.list
    }
}
