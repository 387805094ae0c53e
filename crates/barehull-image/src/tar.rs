//! Tar archives, read front to back, member by member.
//!
//! As the readers of container engines do, and unlike most libraries: what stands in front of a member for its long
//! name or attributes is bounded, and holes of sparse files are never filled.

use crate::path;
use std::io::{self, Read};

mod extended;

pub(crate) use extended::Extended;

/// The unit of the format.
pub(crate) const BLOCK: usize = 512;

/// What archives are read from.
pub(crate) trait Source: Read {
    /// Goes on behind the next `count` bytes.
    ///
    /// # Errors
    /// `UnexpectedEof` if there are fewer.
    fn skip(&mut self, count: u64) -> io::Result<()>;
}

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) kind: MemberKind,
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Bytes of a regular file, holes included.
    pub(crate) size: u64,
    /// Whether the archive holds only a part of its bytes.
    pub(crate) is_sparse: bool,
    pub(crate) has_capability: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    File,
    HardLink(String),
    Symlink(String),
    CharDevice,
    BlockDevice,
    Dir,
    Fifo,
    /// Of no file: a volume label, a list of names.
    Other,
}

/// Reads members one after the other.
pub(crate) struct Reader<R> {
    from: R,
    /// Bytes of the member's contents that are still to come, and what fills its last block.
    left: u64,
    padding: u64,
    /// Bytes that stand in front of one member at most.
    header_limit: u64,
}

/// What is wrong with an archive, as the error of a read.
pub(crate) fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Whether a file that starts so may be an archive: its first block is a header, or the end.
pub(crate) fn is_start(bytes: &[u8]) -> bool {
    <[u8; BLOCK]>::try_from(bytes).is_ok_and(|block| {
        let header = Header(block);
        block == [0; BLOCK] || header.number(148, 8).is_ok_and(|sum| sum == header.checksum())
    })
}

impl<R: Source> Reader<R> {
    pub(crate) fn new(from: R, header_limit: u64) -> Self {
        Self { from, left: 0, padding: 0, header_limit }
    }

    /// The next member; `None` at the end of the archive.
    pub(crate) fn next(&mut self) -> io::Result<Option<Member>> {
        let mut extended = Extended::default();
        let mut room = self.header_limit;
        loop {
            self.from.skip(self.left + self.padding)?;
            (self.left, self.padding) = (0, 0);
            let Some(header) = self.header()? else { return Ok(None) };
            let size = header.number(124, 12)?;
            match header.kind() {
                b'x' => extended.read_records(&self.extension(size, &mut room)?)?,
                b'L' => extended.set_name(&self.extension(size, &mut room)?),
                b'K' => extended.set_link(&self.extension(size, &mut room)?),
                // Global attributes; container engines pass over them.
                b'g' => self.expect_body(size)?,
                _ => return self.member(&header, &extended, size).map(Some),
            }
        }
    }

