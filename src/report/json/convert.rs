//! From the types of an analysis to the types of the contract.

use barehull_catalog as catalog;
use barehull_syntax::Location;

use super::contract::{
    Assumption, At, Blocker, ByHand, Completeness, Component, Edit, File, Finding, Fix, Image, Layer, Level,
    Need, Origin, OriginKind, Position, Presence, Range, Related, Severity, Stage, Surface,
};
use crate::analysis::{Analysis, BuiltImage, BuiltLayer, StageReport};
use crate::report::Paths;
use crate::source::Sources;
use crate::{edit, finding};

/// A finding of an image as the contract shows it.
pub(super) fn finding_report(finding: &finding::Finding, analysis: &Analysis, paths: &Paths) -> Finding {
    let cx = Context { sources: &analysis.sources, paths, with_fixes: false };
    cx.finding(finding, analysis.path.as_str())
}

/// What places are written with.
struct Context<'a> {
    sources: &'a Sources,
    paths: &'a Paths,
    with_fixes: bool,
}

/// One Dockerfile as the contract shows it.
pub(super) fn file_report(analysis: &Analysis, paths: &Paths, with_fixes: bool) -> File {
    let cx = Context { sources: &analysis.sources, paths, with_fixes };
    File {
        path: paths.show(&analysis.path),
        stages: analysis.stages.iter().map(|s| cx.stage(s)).collect(),
        findings: analysis.findings.iter().map(|f| cx.finding(f, analysis.path.as_str())).collect(),
        blockers: analysis.blockers.iter().map(|b| cx.blocker(b)).collect(),
        image: analysis.image.as_ref().map(image),
    }
}

fn image(image: &BuiltImage) -> Image {
    let layer = |layer: &BuiltLayer| Layer {
        created_by: layer.created_by.clone(),
        diff_id: layer.diff_id.clone(),
        stored_bytes: layer.stored_bytes,
        entries: layer.entries,
    };
    Image {
        name: image.name.clone(),
        os: image.os.clone(),
        architecture: image.architecture.clone(),
        stored_bytes: image.stored_bytes,
        visible_bytes: image.visible_bytes,
        files: image.files,
        layers: image.layers.iter().map(layer).collect(),
        packages: image.packages.clone(),
        notes: image.notes.clone(),
    }
}

impl From<finding::Severity> for Severity {
    fn from(severity: finding::Severity) -> Self {
        match severity {
            finding::Severity::Error => Self::Error,
            finding::Severity::Warning => Self::Warning,
            finding::Severity::Info => Self::Info,
        }
    }
}

