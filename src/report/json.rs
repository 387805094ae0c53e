//! JSON: the contract with other programs, version 1.
//!
//! A document is written piece by piece, [`head`], a [`file()`] each, [`tail`], so that no analysis has to be
//! kept until the end. The structs are the schema in `docs/schema.json`.

mod comparison;
mod contract;
mod convert;

use serde::Serialize;
use serde_json::ser::Formatter;

use super::escape::is_hostile;
use super::{Paths, Summary};
use crate::analysis::Analysis;
use crate::comparison::Comparison;

/// The version of the contract.
pub const VERSION: u32 = 1;

/// The document up to its first file.
pub fn head() -> String {
    format!("{{\"version\":{VERSION},\"tool\":{},\"files\":[", to_string(&contract::Tool::this()))
}

/// One Dockerfile, as an element of `files`; elements are parted by [`SEPARATOR`].
pub fn file(analysis: &Analysis, paths: &Paths, with_fixes: bool) -> String {
    to_string(&convert::file_report(analysis, paths, with_fixes))
}

/// What stands between two files.
pub const SEPARATOR: &str = ",\n";

/// The document behind its last file.
pub fn tail(summary: &Summary) -> String {
    format!("],\n\"summary\":{}}}\n", to_string(&contract::Counts::of(summary)))
}

/// [`tail`], with what distinguishes the two images that the document holds.
pub fn compared(comparison: &Comparison, images: [(&Analysis, &Paths); 2], summary: &Summary) -> String {
    let comparison = to_string(&comparison::report(comparison, images));
    format!("],\n\"comparison\":{comparison},\n\"summary\":{}}}\n", to_string(&contract::Counts::of(summary)))
}

/// The JSON schema of a document, as docs/schema.json holds it.
pub fn schema_page() -> String {
    let settings = schemars::generate::SchemaSettings::default().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<contract::Document>();
    format!("{:#}\n", schema.to_value())
}

/// `value` as JSON on one line, in ASCII escapes where a terminal might obey what a file holds.
pub fn to_string(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Guarded);
    value.serialize(&mut serializer).expect("the report's types have string keys and no failing parts");
    String::from_utf8(out).expect("serde_json writes UTF-8")
}

/// Writes hostile characters as `\uXXXX`: serde_json itself does so with C0 controls only.
struct Guarded;

impl Formatter for Guarded {
    fn write_string_fragment<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> std::io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_hostile) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut chars = rest[at..].chars();
            let hostile = chars.next().expect("found above");
            for unit in hostile.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document() {
        let analysis = crate::report::sample::analysis();
        let pieces = [head(), file(&analysis, &Paths::Project, true), tail(&Summary::of(&analysis))];
        let mut document: serde_json::Value = serde_json::from_str(&pieces.concat()).unwrap();
        document["tool"]["version"] = "0.0.0".into();
        insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
    }

    #[test]
    fn hostile_text_survives_the_round_trip_without_a_raw_byte() {
        let text = "a\u{1b}[31m\u{9b}m\u{202e}\u{e0041}\"\\\n中";
        let json = to_string(&text);
        assert!(!json.contains(is_hostile), "{json:?}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
