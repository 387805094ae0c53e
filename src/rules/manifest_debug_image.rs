//! `manifest-debug-image`: a manifest runs the variant of the image that is for looking into it.

use super::StageCx;
use crate::finding::Finding;
use crate::project::outside::ImageName;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let found = cx.deployed.iter().filter_map(|deployed| {
        let image = deployed.found.container().image.as_ref()?;
        let name = ImageName::new(&image.value)?;
        let tag = name.tag().filter(|tag| is_for_debugging(tag))?;
        let message = format!(
            "{} runs the tag {tag}: such variants have a shell and more, run the one for production",
            deployed.title()
        );
        Some(deployed.finding(super::MANIFEST_DEBUG_IMAGE, cx, Some(image.span), "", message))
    });
    found.collect()
}

/// `debug`, `1.2-debug`, `debug-nonroot`, `latest-dev`; `dev` alone is the name of an environment.
fn is_for_debugging(tag: &str) -> bool {
    tag.split(['-', '_', '.']).any(|part| part == "debug") || tag.ends_with("-dev")
}

#[cfg(test)]
mod tests {
    use super::is_for_debugging;

    #[test]
    fn tags() {
        for tag in ["debug", "1.2-debug", "debug-nonroot", "latest-dev"] {
            assert!(is_for_debugging(tag), "{tag}");
        }
        for tag in ["dev", "1.2", "debugger", "develop", "1.2-devel", "dev-3"] {
            assert!(!is_for_debugging(tag), "{tag}");
        }
    }
}
