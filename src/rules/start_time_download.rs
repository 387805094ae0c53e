//! `start-time-download`: something is fetched every time the container starts.

use super::StageCx;
use crate::finding::{Finding, Place};
use crate::model::{Effect, EffectKind, LanguageManager, Sink};

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let start = &cx.stage.needs.start;
    start
        .iter()
        .filter_map(|effect| {
            let what = downloads(effect)?;
            let message =
                format!("{what} at every start: the image needs the tool, and the start needs the network");
            let finding = Finding::new(super::START_TIME_DOWNLOAD, Place::Source(effect.at), message);
            Some(finding.stage(&cx.stage.identity).subject(what))
        })
        .collect()
}

/// What an effect downloads, in words; a request whose answer is not kept (a wait, a check) is no download.
fn downloads(effect: &Effect) -> Option<String> {
    match &effect.kind {
        EffectKind::Fetch { tool, to: Sink::File(_) | Sink::Folder(_), .. } => {
            Some(format!("{tool} downloads"))
        }
        EffectKind::Install { manager, .. } => Some(format!("{manager:?} installs packages").to_lowercase()),
        EffectKind::LanguageInstall { manager, .. } if *manager != LanguageManager::Go => {
            Some(format!("{manager:?} installs packages").to_lowercase())
        }
        _ => None,
    }
}
