//! Places in running text.

use barehull_syntax::Location;

use super::Paths;
use crate::analysis::Analysis;
use crate::finding::Place;

/// `line 9` in the Dockerfile itself, `entrypoint.sh:7` elsewhere; nothing for the project. Not escaped.
pub fn place_in_words(place: &Place, analysis: &Analysis, paths: &Paths) -> Option<String> {
    match place {
        Place::Source(location) => Some(location_in_words(*location, analysis, paths)),
        Place::File(path) => Some(paths.show(path)),
        Place::Image { layer, path } => Some(format!("{path} in layer {layer}")),
        Place::Project => None,
    }
}

/// [`place_in_words`] of a location.
pub fn location_in_words(location: Location, analysis: &Analysis, paths: &Paths) -> String {
    let line = analysis.sources.line(location);
    if location.file == analysis.file {
        return format!("line {line}");
    }
    format!("{}:{line}", paths.show(&analysis.sources.get(location.file).path))
}
