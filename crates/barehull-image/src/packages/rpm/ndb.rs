//! SUSE's database of packages: slots that say where each header is, as rpm's `lib/backend/ndb/rpmpkg.c` writes it.

/// What a file, a used or unused slot, and a header start with.
const FILE: &[u8] = b"RpmP";
const SLOT: &[u8] = b"Slot";
const BLOB: &[u8] = b"BlbS";
const PAGE: usize = 4096;
/// Places are counted in blocks, slots are as large as one, and the file's own header takes two.
const BLOCK: usize = 16;

/// Shows every header to `see`; `None`: the file is broken, or `see` said so.
pub(super) fn blobs(file: &[u8], see: &mut dyn FnMut(&[u8]) -> Option<()>) -> Option<()> {
    if !file.starts_with(FILE) {
        return None;
    }
    let slots = file.get(2 * BLOCK..(le32(file, 12)?.checked_mul(PAGE)?))?;
    // No two headers share bytes.
    let mut left = file.len();
    for slot in slots.chunks_exact(BLOCK) {
        if !slot.starts_with(SLOT) {
            return None;
        }
        let (package, start) = (le32(slot, 4)?, le32(slot, 8)?.checked_mul(BLOCK)?);
        if start == 0 {
            continue;
        }
        let blob = file.get(start..)?;
        if !blob.starts_with(BLOB) || le32(blob, 4)? != package {
            return None;
        }
        let length = le32(blob, 12)?;
        left = left.checked_sub(length)?;
        see(blob.get(BLOCK..BLOCK.checked_add(length)?)?)?;
    }
    Some(())
}

fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize)
}
