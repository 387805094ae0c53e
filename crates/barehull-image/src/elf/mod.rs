//! What an ELF file says of itself.

/// What an ELF file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfFacts {
    /// The dynamic loader that starts it (`PT_INTERP`).
    pub interpreter: Option<String>,
}

impl ElfFacts {
    /// Reads an ELF file. `None`: it is none, or its headers make no sense.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        bytes.starts_with(b"\x7fELF").then_some(Self { interpreter: None })
    }
}
