//! The bytes of a blob on their way: hashed as they are, uncompressed, hashed again, counted against the limits.

use crate::digest::Hasher;
use crate::store::Member;
use crate::tar::Source;
use crate::{Limits, ReadError};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, Read};

/// Bytes read or passed over at a time.
const CHUNK: usize = 128 << 10;
/// The largest window of zstd, as a power of two: 128 MiB, which is what its own command accepts.
const ZSTD_WINDOW_LOG: u32 = 27;

/// The bytes that are in the blob.
struct Raw {
    from: Member,
    hasher: Hasher,
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

type Buffered = BufReader<Raw>;

/// By its first bytes: media types are not always right.
enum Decoder {
    Plain(Box<Buffered>),
    Gzip(Box<MultiGzDecoder<Buffered>>),
    Zstd(Box<zstd::Decoder<'static, Buffered>>),
}

/// The uncompressed bytes of a layer.
pub(crate) struct Unpacked {
    decoder: Decoder,
    hasher: Hasher,
    /// How many came out.
    pub(crate) bytes: u64,
    /// How many may.
    limit: u64,
    scratch: Vec<u8>,
}

impl Unpacked {
    /// `room`: bytes that may still come out of the layers of the image.
    pub(crate) fn new(
        name: &str,
        blob: Member,
        raw: Hasher,
        unpacked: Hasher,
        room: u64,
    ) -> Result<Self, ReadError> {
        let mut buffered = BufReader::with_capacity(CHUNK, Raw { from: blob, hasher: raw });
        let failed = |error: io::Error| of_io(name, &error);
        let head = buffered.fill_buf().map_err(failed)?;
        let decoder = match head {
            [0x1f, 0x8b, ..] => Decoder::Gzip(Box::new(MultiGzDecoder::new(buffered))),
            // A frame, or one of those that hold no data.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
                let mut decoder = zstd::Decoder::with_buffer(buffered).map_err(failed)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(failed)?;
                Decoder::Zstd(Box::new(decoder))
            }
            [b'B', b'Z', b'h', ..] | [0xfd, b'7', b'z', b'X', b'Z', ..] => {
                return Err(ReadError::invalid(name, "compressed with neither gzip nor zstd"));
            }
            _ => Decoder::Plain(Box::new(buffered)),
        };
        Ok(Self { decoder, hasher: unpacked, bytes: 0, limit: room, scratch: vec![0; CHUNK] })
    }

    /// Reads all that comes out, so that its digest is of all bytes.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        while self.pass(CHUNK as u64)? > 0 {}
        Ok(())
    }

    /// Reads the blob to its end without looking into it any more. Gives the digests' hashers: of the blob, of what
    /// came out of it.
    pub(crate) fn finish(mut self, name: &str) -> Result<(Hasher, Hasher), ReadError> {
        let raw = self.decoder.into_raw(&mut self.scratch).map_err(|error| of_io(name, &error))?;
        Ok((raw, self.hasher))
    }

    /// Reads up to `count` bytes for their digest alone.
    fn pass(&mut self, count: u64) -> io::Result<usize> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let part = scratch.len().min(usize::try_from(count).unwrap_or(usize::MAX));
        let read = self.read(&mut scratch[..part]);
        self.scratch = scratch;
        read
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.decoder {
            Decoder::Plain(from) => from.read(buffer),
            Decoder::Gzip(from) => from.read(buffer),
            Decoder::Zstd(from) => from.read(buffer),
        }?;
        self.hasher.update(&buffer[..count]);
        self.bytes += count as u64;
        if self.bytes > self.limit {
            return Err(io::Error::other(Overflow));
        }
        Ok(count)
    }
}

impl Source for Unpacked {
    fn skip(&mut self, mut count: u64) -> io::Result<()> {
        while count > 0 {
            match self.pass(count) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => count -= read as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Decoder {
    fn into_raw(self, scratch: &mut [u8]) -> io::Result<Hasher> {
        let buffered = match self {
            Self::Plain(from) => *from,
            Self::Gzip(from) => from.into_inner(),
            Self::Zstd(from) => from.finish(),
        };
        // What is in the buffer was hashed when it came in.
        let mut raw = buffered.into_inner();
        while raw.read(scratch)? > 0 {}
        Ok(raw.hasher)
    }
}

/// More came out than may.
#[derive(Debug)]
struct Overflow;

impl std::fmt::Display for Overflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("more bytes come out than are read")
    }
}

impl std::error::Error for Overflow {}

/// Whether the error says that the limit was reached.
pub(crate) fn is_overflow(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Overflow>())
}

/// What an error while reading a blob means.
pub(crate) fn of_io(name: &str, error: &io::Error) -> ReadError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        ReadError::Truncated { name: name.to_owned() }
    } else {
        ReadError::invalid(name, error.to_string())
    }
}

/// How many uncompressed bytes an image may have whose layers take `packed` bytes.
pub(crate) fn room(limits: &Limits, packed: u64) -> u64 {
    packed.saturating_mul(limits.expansion_ratio).max(limits.expansion_floor).min(limits.image_bytes)
}
