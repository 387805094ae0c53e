//! The surface of a final image, for people: what is in it, what brought it, what still needs it, and what
//! the best rewrite leaves.

use std::collections::BTreeMap;
use std::fmt::Write;

use barehull_catalog::{Completeness, Origin, Presence, Role};

use super::Paths;
use super::escape::escaped;
use super::places::{location_in_words, place_in_words};
use super::style::Look;
use crate::analysis::{Analysis, Rewrite, StageReport};
use crate::finding::{Blocker, Fix, Need, StageIdentity, SurfaceEntry};

/// Names of one row that are shown.
const NAMES: usize = 4;
/// Needs of one row that are shown.
const NEEDS: usize = 3;
/// Blockers of one stage that are shown.
const BLOCKERS: usize = 5;

/// The surfaces of the final images of one Dockerfile.
pub fn file(analysis: &Analysis, paths: &Paths, look: Look) -> String {
    let cx = Context { analysis, paths, look };
    let stages = analysis.stages.iter().filter(|stage| stage.is_final);
    stages.map(|stage| cx.stage(stage)).collect::<Vec<_>>().join("\n")
}

struct Context<'a> {
    analysis: &'a Analysis,
    paths: &'a Paths,
    look: Look,
}

/// Tools of one role that came from one place.
struct Row {
    role: Role,
    names: String,
    origin: String,
    needs: String,
}

