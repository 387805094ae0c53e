//! As much of SQLite's file format as one table of blobs takes: <https://www.sqlite.org/fileformat2.html>. Every page is
//! visited once at most, and all rows together are no longer than the file, whatever it says.

use std::borrow::Cow;

/// What a file starts with.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";
/// The table of tables starts on the first page, behind the header of the file.
const SCHEMA: usize = 1;
const FILE_HEADER: usize = 100;
/// Kinds of pages of tables.
const INNER: u8 = 5;
const LEAF: u8 = 13;

/// Shows the second column of every row of `table` to `see`; `None`: the file is broken, or `see` said so.
pub(super) fn blobs(file: &[u8], table: &[u8], see: &mut dyn FnMut(&[u8]) -> Option<()>) -> Option<()> {
    let mut database = Database::new(file)?;
    let mut root = None;
    database.rows(SCHEMA, &mut |row| {
        if column(row, 0)? == b"table" && column(row, 1)? == table {
            root = Some(number(column(row, 3)?));
        }
        Some(())
    })?;
    database.rows(root?, &mut |row| see(column(row, 1)?))
}

struct Database<'a> {
    file: &'a [u8],
    page_size: usize,
    /// Bytes of a page that hold something.
    usable: usize,
    /// Bytes of rows that may still come.
    left: usize,
    /// Pages of tables that were come by.
    seen: Vec<bool>,
}

impl<'a> Database<'a> {
    fn new(file: &'a [u8]) -> Option<Self> {
        let page_size = match be16(file, 16)? {
            1 => 65_536,
            size => size,
        };
        let usable = page_size.checked_sub(usize::from(*file.get(20)?))?;
        let is_sound = page_size.is_power_of_two() && page_size >= 512 && usable >= 480;
        let seen = vec![false; file.len() / page_size.max(512) + 1];
        is_sound.then_some(Self { file, page_size, usable, left: file.len(), seen })
    }

    /// A page by its number, which counts from 1.
    fn page(&self, number: usize) -> Option<&'a [u8]> {
        let start = number.checked_sub(1)?.checked_mul(self.page_size)?;
        self.file.get(start..start.checked_add(self.page_size)?)
    }

    /// Shows every row of the table that starts on the page `root`, in order.
    fn rows(&mut self, root: usize, see: &mut dyn FnMut(&[u8]) -> Option<()>) -> Option<()> {
        let mut open = Vec::new();
        self.open(&mut open, root)?;
        while let Some(number) = open.pop() {
            let page = self.page(number)?;
            let header = if number == SCHEMA { FILE_HEADER } else { 0 };
            let kind = *page.get(header)?;
            let cells = be16(page, header + 3)?;
            let first = header + if kind == INNER { 12 } else { 8 };
            let pointers = page.get(first..first + 2 * cells)?.chunks_exact(2);
            match kind {
                INNER => {
                    // The next one last.
                    self.open(&mut open, be32(page, header + 8)?)?;
                    for pointer in pointers.rev() {
                        self.open(&mut open, be32(page, be16(pointer, 0)?)?)?;
                    }
                }
                LEAF => {
                    for pointer in pointers {
                        let row = self.row(page.get(be16(pointer, 0)?..self.usable)?)?;
                        see(&row)?;
                    }
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn open(&mut self, open: &mut Vec<usize>, page: usize) -> Option<()> {
        let seen = self.seen.get_mut(page)?;
        if std::mem::replace(seen, true) {
            return None;
        }
        open.push(page);
        Some(())
    }

    /// The row in a cell: its length, its number, and its bytes, of which those that the page has no room for lie on a
    /// chain of other pages.
    fn row(&mut self, cell: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let (length, rest) = varint(cell)?;
        let (_, rest) = varint(rest)?;
        let length = usize::try_from(length).ok()?;
        self.left = self.left.checked_sub(length)?;
        let here = self.bytes_in_cell(length);
        let start = rest.get(..here)?;
        if here == length {
            return Some(Cow::Borrowed(start));
        }
        let mut row = Vec::with_capacity(length);
        row.extend(start);
        let mut next = be32(rest, here)?;
        while row.len() < length {
            let page = self.page(next)?;
            next = be32(page, 0)?;
            row.extend(page.get(4..self.usable.min(4 + length - row.len()))?);
        }
        Some(Cow::Owned(row))
    }

    /// How many bytes of a row lie in the cell itself.
    fn bytes_in_cell(&self, length: usize) -> usize {
        let most = self.usable - 35;
        if length <= most {
            return length;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let even = least + (length - least) % (self.usable - 4);
        if even <= most { even } else { least }
    }
}

/// The bytes of a column of a row: a header with the types, behind which the values stand.
fn column(row: &[u8], index: usize) -> Option<&[u8]> {
    let (header, types) = varint(row)?;
    let header = usize::try_from(header).ok()?;
    let mut types = types.get(..header.checked_sub(row.len() - types.len())?)?;
    let mut values = row.get(header..)?;
    for at in 0.. {
        let (kind, rest) = varint(types)?;
        types = rest;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            // Blobs are even, texts odd.
            _ => (kind - 12) / 2,
        };
        let (value, rest) = values.split_at_checked(usize::try_from(length).ok()?)?;
        if at == index {
            return Some(value);
        }
        values = rest;
    }
    None
}

/// A number of any length, which for a page's is never negative.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number: usize, byte| number.wrapping_shl(8) | usize::from(*byte))
}

/// A number of up to nine bytes, and what follows it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0u64;
    for at in 0..9 {
        let byte = *bytes.get(at)?;
        if at == 8 {
            return Some((number << 8 | u64::from(byte), &bytes[9..]));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((number, &bytes[at + 1..]));
        }
    }
    None
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?)))
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    super::be32(bytes, at).map(|number| number as usize)
}
