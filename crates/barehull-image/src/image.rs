use crate::store::{self, Store};
use crate::{ImageConfig, Limits, Note, PackageDatabase, ReadError, Tree, docker, layer, oci, rootfs, tar};
use barehull_catalog::Completeness;
use std::path::Path;

/// An image, read.
#[derive(Debug)]
pub struct Image {
    /// How a container of it starts.
    pub config: ImageConfig,
    /// Its layers, lowest first. A root file system folder is one layer.
    pub layers: Vec<Layer>,
    /// What a container sees.
    pub tree: Tree,
    /// What has to be known about the reading.
    pub notes: Vec<Note>,
    /// The package databases in it, with what they list.
    pub packages: Vec<PackageDatabase>,
    /// Exact, unless a part of a folder could not be read.
    pub completeness: Completeness,
    /// What it is called, where the file says so.
    pub name: Option<String>,
    /// The digest of its manifest (OCI) or configuration (`docker save`), where it has one.
    pub digest: Option<String>,
}

/// A layer of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Counted from 0, the lowest.
    pub index: u32,
    /// The digest of the blob, compressed as it may be; `None` for a folder.
    pub digest: Option<String>,
    /// The digest of the uncompressed bytes, as the configuration says; `None` where it does not.
    pub diff_id: Option<String>,
    /// What made it, by the image's history; empty: unknown.
    pub created_by: String,
    /// Bytes of the blob.
    pub size: u64,
    /// Bytes of the uncompressed archive.
    pub unpacked_size: u64,
    /// Members of the archive.
    pub entries: u64,
}

/// What to read, and how much of it.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// The platform wanted; `None`: the only one there is, else `linux` on this machine's processor, else linux/amd64.
    pub platform: Option<Platform>,
    /// The name or tag of the image, where the file holds several.
    pub name: Option<String>,
    /// The configuration, for a root file system folder, which has none; it also replaces that of an image.
    pub config: Option<ImageConfig>,
    /// Where reading stops.
    pub limits: Limits,
}

/// An operating system and a processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// `amd64`.
    pub architecture: String,
    /// `v8`; `None`: any.
    pub variant: Option<String>,
}

impl std::str::FromStr for Platform {
    type Err = String;

    /// `os/architecture` or `os/architecture/variant`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts[..] {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => {
                return Err(
                    "expected OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, as in linux/amd64".to_owned()
                );
            }
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err("a part of it is empty".to_owned());
        }
        Ok(Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        })
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

impl Image {
    /// Reads an image: an OCI image layout (folder or tar), an archive of `docker save`, or a root file system folder.
    /// Nothing is written, nothing is executed, and nothing outside of `path` is opened.
    ///
    /// # Errors
    /// If it is none of these, is broken, or is over a limit of [`Limits`].
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, ReadError> {
        let metadata = path.metadata().map_err(ReadError::io(path))?;
        let store = if metadata.is_dir() {
            Store::Folder(path.to_owned())
        } else if metadata.is_file() {
            archive(path, &options.limits)?
        } else {
            return Err(ReadError::NotAnImage { path: path.to_owned() });
        };
        if store.holds(oci::INDEX) && (store.holds("oci-layout") || !metadata.is_dir()) {
            layer::read(&store, oci::parts(&store, options)?, options)
        } else if docker::is_saved(&store, &options.limits) {
            layer::read(&store, docker::parts(&store, options)?, options)
        } else if metadata.is_dir() {
            rootfs::read(path, options)
        } else {
            Err(ReadError::Missing { name: format!("{} or {} in the archive", oci::INDEX, docker::MANIFEST) })
        }
    }

    /// The bytes of all blobs that hold layers.
    pub fn size(&self) -> u64 {
        self.layers.iter().map(|layer| layer.size).sum()
    }

    /// The bytes of the regular files that a container sees, each file counted once.
    pub fn visible_size(&self) -> u64 {
        self.tree.iter().filter(|entry| !entry.is_hard_link).map(|entry| entry.size).sum()
    }
}

/// The archive in a file.
fn archive(path: &Path, limits: &Limits) -> Result<Store, ReadError> {
    let compressed = |format| Err(ReadError::CompressedArchive { path: path.to_owned(), format });
    match store::first_bytes(path)?.as_slice() {
        [0x1f, 0x8b, ..] => compressed("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => compressed("zstd"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => compressed("xz"),
        [b'B', b'Z', b'h', ..] => compressed("bzip2"),
        start if tar::is_start(start) => Store::archive(path, limits),
        _ => Err(ReadError::NotAnImage { path: path.to_owned() }),
    }
}
