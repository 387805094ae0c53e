//! What a rewrite does and does not do, for people: the words beside a patch.

use std::fmt::Write;

use super::Paths;
use super::escape::escaped;
use super::places::place_in_words;
use super::style::Look;
use crate::analysis::{Analysis, Rewrite};
use crate::finding::{Blocker, Finding, Fix, Level, Place, StageIdentity};
use crate::rules::INVALID_DOCKERFILE;

/// Width of the first column.
const COLUMN: usize = 9;

/// The rewrite of one Dockerfile in words; empty where there is nothing to say.
pub fn file(analysis: &Analysis, paths: &Paths, look: Look) -> String {
    let Some(rewrite) = &analysis.rewrite else { return String::new() };
    let cx = Context { analysis, paths, look };
    let mut out = String::new();
    for fix in &rewrite.applied {
        cx.applied(fix, rewrite, &mut out);
    }
    for fix in &rewrite.withheld {
        cx.withheld(fix, &mut out);
    }
    let is_why = |finding: &&Finding| rewrite.applied.is_empty() && finding.rule.id == INVALID_DOCKERFILE.id;
    for finding in analysis.findings.iter().filter(is_why) {
        cx.invalid(finding, &mut out);
    }
    for blocker in &analysis.blockers {
        cx.blocker(blocker, &mut out);
    }
    if out.is_empty() {
        return out;
    }
    let path = paths.show(&analysis.path);
    format!("{}\n{out}", look.strong(escaped(&path)))
}

struct Context<'a> {
    analysis: &'a Analysis,
    paths: &'a Paths,
    look: Look,
}

impl Context<'_> {
    fn applied(&self, fix: &Fix, rewrite: &Rewrite, out: &mut String) {
        let before = self.analysis.stages.iter().find(|s| s.is_final && s.identity == fix.stage);
        let after = rewrite.stages_after.iter().find(|s| s.is_final && s.identity == fix.stage);
        let mut text = format!("{}{}", self.stage(&fix.stage), escaped(&fix.title));
        // What stands beside the rewrite of the image changes no tools.
        if let (Some(before), Some(after), Some(_)) = (before, after, &fix.base_after)
            && before.surface.present() != after.surface.present()
        {
            let _ = write!(
                text,
                " ({} tools before, {} after)",
                before.surface.present(),
                after.surface.present()
            );
        }
        self.line(&self.level(fix.level), &text, out);
        for assumption in &fix.assumptions {
            let text = self.with_place(&assumption.text, assumption.place.as_ref());
            self.line("", &format!("assumes: {text}"), out);
        }
        for by_hand in &fix.by_hand {
            self.line("", &format!("add by hand to {}:", escaped(&self.paths.show(&by_hand.path))), out);
            for line in by_hand.text.lines() {
                let _ = writeln!(out, "{}{}", " ".repeat(COLUMN + 5), escaped(line));
            }
        }
        if let Some(demand) = &fix.demand {
            self.line("", &demand.in_words(), out);
        }
    }

    fn withheld(&self, fix: &Fix, out: &mut String) {
        let why = match fix.level {
            Level::Safe => "it meets another fix; run again once this patch is applied".to_owned(),
            Level::Review => format!("it rests on {}; `--level review` shows it", assumptions(fix)),
            Level::Sketch if !fix.by_hand.is_empty() => {
                "a part of it you must add by hand; `--level sketch` shows it".to_owned()
            }
            Level::Sketch => "it holds a gap that you must fill; `--level sketch` shows it".to_owned(),
        };
        self.line(
            "withheld",
            &format!("{}{} ({}): {why}", self.stage(&fix.stage), escaped(&fix.title), fix.level.as_str()),
            out,
        );
    }

    /// What no builder accepts is not rewritten.
    fn invalid(&self, finding: &Finding, out: &mut String) {
        let reason = self.with_place(&finding.message, Some(&finding.place));
        self.line("blocked", &format!("the file is no valid Dockerfile: {reason}"), out);
    }

    fn blocker(&self, blocker: &Blocker, out: &mut String) {
        let reason = self.with_place(&blocker.reason, Some(&blocker.place));
        self.line("blocked", &format!("{}{}: {reason}", self.stage(&blocker.stage), blocker.recipe), out);
    }

    /// `stage x: ` where several are final.
    fn stage(&self, stage: &StageIdentity) -> String {
        let name = self.analysis.stage_of_several(stage);
        name.map_or_else(String::new, |name| format!("stage {}: ", escaped(&name)))
    }

    fn level(&self, level: Level) -> String {
        self.look.level(level, format!("{:<COLUMN$}", level.as_str()))
    }

    fn with_place(&self, text: &str, place: Option<&Place>) -> String {
        let text = escaped(text);
        match place.and_then(|place| place_in_words(place, self.analysis, self.paths)) {
            Some(place) => format!("{text} ({})", escaped(&place)),
            None => text.into_owned(),
        }
    }

    /// A line, wrapped below its second column.
    fn line(&self, head: &str, text: &str, out: &mut String) {
        let indent = " ".repeat(COLUMN + 3);
        let options = textwrap::Options::new(self.look.width.max(40))
            .initial_indent(&indent)
            .subsequent_indent(&indent)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        let wrapped = textwrap::fill(text, options);
        // A coloured head is wider in bytes than on the screen.
        let head = if head.contains('\u{1b}') { head.to_owned() } else { format!("{head:<COLUMN$}") };
        let _ = writeln!(out, "  {head} {}", wrapped.trim_start());
    }
}

fn assumptions(fix: &Fix) -> String {
    match fix.assumptions.len() {
        1 => "1 assumption".to_owned(),
        count => format!("{count} assumptions"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::escape::is_hostile;
    use crate::report::sample;

    #[test]
    fn words_beside_a_patch() {
        let mut analysis = sample::analysis();
        let rewrite = analysis.rewrite.as_mut().unwrap();
        let mut sketch = rewrite.applied[0].clone();
        sketch.level = Level::Sketch;
        rewrite.withheld.push(sketch);
        insta::assert_snapshot!(file(&analysis, &Paths::Project, Look::PLAIN));
    }

    #[test]
    fn hostile_words_are_escaped() {
        let evil = "\u{1b}[31m\u{202e}\nx";
        let mut analysis = sample::analysis();
        analysis.blockers[0].reason = evil.to_owned();
        let rewrite = analysis.rewrite.as_mut().unwrap();
        rewrite.applied[0].title = evil.to_owned();
        rewrite.applied[0].assumptions[0].text = evil.to_owned();
        rewrite.withheld = rewrite.applied.clone();
        let out = file(&analysis, &Paths::Below(evil.to_owned()), Look::PLAIN);
        assert!(!out.replace('\n', "").contains(is_hostile), "{out:?}");
    }
}