    /// The contents of the member that came last.
    pub(crate) fn body(&mut self) -> Body<'_, R> {
        Body(self)
    }

    /// What is read from, wherever it stands.
    pub(crate) fn source(&mut self) -> &mut R {
        &mut self.from
    }

    pub(crate) fn into_source(self) -> R {
        self.from
    }

    fn member(&mut self, header: &Header, extended: &Extended, size: u64) -> io::Result<Member> {
        let name = extended.name().cloned().unwrap_or_else(|| header.name());
        let link = || extended.link.clone().unwrap_or_else(|| path::text(header.text(157, 100)).into_owned());
        let mut size = extended.size.unwrap_or(size);
        let (mut real_size, mut is_sparse) = (extended.real_size.unwrap_or(size), extended.is_sparse);
        let kind = match header.kind() {
            // Very old archives know no other mark of a folder.
            b'0' | b'\0' if name.ends_with('/') => MemberKind::Dir,
            b'0' | b'\0' | b'7' => MemberKind::File,
            b'S' => {
                is_sparse = true;
                real_size = header.number(483, 12)?;
                self.skip_sparse_map(header.0[482] != 0)?;
                MemberKind::File
            }
            b'1' => MemberKind::HardLink(link()),
            b'2' => MemberKind::Symlink(link()),
            b'3' => MemberKind::CharDevice,
            b'4' => MemberKind::BlockDevice,
            b'5' => MemberKind::Dir,
            b'6' => MemberKind::Fifo,
            _ => MemberKind::Other,
        };
        if !matches!(kind, MemberKind::File | MemberKind::Other) {
            // These have no contents, whatever their header says.
            size = 0;
        }
        self.expect_body(size)?;
        let id = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Member {
            size: if kind == MemberKind::File { real_size } else { 0 },
            name,
            kind,
            mode: (header.number(100, 8)? & 0o7777) as u32,
            uid: id(extended.uid.map_or_else(|| header.number(108, 8), Ok)?),
            gid: id(extended.gid.map_or_else(|| header.number(116, 8), Ok)?),
            is_sparse,
            has_capability: extended.has_capability,
        })
    }

    /// The blocks that go on with the list of a sparse file's parts.
    fn skip_sparse_map(&mut self, mut goes_on: bool) -> io::Result<()> {
        while goes_on {
            let mut block = [0; BLOCK];
            self.from.read_exact(&mut block)?;
            goes_on = block[504] != 0;
        }
        Ok(())
    }

    fn expect_body(&mut self, size: u64) -> io::Result<()> {
        if size > i64::MAX as u64 {
            return Err(invalid("a member is larger than any file"));
        }
        self.left = size;
        self.padding = size.next_multiple_of(BLOCK as u64) - size;
        Ok(())
    }

    /// What stands in front of a member.
    fn extension(&mut self, size: u64, room: &mut u64) -> io::Result<Vec<u8>> {
        *room = room.checked_sub(size).ok_or_else(|| invalid("the attributes of a member are too large"))?;
        self.expect_body(size)?;
        let mut bytes = Vec::new();
        self.body().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The next header; `None` at the end, which is two blocks of zeros or the end of the bytes.
    fn header(&mut self) -> io::Result<Option<Header>> {
        let Some(block) = self.block()? else { return Ok(None) };
        if block == [0; BLOCK] {
            return match self.block()? {
                // Some readers would go on here, others stop: nothing may hide behind it.
                Some(next) if next != [0; BLOCK] => Err(invalid("an archive that goes on behind its end")),
                _ => Ok(None),
            };
        }
        let header = Header(block);
        if header.number(148, 8)? != header.checksum() {
            return Err(invalid("not a tar archive, or a broken one: the checksum of a header is wrong"));
        }
        Ok(Some(header))
    }

    /// The next block; `None` at the end of the bytes.
    fn block(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.from.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(block))
    }
}

/// The contents of a member.
pub(crate) struct Body<'a, R>(&'a mut Reader<R>);

impl<R: Source> Read for Body<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.0.left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        match self.0.from.read(&mut buffer[..wanted])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.0.left -= count as u64;
                Ok(count)
            }
        }
    }
}

/// A header block. Offsets and lengths of its fields are POSIX', those of sparse files GNU's.
struct Header([u8; BLOCK]);

impl Header {
    fn kind(&self) -> u8 {
        self.0[156]
    }

    /// A field up to its first NUL.
    fn text(&self, at: usize, length: usize) -> &[u8] {
        let field = &self.0[at..at + length];
        field.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    fn name(&self) -> String {
        let name = path::text(self.text(0, 100));
        let prefix = self.text(345, 155);
        if &self.0[257..263] == b"ustar\0" && !prefix.is_empty() {
            return format!("{}/{name}", path::text(prefix));
        }
        name.into_owned()
    }

    /// Octal digits between blanks; or, if the first bit is set, the bytes of the number.
    fn number(&self, at: usize, length: usize) -> io::Result<u64> {
        let field = &self.0[at..at + length];
        let wrong = || invalid("a number in a header cannot be read");
        if field[0] & 0x80 != 0 {
            let first = u64::from(field[0] & 0x7f);
            return field[1..].iter().try_fold(first, |number, byte| {
                let shifted = number.checked_mul(256).ok_or_else(wrong)?;
                Ok(shifted | u64::from(*byte))
            });
        }
        let is_blank = |byte: &u8| *byte == b' ' || *byte == 0;
        let digits = field.iter().skip_while(|byte| is_blank(byte)).take_while(|byte| !is_blank(byte));
        digits.into_iter().try_fold(0_u64, |number, digit| match digit {
            b'0'..=b'7' => Ok(number * 8 + u64::from(digit - b'0')),
            _ => Err(wrong()),
        })
    }

    /// The sum of all bytes, those of the sum itself counted as blanks.
    fn checksum(&self) -> u64 {
        let sum = |bytes: &[u8]| bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        sum(&self.0[..148]) + 8 * u64::from(b' ') + sum(&self.0[156..])
    }
}
