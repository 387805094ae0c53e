use std::fmt;

/// Why an executable matters for hardening. Each executable has exactly one; the order is that of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs commands: sh, bash, busybox.
    Shell,
    /// Installs packages of the operating system: apt, apk, rpm.
    PackageManager,
    /// Fetches from or talks to other machines: curl, nc, git.
    NetworkClient,
    /// Inspects or edits: gdb, strace, vim, ps.
    DebugTool,
    /// Builds programs: gcc, make, ld.
    BuildTool,
    /// Changes the user or is installed setuid to do so: sudo, su, mount.
    PrivilegeTool,
    /// Lets others in: sshd, telnetd.
    RemoteAccess,
    /// Installs packages of a language: pip, npm, gem.
    LanguagePackageManager,
}

impl Role {
    /// Every role, in order.
    pub const ALL: [Self; 8] = [
        Self::Shell,
        Self::PackageManager,
        Self::NetworkClient,
        Self::DebugTool,
        Self::BuildTool,
        Self::PrivilegeTool,
        Self::RemoteAccess,
        Self::LanguagePackageManager,
    ];

    /// The name in data, JSON and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::PackageManager => "package-manager",
            Self::NetworkClient => "network-client",
            Self::DebugTool => "debug-tool",
            Self::BuildTool => "build-tool",
            Self::PrivilegeTool => "privilege-tool",
            Self::RemoteAccess => "remote-access",
            Self::LanguagePackageManager => "language-package-manager",
        }
    }

    /// The name in running text, singular.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::PackageManager => "package manager",
            Self::NetworkClient => "network client",
            Self::DebugTool => "debug tool",
            Self::BuildTool => "build tool",
            Self::PrivilegeTool => "privilege tool",
            Self::RemoteAccess => "remote access",
            Self::LanguagePackageManager => "language package manager",
        }
    }

    /// The role of this [name](Self::as_str).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