impl Context<'_> {
    fn stage(&self, stage: &StageReport) -> String {
        let mut out = self.heading(stage);
        let rows = self.rows(stage);
        if !rows.is_empty() {
            out.push('\n');
            table(&rows, &mut out);
        }
        for need in stage.surface.unnamed.iter().take(NEEDS) {
            let by = self.need(need);
            let _ = writeln!(
                out,
                "  {by} starts a program that is not known before it runs: it may be any of these"
            );
        }
        let footing = self.footing(stage);
        if !footing.is_empty() {
            out.push('\n');
            out.push_str(&footing);
        }
        out
    }

    fn heading(&self, stage: &StageReport) -> String {
        let path = self.paths.show(&self.analysis.path);
        let mut out = format!("{}, final stage", self.look.strong(escaped(&path)));
        if let Some(name) = &stage.name {
            let _ = write!(out, " {}", escaped(name));
        }
        let _ = write!(out, ": {}", escaped(&stage.image));
        if let Some(os) = &stage.os {
            let _ = write!(out, " ({})", escaped(os));
        }
        let count = match (stage.surface.present(), stage.completeness) {
            (0, Completeness::Exact) => "no tools an attacker could use".to_owned(),
            (0, Completeness::AtLeast) => "no tools known, but what is in it is not fully known".to_owned(),
            (1, Completeness::Exact) => "1 tool an attacker could use".to_owned(),
            (count, Completeness::Exact) => format!("{count} tools an attacker could use"),
            (count, Completeness::AtLeast) => format!("at least {count} tools an attacker could use"),
        };
        let _ = writeln!(out, ", {count}");
        out
    }

    fn rows(&self, stage: &StageReport) -> Vec<Row> {
        let mut rows = Vec::new();
        for (role, entries) in &stage.surface.groups {
            // Grouped by what brought them, in the order of the names.
            let mut groups: Vec<(String, Vec<&SurfaceEntry>)> = Vec::new();
            for entry in entries {
                let origin = self.origin(entry);
                match groups.iter_mut().find(|(known, _)| *known == origin) {
                    Some((_, group)) => group.push(entry),
                    None => groups.push((origin, vec![entry])),
                }
            }
            for (origin, group) in groups {
                let needs = self.needs(&group, !stage.surface.unnamed.is_empty());
                rows.push(Row { role: *role, names: self.names(&group), needs, origin });
            }
        }
        rows
    }

    fn origin(&self, entry: &SurfaceEntry) -> String {
        let origin = match &entry.origin {
            Origin::BaseImage { image } => format!("from {image}"),
            Origin::Instruction(at) => location_in_words(*at, self.analysis, self.paths),
            Origin::Copied { stage, at, .. } => {
                format!("from stage {stage}, {}", location_in_words(*at, self.analysis, self.paths))
            }
            Origin::Layer { index, .. } => format!("layer {index}"),
        };
        match entry.presence {
            Presence::Present => origin,
            Presence::Shadowed => format!("{origin}; removed, but still in a layer"),
        }
    }

    fn names(&self, group: &[&SurfaceEntry]) -> String {
        let mut names: Vec<&str> = group.iter().map(|entry| entry.component.name()).collect();
        names.sort_unstable();
        names.dedup();
        // What something needs is what the reader must see.
        names.sort_by_key(|name| {
            !group.iter().any(|entry| entry.component.name() == *name && !entry.needed_by.is_empty())
        });
        let shown = if self.look.all || names.len() <= NAMES + 1 { names.len() } else { NAMES };
        let mut out = names[..shown].join(" ");
        if shown < names.len() {
            let _ = write!(out, " (+{})", names.len() - shown);
        }
        out
    }

    fn needs(&self, group: &[&SurfaceEntry], cautious: bool) -> String {
        if group.iter().all(|entry| entry.presence == Presence::Shadowed) {
            return String::new();
        }
        // By use, the names it uses.
        let mut uses: BTreeMap<&Need, Vec<&str>> = BTreeMap::new();
        for entry in group {
            for need in &entry.needed_by {
                uses.entry(need).or_default().push(entry.component.name());
            }
        }
        if uses.is_empty() {
            return if cautious { "no need known" } else { "no need found" }.to_owned();
        }
        let mut parts: Vec<(String, String)> = Vec::new();
        for (need, mut names) in uses {
            names.sort_unstable();
            names.dedup();
            let by = self.need(need);
            let whole = names.len() == distinct(group);
            let subject = if whole { String::new() } else { names.join(" ") };
            if !parts.contains(&(subject.clone(), by.clone())) {
                parts.push((subject, by));
            }
        }
        let shown = if self.look.all { parts.len() } else { NEEDS.min(parts.len()) };
        let mut out = String::new();
        let mut last: Option<&str> = None;
        for (subject, by) in &parts[..shown] {
            if last == Some(subject) {
                out.push_str(", ");
            } else {
                out.push_str(if last.is_some() { "; " } else { "" });
                out.push_str(if subject.is_empty() { "needed by " } else { subject });
                out.push_str(if subject.is_empty() { "" } else { ": " });
            }
            out.push_str(by);
            last = Some(subject);
        }
        if parts.len() > shown {
            let _ = write!(out, " (+{})", parts.len() - shown);
        }
        out
    }

    fn need(&self, need: &Need) -> String {
        let place = need.place.as_ref().and_then(|place| place_in_words(place, self.analysis, self.paths));
        match place {
            Some(place) => format!("{} ({place})", need.why),
            None => need.why.clone(),
        }
    }

    /// What the best rewrite leaves, or why there is none.
    fn footing(&self, stage: &StageReport) -> String {
        let Some(rewrite) = &self.analysis.rewrite else { return String::new() };
        let mut out = String::new();
        if let Some(line) = self.after(stage, rewrite) {
            let _ = writeln!(out, "  {line}");
        }
        let blockers: Vec<_> =
            self.analysis.blockers.iter().filter(|blocker| blocker.stage == stage.identity).collect();
        let shown = if self.look.all { blockers.len() } else { BLOCKERS.min(blockers.len()) };
        for blocker in &blockers[..shown] {
            let _ = writeln!(out, "  {}", self.blocker(blocker));
        }
        if blockers.len() > shown {
            let _ = writeln!(out, "  and {} more reasons (--all)", blockers.len() - shown);
        }
        if out.is_empty() && stage.surface.present() > 0 {
            out.push_str("  `barehull fix` knows no rewrite for it\n");
        }
        out
    }

    fn after(&self, stage: &StageReport, rewrite: &Rewrite) -> Option<String> {
        let fixes: Vec<&Fix> = rewrite.applied.iter().filter(|fix| fix.stage == stage.identity).collect();
        if fixes.is_empty() {
            let better = rewrite.withheld.iter().find(|fix| fix.stage == stage.identity)?;
            let level = better.level.as_str();
            return Some(format!("with `barehull fix --level {level}`: {}", escaped(&better.title)));
        }
        let after = after(&stage.identity, rewrite)?;
        let left = match (after.surface.present(), after.completeness) {
            (0, Completeness::Exact) => self.look.good("none left"),
            (0, Completeness::AtLeast) => "none known to be left".to_owned(),
            (count, Completeness::Exact) => format!("{count} left"),
            (count, Completeness::AtLeast) => format!("at least {count} left"),
        };
        let level = fixes.iter().map(|fix| fix.level).max()?;
        let mut assumptions: Vec<_> = fixes.iter().flat_map(|fix| &fix.assumptions).collect();
        assumptions.sort();
        assumptions.dedup();
        let assumptions = match assumptions.len() {
            0 => String::new(),
            1 => "; 1 assumption".to_owned(),
            count => format!("; {count} assumptions"),
        };
        let level = self.look.level(level, level.as_str());
        let base = escaped(&after.image);
        Some(format!("with `barehull fix`: {left}, on {base} ({level}{assumptions})"))
    }

    fn blocker(&self, blocker: &Blocker) -> String {
        let reason = escaped(&blocker.reason);
        match place_in_words(&blocker.place, self.analysis, self.paths) {
            Some(place) => format!("blocked, {}: {reason} ({})", blocker.recipe, escaped(&place)),
            None => format!("blocked, {}: {reason}", blocker.recipe),
        }
    }
}

