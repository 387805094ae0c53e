use super::{Date, List, Text};

/// An image that brings programs for work beside an application: an init container, a job.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolImage {
    /// The word that `--tool-image` gives another image for: that of its main program.
    pub name: Text,
    /// The reference, pinned to a version.
    pub image: Text,
    /// Where the facts are from.
    #[serde(default)]
    pub source: Text,
    /// When they were read.
    #[serde(default)]
    pub date: Option<Date>,
    /// Programs on its PATH that start scripts call; a POSIX shell at `/bin/sh` is there in any case.
    pub programs: List<Text>,
}
