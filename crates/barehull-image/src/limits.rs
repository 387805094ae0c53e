/// Where reading an image stops, so that no input takes more than its share of memory and time.
///
/// What is over a limit of the image as a whole is an error, since a part of a file system proves nothing; what is
/// over a limit of one file's contents is a [`Note`](crate::Note), and the file's facts say that they are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files, folders and links of all layers together. Each takes some 200 bytes.
    pub entries: u64,
    /// Layers.
    pub layers: usize,
    /// Uncompressed bytes of all layers together that are accepted however small the compressed ones are.
    pub expansion_floor: u64,
    /// Above the floor: uncompressed bytes for each compressed one. gzip makes 1032 of one at most; layers of real
    /// images stay under 20.
    pub expansion_ratio: u64,
    /// Uncompressed bytes of all layers together, in any case.
    pub image_bytes: u64,
    /// Bytes of a manifest, an index or an image configuration; registries take no more.
    pub json_bytes: u64,
    /// Manifests that an index, with those it leads to, may list.
    pub manifests: usize,
    /// Bytes of a path or of a link's target; Linux opens nothing longer than 4096.
    pub path_bytes: usize,
    /// Steps from folder to folder that are made where a layer's names lead through links, in all layers together.
    pub link_steps: usize,
    /// Bytes of all paths and link targets together.
    pub name_bytes: u64,
    /// Bytes of what tar puts in front of an entry for long names and attributes.
    pub tar_header_bytes: u64,
    /// The largest ELF file that is read; it is held in memory while it is.
    pub elf_bytes: u64,
    /// The largest package database that is kept.
    pub database_bytes: u64,
    /// The largest database of rpm that is read; it is held in memory while it is, and only a list is kept.
    pub rpm_bytes: u64,
    /// The largest other text that is kept.
    pub text_bytes: u64,
    /// Memory for what is kept of the contents of all files together: texts, scripts, facts of programs.
    pub kept_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            layers: 1_024,
            expansion_floor: 4 << 30,
            expansion_ratio: 100,
            image_bytes: 64 << 30,
            json_bytes: 4 << 20,
            manifests: 4_096,
            path_bytes: 4_096,
            link_steps: 10_000_000,
            name_bytes: 128 << 20,
            tar_header_bytes: 1 << 20,
            elf_bytes: 128 << 20,
            database_bytes: 16 << 20,
            rpm_bytes: 128 << 20,
            text_bytes: 64 << 10,
            kept_bytes: 64 << 20,
        }
    }
}
