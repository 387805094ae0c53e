//! `manifest-writable-root`: what breaks into the container can write into its file system.

use super::StageCx;
use crate::finding::Finding;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    // What runs to its end before the application is short-lived, and prepares what the application may not.
    let lasting = cx.deployed.iter().filter(|deployed| !deployed.found.init);
    let found = lasting.filter_map(|deployed| {
        let security = &deployed.found.container().security;
        if security.read_only_root == Some(true) {
            return None;
        }
        let message = format!(
            "{} can write everywhere: set `readOnlyRootFilesystem: true`, with an `emptyDir` where it has to write",
            deployed.title()
        );
        Some(deployed.finding(super::MANIFEST_WRITABLE_ROOT, cx, security.at, "", message))
    });
    found.collect()
}
