//! Why not even a generic recipe is for a stage: nobody knows its base, or there is no application in it.

use barehull_syntax::Location;

use super::strip::{self, start::is_shell};
use super::{RecipeCx, is_minimal};
use crate::finding::{Blocker, Place};
use crate::model::needs::{Why, process_of};
use crate::model::{Base, Launch};

/// As which blockers of this kind are shown.
const ID: &str = "no-recipe";

/// Programs that let people log in.
const LOGINS: [&str; 7] = ["sshd", "telnetd", "dropbear", "gotty", "ttyd", "shellinaboxd", "code-server"];

/// Every reason why no recipe is for the stage; none for one that is minimal already.
pub(super) fn blockers(cx: &RecipeCx<'_>) -> Vec<Blocker> {
    if is_minimal(cx) {
        return Vec::new();
    }
    let mut reasons = Reasons { cx, found: Vec::new() };
    reasons.base();
    reasons.start();
    reasons.found
}

/// Why a stage is left alone, whatever it holds.
pub(super) fn left_alone(cx: &RecipeCx<'_>) -> Option<Blocker> {
    let is_last = cx.model.stages.last().is_some_and(|s| s.id == cx.stage.id);
    if !is_last && strip::is_for_development(cx) {
        let reason = "the stage is for development, going by its name, and people want its tools: build another target for production";
        return Some(cx.blocker(
            ID,
            reason,
            Place::Source(cx.model.at(cx.model.dockerfile.instructions()[cx.stage.from].span)),
        ));
    }
    let config = &cx.stage.config;
    let broken = config.entrypoint.iter().chain(&config.cmd).find(|launch| is_broken_json(&launch.value))?;
    let at = broken.from.location()?;
    let reason = "the command is meant to be a JSON array and is none, so that a shell runs it as it stands, brackets included: mend it first";
    Some(cx.blocker(ID, reason, Place::Source(at)))
}

/// Whether a command in shell form was meant to be one in exec form: `["a", "b"]x`, `['a']`.
fn is_broken_json(launch: &Launch) -> bool {
    let Launch::Shell(text) = launch else { return false };
    let text = text.text().trim_start();
    let is_list = || text.contains("\",") || text.contains("',") || text.ends_with(['"', '\'']);
    text.starts_with("[\"") || text.starts_with("['") || (text.starts_with("[ ") && is_list())
}

/// FROM of the stage that holds the image at the bottom, and that image as written.
pub(super) fn bottom<'a>(cx: &RecipeCx<'a>) -> (Location, &'a str) {
    let model = cx.model;
    let lineage = model.lineage(cx.stage.id);
    let stage = lineage.last().copied().unwrap_or(cx.stage);
    (model.at(model.dockerfile.instructions()[stage.from].span), &stage.base_text)
}

struct Reasons<'a, 'c> {
    cx: &'a RecipeCx<'c>,
    found: Vec<Blocker>,
}

impl Reasons<'_, '_> {
    fn add(&mut self, reason: impl Into<String>, place: impl Into<Place>) {
        let blocker = self.cx.blocker(ID, reason, place.into());
        if !self.found.contains(&blocker) {
            self.found.push(blocker);
        }
    }

    /// A base that nobody can judge.
    fn base(&mut self) {
        let (at, base) = bottom(self.cx);
        match self.cx.model.root_base(self.cx.stage.id) {
            Base::Unresolved => {
                self.add(
                    format!(
                        "the base {base} depends on an argument without a value: give it with --build-arg"
                    ),
                    at,
                );
            }
            Base::Image { .. } if is_windows(base) => {
                self.add(format!("{base} is a Windows image, and the recipes are for Linux"), at);
            }
            Base::Image { facts: None, .. } => {
                let how =
                    "describe it for --catalog (`barehull catalog from` does, from an archive of the image)";
                self.add(format!("the base {base} is not known: {how}"), at);
            }
            _ => {}
        }
    }

    /// A start without an application.
    fn start(&mut self) {
        let stage = self.cx.stage;
        let (bottom, _) = bottom(self.cx);
        let config = &stage.config;
        let entrypoint = config.entrypoint.as_ref().and_then(|e| e.from.location());
        let cmd = config.cmd.as_ref().and_then(|c| c.from.location());
        let at = entrypoint.or(cmd);
        let Some(process) = process_of(config, self.cx.model.file) else {
            self.add("it starts nothing: there is no CMD or ENTRYPOINT", bottom);
            return;
        };
        let name = process.argv.first().map_or("", |p| p.rsplit('/').next().unwrap_or(p)).to_owned();
        if at.is_none() || (is_shell(&name) && process.argv.len() <= 1) {
            let what = if is_shell(&name) { "a shell" } else { "nothing of its own" };
            let at = at.unwrap_or(bottom);
            self.add(format!("it starts {what}: the image is for building or for people, and there is no application to keep"), at);
        } else if LOGINS.contains(&name.as_str()) {
            self.login(&name, Place::Source(at.unwrap_or(bottom)));
        }
        let supervised = stage.needs.programs.iter().filter(|n| n.why == Why::Supervisor);
        for need in supervised.filter(|n| LOGINS.contains(&n.name())) {
            let place = need.place.clone().unwrap_or(Place::Source(bottom));
            self.login(need.name(), place);
        }
    }

    fn login(&mut self, name: &str, place: Place) {
        self.add(
            format!("{name} lets people log in, who get a shell: leave it out, and use `docker exec` or a debug container"),
            place,
        );
    }
}

fn is_windows(reference: &str) -> bool {
    let lower = reference.to_ascii_lowercase();
    ["windows", "nanoserver", "servercore", "ltsc20"].iter().any(|part| lower.contains(part))
}