impl Context<'_> {
    fn stage(&self, stage: &StageReport) -> Stage {
        Stage {
            name: stage.name.clone(),
            index: stage.index,
            is_final: stage.is_final,
            base: stage.base.clone(),
            completeness: match stage.completeness {
                catalog::Completeness::Exact => Completeness::Exact,
                catalog::Completeness::AtLeast => Completeness::AtLeast,
            },
            surface: self.surface(&stage.surface),
            unnamed_needs: stage.surface.unnamed.iter().map(|need| self.need(need)).collect(),
        }
    }

    fn surface(&self, surface: &finding::Surface) -> Surface {
        let groups = surface.groups.iter().filter(|(_, entries)| !entries.is_empty());
        Surface(
            groups
                .map(|(role, entries)| (role.as_str(), entries.iter().map(|e| self.component(e)).collect()))
                .collect(),
        )
    }

    fn component(&self, entry: &finding::SurfaceEntry) -> Component {
        Component {
            name: entry.component.name().to_owned(),
            path: entry.component.path.to_string(),
            presence: match entry.presence {
                catalog::Presence::Present => Presence::Present,
                catalog::Presence::Shadowed => Presence::Shadowed,
            },
            origin: self.origin(&entry.origin),
            needed_by: entry.needed_by.iter().map(|need| self.need(need)).collect(),
        }
    }

    fn need(&self, need: &finding::Need) -> Need {
        Need { why: need.why.clone(), at: need.place.as_ref().and_then(|place| self.place(place)) }
    }

    fn origin(&self, origin: &catalog::Origin) -> Origin {
        let of = |kind| Origin { kind, image: None, stage: None, at: None, layer: None, created_by: None };
        match origin {
            catalog::Origin::BaseImage { image } => {
                Origin { image: Some(image.to_string()), ..of(OriginKind::BaseImage) }
            }
            catalog::Origin::Instruction(location) => {
                Origin { at: Some(self.location(*location)), ..of(OriginKind::Instruction) }
            }
            catalog::Origin::Copied { stage, at, origin } => Origin {
                image: image_behind(origin),
                stage: Some(stage.clone()),
                at: Some(self.location(*at)),
                ..of(OriginKind::Copied)
            },
            catalog::Origin::Layer { index, created_by } => {
                Origin { layer: Some(*index), created_by: Some(created_by.clone()), ..of(OriginKind::Layer) }
            }
        }
    }

    fn place(&self, place: &finding::Place) -> Option<At> {
        match place {
            finding::Place::Source(location) => Some(self.location(*location)),
            finding::Place::File(path) => Some(At { path: self.paths.show(path), range: None, layer: None }),
            finding::Place::Image { layer, path } => {
                Some(At { path: path.clone(), range: None, layer: Some(*layer) })
            }
            finding::Place::Project => None,
        }
    }

    fn location(&self, location: Location) -> At {
        let position =
            |at: barehull_syntax::LineColumn, offset| Position { line: at.line, column: at.column, offset };
        let start = position(self.sources.start(location), location.span.start);
        let end = position(self.sources.end(location), location.span.end);
        let path = self.paths.show(&self.sources.get(location.file).path);
        At { path, range: Some(Range { start, end }), layer: None }
    }

    fn finding(&self, finding: &finding::Finding, path: &str) -> Finding {
        Finding {
            rule: finding.rule.id,
            severity: finding.severity.into(),
            message: finding.message.clone(),
            stage: finding.stage.as_ref().map(|stage| stage.0.to_string()),
            at: self.place(&finding.place),
            related: finding
                .related
                .iter()
                .map(|label| Related { message: label.text.clone(), at: self.place(&label.place) })
                .collect(),
            fingerprint: finding.fingerprint(path),
            suppressed: finding.suppressed.clone(),
            controls: finding.controls.clone(),
            fixes: self.with_fixes.then(|| finding.fixes.iter().map(|fix| self.fix(fix)).collect()),
        }
    }

    fn fix(&self, fix: &finding::Fix) -> Fix {
        Fix {
            title: fix.title.clone(),
            level: match fix.level {
                finding::Level::Safe => Level::Safe,
                finding::Level::Review => Level::Review,
                finding::Level::Sketch => Level::Sketch,
            },
            assumptions: fix
                .assumptions
                .iter()
                .map(|assumption| Assumption {
                    text: assumption.text.clone(),
                    at: assumption.place.as_ref().and_then(|place| self.place(place)),
                })
                .collect(),
            edits: fix.edits.iter().map(|edit| self.edit(edit)).collect(),
            by_hand: fix
                .by_hand
                .iter()
                .map(|by_hand| ByHand { path: self.paths.show(&by_hand.path), text: by_hand.text.clone() })
                .collect(),
            surface_after: fix.surface_after.as_ref().map(|after| self.surface(after)),
        }
    }

    fn edit(&self, edit: &edit::Edit) -> Edit {
        match edit {
            edit::Edit::Replace { location, text, .. } => {
                Edit::Replace { at: self.location(*location), text: text.clone() }
            }
            edit::Edit::Create { path, text, mode } => {
                Edit::Create { path: self.paths.show(path), text: text.clone(), mode: format!("{mode:04o}") }
            }
            edit::Edit::Delete { path, .. } => Edit::Delete { path: self.paths.show(path) },
        }
    }

    fn blocker(&self, blocker: &finding::Blocker) -> Blocker {
        Blocker { recipe: blocker.recipe, reason: blocker.reason.clone(), at: self.place(&blocker.place) }
    }
}

/// The image at the end of a chain of copies, if there is one.
fn image_behind(mut origin: &catalog::Origin) -> Option<String> {
    loop {
        match origin {
            catalog::Origin::BaseImage { image } => return Some(image.to_string()),
            catalog::Origin::Copied { origin: next, .. } => origin = next,
            catalog::Origin::Instruction(_) | catalog::Origin::Layer { .. } => return None,
        }
    }
}
