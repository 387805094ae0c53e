//! Layers of archives, put one over the other.

use crate::contents::{self, Contents};
use crate::digest::{Digest, Hasher};
use crate::image::{Image, Layer, OpenOptions};
use crate::merge::{Merge, Place};
use crate::note::NoteKind;
use crate::store::Store;
use crate::tar::{Member, MemberKind, Reader};
use crate::unpack::{self, Unpacked};
use crate::{Content, Entry, ImageConfig, Kind, Limits, ReadError, Unread, packages};
use barehull_catalog::Completeness;
use std::io;

/// What an image consists of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) config: ImageConfig,
    /// The lowest first.
    pub(crate) layers: Vec<Blob>,
    pub(crate) name: Option<String>,
    pub(crate) digest: Option<String>,
}

/// A layer as it lies in a store.
#[derive(Debug)]
pub(crate) struct Blob {
    pub(crate) name: String,
    /// Bytes, as the manifest says.
    pub(crate) size: Option<u64>,
    pub(crate) digest: Option<Digest>,
}

/// Reads all layers of an image.
pub(crate) fn read(store: &Store, parts: Parts, options: &OpenOptions) -> Result<Image, ReadError> {
    let Parts { config, layers: blobs, name, digest } = parts;
    let limits = &options.limits;
    if blobs.len() > limits.layers {
        return Err(ReadError::TooLarge {
            name: "the image".to_owned(),
            limit: limits.layers as u64,
            unit: "layers",
        });
    }
    let diff_ids = diff_ids(&config, blobs.len())?;
    let steps = config.steps_of_layers(blobs.len());
    let mut stack =
        Stack { merge: Merge::new(limits), contents: Contents::new(limits), limits, packed: 0, unpacked: 0 };
    if steps.is_none() && !config.history.is_empty() {
        stack.merge.notes.add(NoteKind::HistoryMismatch, None, None);
    }
    let mut layers = Vec::with_capacity(blobs.len());
    for (index, blob) in blobs.iter().enumerate() {
        let diff_id = diff_ids.get(index);
        let (size, unpacked_size, entries) = stack.add(store, index as u32, blob, diff_id)?;
        layers.push(Layer {
            index: index as u32,
            digest: blob.digest.as_ref().map(|digest| digest.as_str().to_owned()),
            diff_id: diff_id.map(|digest| digest.as_str().to_owned()),
            created_by: steps.as_ref().map_or_else(String::new, |steps| steps[index].to_owned()),
            size,
            unpacked_size,
            entries,
        });
    }
    let (tree, notes) = stack.merge.finish();
    let mut notes = notes.into_list();
    let packages = packages::read(&tree, &mut notes);
    Ok(Image {
        config: options.config.clone().unwrap_or(config),
        layers,
        tree,
        notes,
        packages,
        completeness: Completeness::Exact,
        name,
        digest,
    })
}

/// The digests of the uncompressed layers; none, if the configuration names none.
fn diff_ids(config: &ImageConfig, layers: usize) -> Result<Vec<Digest>, ReadError> {
    let named = config.diff_ids.len();
    if named != 0 && named != layers {
        let reason = format!("it names {named} layers, the manifest {layers}");
        return Err(ReadError::invalid("the image configuration", reason));
    }
    config.diff_ids.iter().map(|text| Digest::parse(text)).collect()
}

struct Stack<'a> {
    merge: Merge,
    contents: Contents,
    limits: &'a Limits,
    /// Bytes of the layers so far, as they are and uncompressed.
    packed: u64,
    unpacked: u64,
}