fn after<'a>(identity: &StageIdentity, rewrite: &'a Rewrite) -> Option<&'a StageReport> {
    rewrite.stages_after.iter().find(|stage| stage.is_final && stage.identity == *identity)
}

/// The rows, in columns.
fn table(rows: &[Row], out: &mut String) {
    let width =
        |cell: fn(&Row) -> &str| rows.iter().map(|row| escaped(cell(row)).chars().count()).max().unwrap_or(0);
    let roles = rows.iter().map(|row| row.role.title().len()).max().unwrap_or(0);
    let (names, origins) = (width(|row| &row.names), width(|row| &row.origin));
    let mut last = None;
    for row in rows {
        let title = if last == Some(row.role) { "" } else { row.role.title() };
        last = Some(row.role);
        let line = format!(
            "  {title:<roles$}  {:<names$}  {:<origins$}  {}",
            escaped(&row.names),
            escaped(&row.origin),
            escaped(&row.needs)
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn distinct(group: &[&SurfaceEntry]) -> usize {
    let mut names: Vec<_> = group.iter().map(|entry| entry.component.name()).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::escape::is_hostile;
    use crate::report::sample;

    #[test]
    fn tables() {
        let mut analysis = sample::analysis();
        let mut out = file(&analysis, &Paths::Project, Look::PLAIN);
        analysis.rewrite.as_mut().unwrap().applied.clear();
        out.push_str(&file(&analysis, &Paths::Project, Look { all: true, ..Look::PLAIN }));
        insta::assert_snapshot!(out);
    }

    #[test]
    fn names_from_files_are_escaped() {
        let evil = "\u{1b}[31m\u{202e}\nx";
        let mut analysis = sample::analysis();
        analysis.blockers[0].reason = evil.to_owned();
        let stage = &mut analysis.stages[0];
        stage.name = Some(evil.to_owned());
        stage.image = evil.to_owned();
        for entry in Arc::make_mut(&mut stage.surface).groups.values_mut().flatten() {
            entry.origin = Origin::BaseImage { image: evil.into() };
            entry.component.path = format!("/bin/{evil}").into();
            entry.needed_by = vec![Need { program: evil.to_owned(), why: evil.to_owned(), place: None }];
        }
        let out = file(&analysis, &Paths::Below(evil.to_owned()), Look::PLAIN);
        assert!(!out.replace('\n', "").contains(is_hostile), "{out:?}");
    }
}
