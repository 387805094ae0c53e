//! What an ELF file says of itself: what has to be there for it to start, and what it looks for at run time.
//!
//! Everything is read the way a dynamic loader reads it, from the program headers and the dynamic segment, so that
//! files without section headers count as well. Only imported symbols need the section headers, as nothing else
//! says how many there are.

mod read;
mod wants;

#[cfg(test)]
mod tests;

pub use wants::{Certificates, Wants};

/// The first bytes of every ELF file.
pub const MAGIC: [u8; 4] = *b"\x7fELF";

/// What an ELF file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfFacts {
    /// The processor it is for.
    pub machine: Machine,
    /// What it is started as.
    pub kind: Kind,
    /// The dynamic loader that starts it (`PT_INTERP`).
    pub interpreter: Option<String>,
    /// The libraries it names (`DT_NEEDED`), in order.
    pub needed: Vec<String>,
    /// What it is called as a library (`DT_SONAME`).
    pub soname: Option<String>,
    /// Folders of `DT_RPATH`, as written; libraries that it loads search them, too.
    pub rpath: Vec<String>,
    /// Folders of `DT_RUNPATH`, as written; where this is `Some`, `rpath` does not count.
    pub runpath: Option<Vec<String>>,
    /// Whether it forbids the default folders (`DF_1_NODEFLIB`).
    pub no_default_folders: bool,
    /// The symbol versions it needs, by library.
    pub requires: Vec<Requirement>,
    /// The symbol versions it offers.
    pub offers: Vec<String>,
    /// For a dynamic loader: the folders that it was built to search, in order.
    pub default_folders: Vec<String>,
    /// For OpenSSL's libcrypto: the folder that it was built to find root certificates in (`OPENSSLDIR`).
    pub certificate_folder: Option<String>,
    /// What it looks for at run time that no dependency names.
    pub wants: Wants,
}

/// The symbol versions needed of one library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The library's name, as in [`ElfFacts::needed`].
    pub library: String,
    /// Versions without which the loader refuses to start it; weak ones are left out.
    pub versions: Vec<String>,
}

/// What an ELF file is started as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By a dynamic loader, which it names.
    Dynamic,
    /// By itself, at a fixed address.
    Static,
    /// By itself, at any address.
    StaticPie,
    /// Not at all: programs load it.
    Library,
    /// Not at all: an object file, a core dump.
    Other,
}

/// A processor as ELF headers name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Machine {
    /// `e_machine`.
    pub number: u16,
    /// 64-bit class.
    pub wide: bool,
    /// Least significant byte first.
    pub little_endian: bool,
}

/// A processor and its names.
struct Known {
    machine: Machine,
    /// As GOARCH, which image configurations use.
    architecture: &'static str,
    /// Debian's multiarch folders.
    triplets: &'static [&'static str],
    /// In musl's file names.
    musl: &'static str,
    /// What `$PLATFORM` stands for in run paths.
    platform: &'static str,
}

const fn machine(number: u16, wide: bool, little_endian: bool) -> Machine {
    Machine { number, wide, little_endian }
}

/// Sources: the psABI supplements for numbers, Debian's multiarch tuples, musl's `arch/*/reloc.h`.
#[rustfmt::skip]
const KNOWN: [Known; 11] = [
    Known { machine: machine(62, true, true), architecture: "amd64", triplets: &["x86_64-linux-gnu"], musl: "x86_64", platform: "x86_64" },
    Known { machine: machine(3, false, true), architecture: "386", triplets: &["i386-linux-gnu"], musl: "i386", platform: "i686" },
    Known { machine: machine(183, true, true), architecture: "arm64", triplets: &["aarch64-linux-gnu"], musl: "aarch64", platform: "aarch64" },
    Known { machine: machine(40, false, true), architecture: "arm", triplets: &["arm-linux-gnueabihf", "arm-linux-gnueabi"], musl: "armhf", platform: "v7l" },
    Known { machine: machine(21, true, true), architecture: "ppc64le", triplets: &["powerpc64le-linux-gnu"], musl: "powerpc64le", platform: "power8" },
    Known { machine: machine(21, true, false), architecture: "ppc64", triplets: &["powerpc64-linux-gnu"], musl: "powerpc64", platform: "power7" },
    Known { machine: machine(22, true, false), architecture: "s390x", triplets: &["s390x-linux-gnu"], musl: "s390x", platform: "z13" },
    Known { machine: machine(243, true, true), architecture: "riscv64", triplets: &["riscv64-linux-gnu"], musl: "riscv64", platform: "riscv64" },
    Known { machine: machine(258, true, true), architecture: "loong64", triplets: &["loongarch64-linux-gnu"], musl: "loongarch64", platform: "loongarch64" },
    Known { machine: machine(8, true, true), architecture: "mips64le", triplets: &["mips64el-linux-gnuabi64"], musl: "mips64el", platform: "mips64" },
    Known { machine: machine(8, false, true), architecture: "mipsle", triplets: &["mipsel-linux-gnu"], musl: "mipsel", platform: "mips" },
];

impl Machine {
    fn known(self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.machine == self)
    }

    /// As in image configurations: `amd64`, `arm64`; `None` for one that no image is built for.
    pub fn architecture(self) -> Option<&'static str> {
        self.known().map(|known| known.architecture)
    }

    /// The machine of an image configuration's architecture.
    pub fn of_architecture(name: &str) -> Option<Self> {
        KNOWN.iter().find(|known| known.architecture == name).map(|known| known.machine)
    }

    /// Debian's multiarch folders: `x86_64-linux-gnu`.
    pub fn triplets(self) -> &'static [&'static str] {
        self.known().map_or(&[], |known| known.triplets)
    }

    /// The word in `/lib/ld-musl-<word>.so.1`.
    pub fn musl_name(self) -> Option<&'static str> {
        self.known().map(|known| known.musl)
    }

    /// What `$PLATFORM` stands for.
    pub fn platform(self) -> Option<&'static str> {
        self.known().map(|known| known.platform)
    }

    /// What `$LIB` stands for where a distribution has two folders of libraries.
    pub const fn lib_folder(self) -> &'static str {
        if self.wide { "lib64" } else { "lib" }
    }
}

/// `amd64`, or the header's number.
impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.architecture() {
            Some(name) => f.write_str(name),
            None => write!(f, "processor type {}", self.number),
        }
    }
}

impl ElfFacts {
    /// Reads an ELF file. `None`: it is none, or its headers make no sense, so that no loader would take it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        read::facts(bytes)
    }

    /// Whether a dynamic loader has to find libraries for it.
    pub fn is_dynamic(&self) -> bool {
        self.interpreter.is_some() || !self.needed.is_empty()
    }
}