impl Stack<'_> {
    /// Reads a layer; gives its size, that of what is in it, and the number of its members.
    fn add(
        &mut self,
        store: &Store,
        index: u32,
        blob: &Blob,
        diff_id: Option<&Digest>,
    ) -> Result<(u64, u64, u64), ReadError> {
        let name = &blob.name;
        let member = store.open(name)?;
        let size = member.size;
        check_size(blob, size)?;
        self.packed += size;
        let room = unpack::room(self.limits, self.packed);
        let hasher = |digest: Option<&Digest>| digest.map_or(Hasher::None, Digest::hasher);
        let (raw, inner) = (hasher(blob.digest.as_ref()), hasher(diff_id));
        let unpacked = Unpacked::new(name, member, raw, inner, room.saturating_sub(self.unpacked))?;
        let mut reader = Reader::new(unpacked, self.limits.tar_header_bytes);
        self.merge.begin_layer(index);
        let entries = match self.members(&mut reader) {
            Ok(entries) => entries,
            Err(Failure::Limit(error)) => return Err(error),
            Err(Failure::Read(error)) => return Err(explain(blob, &error, reader.into_source(), room)),
        };
        let mut unpacked = reader.into_source();
        if let Err(error) = unpacked.drain() {
            return Err(explain(blob, &error, unpacked, room));
        }
        let bytes = unpacked.bytes;
        self.unpacked += bytes;
        let (raw, inner) = unpacked.finish(name)?;
        blob.digest.as_ref().map_or(Ok(()), |digest| digest.check(name, raw))?;
        let inside = format!("layer {index} ({name}), uncompressed,");
        diff_id.map_or(Ok(()), |digest| digest.check(&inside, inner))?;
        Ok((size, bytes, entries))
    }

    /// Reads the members of a layer; gives their number.
    fn members(&mut self, reader: &mut Reader<Unpacked>) -> Result<u64, Failure> {
        let mut count = 0;
        while let Some(member) = reader.next()? {
            count += 1;
            if member.kind != MemberKind::Other {
                self.member(&member, reader)?;
            }
        }
        Ok(count)
    }

    fn member(&mut self, member: &Member, reader: &mut Reader<Unpacked>) -> Result<(), Failure> {
        let Place::At(path) = self.merge.place(&member.name)? else { return Ok(()) };
        let mut content = Content::Other;
        let kind = match &member.kind {
            MemberKind::HardLink(target) => return Ok(self.merge.put_hard_link(path, target)?),
            MemberKind::Symlink(target) => {
                self.merge.count_target(target)?;
                Kind::Symlink { target: target.as_str().into() }
            }
            MemberKind::File if member.is_sparse => {
                content = Content::Unread(Unread::Sparse);
                Kind::File
            }
            MemberKind::File => {
                content = self.contents.read(&path, member.mode, member.size, &mut reader.body())?;
                Kind::File
            }
            MemberKind::Dir => Kind::Dir,
            MemberKind::CharDevice => Kind::CharDevice,
            MemberKind::BlockDevice => Kind::BlockDevice,
            MemberKind::Fifo | MemberKind::Other => Kind::Fifo,
        };
        if let Some(note) = contents::note_of(&content) {
            self.merge.note(note, &path);
        }
        self.merge.put(Entry {
            path: path.into(),
            kind,
            mode: member.mode,
            uid: member.uid,
            gid: member.gid,
            size: member.size,
            layer: self.merge.layer(),
            content,
            has_capability: member.has_capability,
            is_hard_link: false,
        });
        self.contents.release(std::mem::take(&mut self.merge.freed));
        Ok(())
    }
}

/// Why a layer was not read to its end.
enum Failure {
    /// The bytes are not what they should be.
    Read(io::Error),
    /// The image is too large.
    Limit(ReadError),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Limit(error)
    }
}

/// # Errors
/// If the file is not as large as the manifest says.
fn check_size(blob: &Blob, size: u64) -> Result<(), ReadError> {
    match blob.size {
        Some(expected) if size < expected => Err(ReadError::Truncated { name: blob.name.clone() }),
        Some(expected) if size > expected => {
            let reason = format!("it has {size} bytes, the manifest says {expected}");
            Err(ReadError::invalid(&blob.name, reason))
        }
        _ => Ok(()),
    }
}

/// What an error in a layer comes from: where the digest is wrong, that says it best.
fn explain(blob: &Blob, error: &io::Error, unpacked: Unpacked, room: u64) -> ReadError {
    if unpack::is_overflow(error) {
        return ReadError::TooLarge { name: "the image".to_owned(), limit: room, unit: "uncompressed bytes" };
    }
    let wrong_digest = blob.digest.as_ref().and_then(|digest| {
        let (raw, _) = unpacked.finish(&blob.name).ok()?;
        digest.check(&blob.name, raw).err()
    });
    wrong_digest.unwrap_or_else(|| unpack::of_io(&blob.name, error))
}
