//! What commands do to an image. Every command is lowered to effects once; the inventory, rules, recipes and
//! start-time analysis read those, never words again.

use barehull_syntax::Location;

/// One thing a command does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What.
    pub kind: EffectKind,
    /// The command, for pointing at (a composite span where the command stands on several lines).
    pub at: Location,
    /// Whether it happens whenever the instruction succeeds; false inside conditions, loops, behind `||`.
    pub certain: bool,
}

/// A package as a command names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Its name, without version or architecture.
    pub name: String,
    /// The version it was asked for in.
    pub version: Option<String>,
    /// The word; its span is exact where `exact` says so.
    pub at: Location,
    /// Whether an edit may replace just the word.
    pub exact: bool,
}

/// Package managers of operating systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manager {
    /// apt, apt-get, aptitude.
    Apt,
    /// dpkg.
    Dpkg,
    /// apk.
    Apk,
    /// yum, dnf, microdnf, tdnf.
    Dnf,
    /// rpm.
    Rpm,
    /// zypper.
    Zypper,
    /// pacman.
    Pacman,
}

/// Package managers of languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is named as its executable")]
pub enum LanguageManager {
    Pip,
    Pipx,
    Poetry,
    Uv,
    Conda,
    Npm,
    Yarn,
    Pnpm,
    Gem,
    Bundler,
    Composer,
    Cargo,
    Go,
    Maven,
    Gradle,
    Dotnet,
}

/// Where a language's packages land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Landing {
    /// With the interpreter (`pip install`, `npm install -g`): executables on PATH.
    Global,
    /// In the project's own folder, absolute path.
    Project(String),
    /// Below a folder given on the command line (`pip --target`, `--prefix`), absolute path.
    Folder(String),
    /// In the user's home (`pip --user`).
    Home,
}

/// Where fetched bytes go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sink {
    /// A file, absolute path.
    File(String),
    /// Into a folder, absolute path, under a name taken from the address.
    Folder(String),
    /// A pipe, a variable or the terminal.
    Stream,
    /// It could not be told.
    Unknown,
}

/// The kinds of effect. Paths are absolute and normalised, variables resolved; where that was not possible
/// the effect is [`EffectKind::Unknown`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// Installs packages from a repository.
    Install {
        /// With what.
        manager: Manager,
        /// What; groups (`@development`) are left as named.
        packages: Vec<Named>,
        /// Whether recommended packages come along.
        recommends: bool,
        /// apk `--virtual` group.
        group: Option<String>,
        /// `--root`, `--installroot`: another root than the image's.
        root: Option<String>,
    },
    /// Installs package files.
    InstallFiles {
        /// With what.
        manager: Manager,
        /// The files, as written.
        files: Vec<String>,
    },
    /// Removes packages.
    Uninstall {
        /// With what.
        manager: Manager,
        /// Which: names, or groups made with `--virtual`.
        packages: Vec<Named>,
        /// Whether packages that nothing needs any more go too.
        autoremove: bool,
    },
    /// `apt-mark auto` and the like: what was installed by hand counts as pulled in from here on.
    MarkAuto {
        /// Which packages; all where empty.
        packages: Vec<Named>,
    },
    /// `apt-mark manual`: these stay.
    MarkManual {
        /// Which packages; empty where the names could not be resolved.
        packages: Vec<Named>,
    },
    /// Refreshes package lists.
    RefreshLists(Manager),
    /// Upgrades what is installed.
    Upgrade(Manager),
    /// Removes a package manager's caches or lists.
    CleanCache(Manager),
    /// Installs packages of a language.
    LanguageInstall {
        /// With what.
        manager: LanguageManager,
        /// Named packages; empty where a manifest lists them.
        packages: Vec<Named>,
        /// Where they land.
        landing: Landing,
        /// Whether development dependencies come along.
        development: bool,
    },
    /// Gets something from the network.
    Fetch {
        /// The program.
        tool: String,
        /// The address, where it is literal once variables are resolved.
        url: Option<String>,
        /// Where it goes.
        to: Sink,
    },
    /// Writes a file (redirection, `tee`).
    Write {
        /// Which.
        path: String,
    },
    /// Removes a file or folder.
    Remove {
        /// Which; may hold glob characters.
        path: String,
        /// With all below it.
        recursive: bool,
    },
    /// Makes a folder.
    MakeFolder {
        /// Which.
        path: String,
    },
    /// Changes modes.
    Chmod {
        /// Of what.
        path: String,
        /// The mode as written.
        mode: String,
        /// With all below it.
        recursive: bool,
    },
    /// Changes owners.
    Chown {
        /// Of what.
        path: String,
        /// The owner as written.
        owner: String,
        /// With all below it.
        recursive: bool,
    },
    /// Makes a link.
    Link {
        /// The new name.
        path: String,
        /// What it stands for, as written or resolved.
        target: String,
    },
    /// Copies inside the image.
    Copy {
        /// From.
        from: String,
        /// To.
        to: String,
    },
    /// Moves inside the image.
    Move {
        /// From.
        from: String,
        /// To.
        to: String,
    },
    /// Unpacks an archive below a folder.
    Unpack {
        /// Where to.
        folder: String,
    },
    /// Makes users or groups.
    Account {
        /// The user's name where one is made.
        user: Option<String>,
        /// Its numeric id, if given.
        uid: Option<u32>,
        /// The user's group where it is named, or the group that is made.
        group: Option<String>,
        /// The group's number, if given.
        gid: Option<u32>,
        /// Whether the user gets other groups besides.
        more_groups: bool,
    },
    /// Runs a program whose effect on the file system is not modelled (compilers, the application's own).
    Spawn {
        /// The program, as a name or path.
        program: String,
        /// Its literal arguments; a word that is not literal is `None`.
        args: Vec<Option<String>>,
    },
    /// Nothing that stays: `echo`, `test`, `cd`, `set`, `true`.
    Nothing,
    /// Something that could not be read: whatever is built on the image from here on is `AtLeast`.
    Unknown {
        /// Why.
        reason: String,
    },
}
