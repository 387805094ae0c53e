use std::fmt;

/// What a program is made of, as far as its base image is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ecosystem {
    /// A Go binary.
    Go,
    /// A Rust binary.
    Rust,
    /// A compiled program of another language.
    Native,
    /// Runs on Node.js.
    Node,
    /// Runs on CPython.
    Python,
    /// Runs on a Java virtual machine.
    Java,
    /// Runs on .NET.
    Dotnet,
    /// Files that a web server hands out.
    StaticFiles,
}

impl Ecosystem {
    /// The name in data and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Rust => "rust",
            Self::Native => "native",
            Self::Node => "node",
            Self::Python => "python",
            Self::Java => "java",
            Self::Dotnet => "dotnet",
            Self::StaticFiles => "static-files",
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
