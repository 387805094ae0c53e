//! What is known of a language's functions: which start programs, touch files or listen, and which values they
//! give. The tables are beside each language's imports.

use super::Language;

/// What is known of one language.
pub(super) struct Dialect {
    pub language: Language,
    /// Names that need no import.
    pub globals: &'static [&'static str],
    /// Effects, by full name (`child_process.exec`); several for one name; `sh.*` is any member of `sh`.
    pub calls: &'static [Call],
    /// Effects of methods of objects whose type is not followed, by name.
    pub methods: &'static [Call],
    /// Values, by full name.
    pub values: &'static [(&'static str, Gives)],
    /// Starts of texts that name a file wherever they stand.
    pub addresses: &'static [(&'static str, Touches)],
    /// Variables and settings whose value is a folder that is written to.
    pub settings: &'static [&'static str],
}

pub(super) type Call = (&'static str, Does);

/// The effect of a call. Numbers are arguments, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Gives a text to a shell.
    Shell(usize),
    /// Starts the program that an argument names, with the arguments behind it.
    Program(usize),
    /// Starts the program that an option names.
    ProgramOption(&'static str),
    /// Runs a command line without a shell.
    CommandLine(usize),
    /// Starts a program with its arguments; a text alone is a command line, for which Ruby asks a shell only where
    /// it has to.
    Line(usize),
    /// Starts the program of a list; a text is given to a shell.
    ListOrShell(usize),
    /// Starts the program that it is named like.
    Namesake,
    /// Starts the program that its index names.
    Index,
    /// Starts the program that the text it is a method of names.
    ReceiverStarts,
    /// Starts a program of its own choice.
    Needs(&'static str),
    /// Writes, or reads, the path that an argument names.
    File(usize, Touches),
    /// The same for each argument.
    Files(Touches),
    /// The same for an option.
    FileOption(&'static str, Touches),
    /// The same for what it is a method of.
    Receiver(Touches),
    /// Opens the path that argument `path` names as argument `mode` says.
    Opens { path: usize, mode: usize },
    /// Opens what it is a method of as an argument says.
    ReceiverOpens { mode: usize },
    /// Listens at a port, or at an address that ends in one.
    Listens(usize),
    /// The same, from an option.
    ListensOption(&'static str),
}

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touches {
    /// It is made or changed.
    Writes,
    /// Made or changed if it is a path at all: the name is used for other things too.
    MayWrite,
    /// It is read.
    Reads,
}

/// The value of a call or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// The working directory.
    Here,
    /// The source file, or the folder so many steps above it.
    Code {
        /// Steps up: 0 is the file.
        up: usize,
    },
    /// The folder of its argument.
    Folder,
    /// Its first argument, from the folder of its second if it has one.
    Beside,
    /// The path of the program that runs the code.
    Own,
    /// The same, as the first element of a list.
    OwnFirst,
    /// A path in the folder for temporary files.
    Temporary,
    /// An argument.
    Argument(usize),
    /// Its first argument, with `%` places filled.
    Formatted,
    /// Its first argument, with `{}` places filled.
    Filled,
    /// Its arguments as one path.
    Joined {
        /// Whether what stands before an absolute argument is dropped.
        absolute_restarts: bool,
    },
}

impl Does {
    /// Whether a program is started.
    pub fn starts(self) -> bool {
        matches!(
            self,
            Self::Shell(_)
                | Self::Program(_)
                | Self::ProgramOption(_)
                | Self::CommandLine(_)
                | Self::Line(_)
                | Self::ListOrShell(_)
                | Self::Namesake
                | Self::Index
                | Self::ReceiverStarts
                | Self::Needs(_)
        )
    }
}

impl Dialect {
    /// The effects of `name`.
    pub fn effects(&self, name: &str) -> impl Iterator<Item = Call> {
        self.calls.iter().copied().filter(move |(known, _)| match known.strip_suffix('*') {
            Some(module) => name.strip_prefix(module).is_some_and(|member| !member.is_empty()),
            None => *known == name,
        })
    }

    /// The value of `name`.
    pub fn gives(&self, name: &str) -> Option<Gives> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, gives)| *gives)
    }

    /// Whether something is known of `name` or of its members.
    pub fn knows(&self, name: &str) -> bool {
        let fits = |known: &str| {
            known.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.calls.iter().any(|(known, _)| fits(known)) || self.values.iter().any(|(known, _)| fits(known))
    }

    /// The members of `module` of which something is known.
    pub fn members(&self, module: &str) -> impl Iterator<Item = &'static str> {
        let names = self.calls.iter().map(|(name, _)| *name).chain(self.values.iter().map(|(name, _)| *name));
        names.filter_map(move |name| {
            name.strip_prefix(module)?.strip_prefix('.').filter(|m| !m.contains(['.', '*']))
        })
    }
}
