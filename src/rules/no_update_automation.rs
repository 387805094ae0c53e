//! `no-update-automation`: nobody moves the versions of the base images.

use super::FileCx;
use super::language::RuleFix;
use crate::edit::{Edit, TextHash};
use crate::finding::{Finding, Level, Place};
use crate::model::{Base, Stage};
use crate::project::tree::Node;
use crate::project::{ProjectPath, yaml};

/// Folders of Dockerfiles that one entry lists; more of them are a pattern.
const MAX_FOLDERS: usize = 12;

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    if !is_alone(cx) {
        return Vec::new();
    }
    let Some(stage) = cx.model.stages.iter().find(|stage| has_version(stage)) else { return Vec::new() };
    let message = format!(
        "neither Renovate nor Dependabot moves {} when there is a newer one: nothing in the project tells them to",
        stage.base_text
    );
    let place = Place::Source(cx.model.at(stage.base_span));
    vec![Finding::new(super::NO_UPDATE_AUTOMATION, place, message).subject("updates")]
}

pub(super) fn fixes(cx: &FileCx<'_>) -> Vec<RuleFix> {
    let updates = &cx.around.updates;
    let stage = cx.model.stages.iter().find(|stage| has_version(stage));
    let (Some(stage), true, true) = (stage, is_alone(cx), updates.on_github) else { return Vec::new() };
    let folders = folders(cx);
    let (title, edit) = match &updates.dependabot {
        Some(dependabot) => {
            let edit = cx.sources.find(&dependabot.path).and_then(|file| {
                let source = cx.sources.get(file);
                let (at, text) = entry_for(source.text()?, &folders)?;
                let location = barehull_syntax::Location::new(file, barehull_syntax::Span::at(at));
                Some(Edit::Replace { location, text, of: TextHash::of(&source.bytes) })
            });
            ("Let Dependabot look after the Dockerfiles as well", edit)
        }
        None => {
            let text = format!("version: 2\nupdates:\n{}", entry(&folders, "  ", 2, "", "\n"));
            let path = ProjectPath::new(".github/dependabot.yml").ok();
            (
                "Let Dependabot look after the Dockerfiles",
                path.map(|path| Edit::Create { path, text, mode: 0o644 }),
            )
        }
    };
    let fix = edit.map(|edit| RuleFix {
        rule: super::NO_UPDATE_AUTOMATION,
        title: title.to_owned(),
        level: Level::Sketch,
        assumes: vec!["the project is on GitHub, and pull requests of Dependabot are welcome".to_owned()],
        edits: vec![edit],
        at: Some(stage.base_span),
    });
    fix.into_iter().collect()
}

/// Whether the project is hosted somewhere, the Dockerfile is one that is used, and no bot sees to it.
fn is_alone(cx: &FileCx<'_>) -> bool {
    let updates = &cx.around.updates;
    updates.is_hosted && !is_for_tests(cx.path) && !updates.cover(&cx.path.folder())
}

/// Whether a base names a version that a bot can move.
fn has_version(stage: &Stage) -> bool {
    match &stage.base {
        Base::Image { image, .. } => {
            image.digest.is_some()
                || image
                    .tag
                    .as_deref()
                    .is_some_and(|tag| tag.starts_with(|c: char| c.is_ascii_digit() || c == 'v'))
        }
        _ => false,
    }
}

/// Whether a path is below a folder of tests or examples, which bots leave alone by default.
pub(super) fn is_for_tests(path: &ProjectPath) -> bool {
    path.folder().names().any(|name| {
        let name = name.to_ascii_lowercase();
        let words = [
            "test",
            "tests",
            "__tests__",
            "testdata",
            "fixtures",
            "__fixtures__",
            "examples",
            "example",
            "samples",
        ];
        words.contains(&name.as_str())
            || matches!(name.as_str(), "vendor" | "third_party" | "node_modules" | "e2e")
    })
}

/// The folders of all Dockerfiles that nobody sees to, as Dependabot writes them.
fn folders(cx: &FileCx<'_>) -> Vec<String> {
    let all = cx.around.dockerfiles.iter().chain([cx.path]).filter(|path| !is_for_tests(path));
    let alone = all.map(ProjectPath::folder).filter(|folder| !cx.around.updates.cover(folder));
    let mut folders: Vec<String> = alone.map(|folder| format!("/{}", folder.as_str())).collect();
    folders.sort();
    folders.dedup();
    if folders.len() > MAX_FOLDERS { vec!["**/*".to_owned()] } else { folders }
}

