//! Debian's `status`: paragraphs of fields.

use super::Package;

/// The packages that are installed; one that was removed and left its configuration is not.
pub(super) fn packages(text: &[u8]) -> Vec<Package> {
    let text = String::from_utf8_lossy(text);
    let mut packages = Vec::new();
    let mut paragraph = Paragraph::default();
    for line in text.lines().chain([""]) {
        if line.is_empty() {
            packages.extend(std::mem::take(&mut paragraph).package());
        } else if let Some((field, value)) = line.split_once(':') {
            // A line that goes on starts with a blank, so it is none of these.
            match field {
                "Package" => paragraph.name = value.trim().to_owned(),
                "Version" => paragraph.version = value.trim().to_owned(),
                "Status" => paragraph.is_gone = !value.trim().ends_with(" installed"),
                _ => {}
            }
        }
    }
    packages
}

#[derive(Default)]
struct Paragraph {
    name: String,
    version: String,
    is_gone: bool,
}

impl Paragraph {
    fn package(self) -> Option<Package> {
        let is_there = !self.name.is_empty() && !self.is_gone;
        is_there.then_some(Package { name: self.name, version: self.version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_is_not_listed() {
        let status = b"Package: bash\nStatus: install ok installed\nDescription: shell\n Package: no\nVersion: 5.2-1\n\n\
            Package: vim\nStatus: deinstall ok config-files\nVersion: 9\n\nPackage: tzdata\nVersion: 2025b";
        let names: Vec<_> = packages(status).into_iter().map(|p| (p.name, p.version)).collect();
        let expected = [("bash", "5.2-1"), ("tzdata", "2025b")];
        assert_eq!(names, expected.map(|(name, version)| (name.to_owned(), version.to_owned())));
    }
}
