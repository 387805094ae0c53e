use std::cmp::Ordering;

/// Compares dotted versions number by number: `3.9` is older than `3.10`. A shorter one is compared as far as it
/// goes (`22` equals `22.3`); what is not a digit ends a number's part.
pub fn compare_versions(left: &str, right: &str) -> Ordering {
    numbers(left).zip(numbers(right)).map(|(l, r)| l.cmp(&r)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// The numbers of a version, up to its first part that is none.
fn numbers(version: &str) -> impl Iterator<Item = u64> + '_ {
    version.split(['.', '-', '_', '+']).map_while(|part| {
        let end = part.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(part.len());
        part[..end].parse().ok()
    })
}
