//! A stage beside the final one, for people who look into a container: the same image with BusyBox.

use std::fmt::Write;

use barehull_syntax::Span;

use super::draft::Draft;
use super::split::copy_line;
use super::target::CopyLine;
use crate::edit::Edit;
use crate::model::Model;

/// Where BusyBox comes from: linked statically, with a link for each of its programs.
const BUSYBOX: &str = "gcr.io/distroless/static-debian13:debug";

/// The stage for debugging, and what the image for production is called from then on.
const NAMES: [&str; 2] = ["debug", "release"];

/// Puts a stage `debug` in front of the last one, whose content becomes the stage `release`; the default target stays
/// what it is. Nothing where the file has stages of these names.
pub fn debug_stage(model: &Model) -> Option<Vec<Edit>> {
    let last = model.stages.last()?;
    let [debug, release] = NAMES;
    let named = |stage: &crate::model::Stage| {
        let own =
            stage.name.as_ref().is_some_and(|(name, _)| NAMES.iter().any(|n| name.eq_ignore_ascii_case(n)));
        own || NAMES.iter().any(|n| stage.base_text.eq_ignore_ascii_case(n))
    };
    if model.stages.iter().any(named) {
        return None;
    }
    let mut draft = Draft::new(model);
    let style = draft.style;
    let from = &model.dockerfile.instructions()[last.from];
    let name = match &last.name {
        Some((name, span)) => {
            draft.replace(*span, release);
            format!(" {} {name}", style.keyword("AS"))
        }
        None => {
            draft.replace(Span::at(from.span.end), &format!(" {} {release}", style.keyword("AS")));
            String::new()
        }
    };
    let mut text = String::new();
    let _ = writeln!(text, "\n# Built only if asked for: docker build --target {debug}");
    let _ = writeln!(
        text,
        "{}",
        style.instruction("FROM", &format!("{release} {} {debug}", style.keyword("AS")))
    );
    text.push_str(&copy_line(style, &CopyLine::of("/busybox", "/busybox"), BUSYBOX));
    let path = last.config.path().join(":");
    let _ = writeln!(text, "{}", style.instruction("ENV", &format!("PATH={path}:/busybox")));
    let _ = writeln!(text, "\n{}", style.instruction("FROM", &format!("{release}{name}")));
    let end = last.steps.last().map_or(from, |step| model.instruction(step));
    draft.insert_behind(end, &text);
    Some(draft.finish())
}
