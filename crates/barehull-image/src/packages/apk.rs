//! Alpine's `installed`: paragraphs of lines that start with a letter and a colon.

use super::Package;

/// The packages that are installed.
pub(super) fn packages(text: &[u8]) -> Vec<Package> {
    let text = String::from_utf8_lossy(text);
    text.split("\n\n").filter_map(package).collect()
}

fn package(paragraph: &str) -> Option<Package> {
    let field = |key: &str| paragraph.lines().find_map(|line| line.strip_prefix(key));
    let name = field("P:").filter(|name| !name.is_empty())?;
    Some(Package { name: name.to_owned(), version: field("V:").unwrap_or_default().to_owned() })
}

/// Package and path of every file, from the root and without a slash in front.
pub(super) fn files(text: &str) -> impl Iterator<Item = (&str, String)> {
    let mut package = "";
    let mut folder = "";
    text.lines().filter_map(move |line| {
        match line.split_at_checked(2)? {
            ("P:", name) => package = name,
            ("F:", path) => folder = path,
            ("R:", name) => return Some((package, format!("{folder}/{name}"))),
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTALLED: &[u8] = b"C:Q1x=\nP:musl\nV:1.2.5-r0\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\n\n\
        C:Q1y=\nP:busybox\nV:1.36.1-r2\nF:bin\nR:busybox\nF:etc\nR:securetty\n\n";

    #[test]
    fn packages_and_their_files() {
        let names: Vec<_> = packages(INSTALLED).into_iter().map(|p| (p.name, p.version)).collect();
        let expected = [("musl", "1.2.5-r0"), ("busybox", "1.36.1-r2")];
        assert_eq!(names, expected.map(|(name, version)| (name.to_owned(), version.to_owned())));
        let files: Vec<_> = files(std::str::from_utf8(INSTALLED).unwrap()).collect();
        let expected =
            [("musl", "lib/ld-musl-x86_64.so.1"), ("busybox", "bin/busybox"), ("busybox", "etc/securetty")];
        assert_eq!(files, expected.map(|(package, path)| (package, path.to_owned())));
    }
}