/// The lines of an entry: `lead` stands before its dash, `step` columns lie between a key and what is below it, `quote`
/// is around words.
fn entry(folders: &[String], lead: &str, step: usize, quote: &str, end: &str) -> String {
    let below = " ".repeat(step);
    // What YAML would read otherwise.
    let word = |text: &str| {
        if text.contains(['*', '"', '\'', ':', '#', ' ']) {
            format!("{text:?}")
        } else {
            format!("{quote}{text}{quote}")
        }
    };
    let mut lines = vec![format!("{lead}- package-ecosystem: {}", word("docker"))];
    match folders {
        [one] if !one.contains('*') => lines.push(format!("{lead}  directory: {}", word(one))),
        several => {
            lines.push(format!("{lead}  directories:"));
            lines.extend(several.iter().map(|folder| format!("{lead}  {below}- {}", word(folder))));
        }
    }
    lines.push(format!("{lead}  schedule:"));
    lines.push(format!(
        "{lead}  {below}interval: {} # TODO: as often as somebody reads its pull requests",
        word("weekly")
    ));
    lines.iter().flat_map(|line| [line.as_str(), end]).collect()
}

/// An entry behind the last one of `text`, written as that is: its place, and its lines. Nothing where the list does not
/// stand in lines.
fn entry_for(text: &str, folders: &[String]) -> Option<(u32, String)> {
    let parsed = yaml::parse(text);
    let [top] = parsed.documents.as_slice() else { return None };
    let items = top.get("updates")?.items();
    let last = items.last()?;
    let line = text[..last.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let lead = text[line..last.span.start as usize].strip_suffix("- ")?;
    if !lead.bytes().all(|b| b == b' ') {
        return None;
    }
    let end =
        last.descendants().iter().filter(|node| node.text().is_some()).map(|node| node.span.end).max()?
            as usize;
    let end = text[..end].trim_end().len();
    let rest = &text[end..];
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let at = rest.find('\n').map_or(text.len(), |newline| end + newline + 1);
    // Brackets that are closed behind the last word would be cut off.
    if rest[..at - end].trim_start().starts_with([']', '}', ',']) {
        return None;
    }
    let quote = quote_of(text, last);
    let open = if text[..at].ends_with('\n') { "" } else { line_end };
    let added = format!("{open}{}", entry(folders, lead, step_of(text, last), quote, line_end));
    let new = format!("{}{added}{}", &text[..at], &text[at..]);
    let again = yaml::parse(&new);
    let count = again.documents.first()?.get("updates")?.items().len();
    (again.error.is_none() && count == items.len() + 1).then_some((at as u32, added))
}

/// What is around the name of the last entry's ecosystem.
fn quote_of(text: &str, entry: &Node) -> &'static str {
    let Some(name) = entry.get("package-ecosystem") else { return "" };
    match text.as_bytes().get(name.span.start as usize) {
        Some(b'"') => "\"",
        Some(b'\'') => "'",
        _ => "",
    }
}

/// How much deeper the last entry's schedule stands than its key.
fn step_of(text: &str, entry: &Node) -> usize {
    let column = |at: u32| at as usize - text[..at as usize].rfind('\n').map_or(0, |at| at + 1);
    let inner =
        entry.get("schedule").and_then(|schedule| Some(column(schedule.pairs().first()?.key.span.start)));
    let outer = column(entry.span.start);
    inner.and_then(|inner| inner.checked_sub(outer)).filter(|step| (1..=8).contains(step)).unwrap_or(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str) -> Option<String> {
        let (at, lines) = entry_for(text, &["/".to_owned()])?;
        Some(format!("{}{lines}{}", &text[..at as usize], &text[at as usize..]))
    }

    #[test]
    fn entries_are_written_like_the_last_one() {
        let quoted = "version: 2\nupdates:\n- package-ecosystem: \"npm\" # ours\n  directory: \"/\"\n  schedule:\n      interval: \"daily\" # often\n# the end\n";
        let expected = "version: 2\nupdates:\n- package-ecosystem: \"npm\" # ours\n  directory: \"/\"\n  schedule:\n      interval: \"daily\" # often\n- package-ecosystem: \"docker\"\n  directory: \"/\"\n  schedule:\n      interval: \"weekly\" # TODO: as often as somebody reads its pull requests\n# the end\n";
        assert_eq!(added(quoted).as_deref(), Some(expected));
        let open = "updates:\n  - package-ecosystem: npm\n    directory: /\n    schedule: {interval: daily}";
        assert_eq!(added(open), None);
        let plain = "updates:\r\n  - package-ecosystem: npm\r\n    directory: /";
        let expected = "updates:\r\n  - package-ecosystem: npm\r\n    directory: /\r\n  - package-ecosystem: docker\r\n    directory: /\r\n    schedule:\r\n      interval: weekly # TODO: as often as somebody reads its pull requests\r\n";
        assert_eq!(added(plain).as_deref(), Some(expected));
        for text in ["updates: []\n", "updates: [{package-ecosystem: npm}]\n", "version: 2\n", ""] {
            assert_eq!(added(text), None, "{text}");
        }
    }
}
