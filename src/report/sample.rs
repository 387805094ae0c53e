//! A small analysis, made by hand, for the tests of the formats.

use std::collections::BTreeMap;
use std::sync::Arc;

use barehull_catalog::{Completeness, Component, Origin, Presence, Role};
use barehull_syntax::dockerfile::Dockerfile;
use barehull_syntax::{FileId, Location, Span};

use crate::analysis::{Analysis, Rewrite, StageReport};
use crate::builders::Demand;
use crate::edit::{Edit, FilePatch, TextHash};
use crate::finding::{
    Assumption, Blocker, Finding, Fix, Level, Need, Place, StageIdentity, Surface, SurfaceEntry,
};
use crate::project::ProjectPath;
use crate::rules;
use crate::source::Sources;

pub(super) const DOCKERFILE: &str = "\
FROM node:22
RUN apt-get install -y vim
HEALTHCHECK CMD curl -f localhost
CMD npm start
";

/// The place of the first `text` in the sample's Dockerfile.
pub(super) fn at(text: &str) -> Location {
    let start = DOCKERFILE.find(text).expect("the sample holds it") as u32;
    Location::new(FileId(0), Span::new(start, start + text.len() as u32))
}

fn entry(path: &'static str, role: Role, origin: Origin, needed_by: Vec<Need>) -> SurfaceEntry {
    SurfaceEntry { component: Component::new(path, role), origin, presence: Presence::Present, needed_by }
}

fn need(program: &str, why: &str, text: &str) -> Need {
    Need { program: program.to_owned(), why: why.to_owned(), place: Some(Place::Source(at(text))) }
}

fn surface() -> Surface {
    let base = || Origin::BaseImage { image: "node:22".into() };
    let health = || need("curl", "HEALTHCHECK", "HEALTHCHECK");
    let start = || need("sh", "npm start", "CMD npm");
    let shells = ["/usr/bin/bash", "/usr/bin/dash", "/usr/bin/rbash", "/usr/bin/sh"];
    let clients = ["/usr/bin/curl", "/usr/bin/git", "/usr/bin/scp", "/usr/bin/ssh", "/usr/bin/wget"];
    let copied = Origin::Copied { stage: "build".into(), origin: Box::new(base()), at: at("RUN apt-get") };
    let mut groups = BTreeMap::new();
    groups.insert(
        Role::Shell,
        shells.map(|path| entry(path, Role::Shell, base(), vec![health(), start()])).to_vec(),
    );
    groups.insert(
        Role::NetworkClient,
        clients
            .map(|path| {
                let needs = if path == "/usr/bin/curl" { vec![health()] } else { vec![] };
                entry(path, Role::NetworkClient, base(), needs)
            })
            .to_vec(),
    );
    let mut gone = entry("/usr/bin/gdb", Role::DebugTool, Origin::Instruction(at("RUN apt-get")), vec![]);
    gone.presence = Presence::Shadowed;
    let vim = entry("/usr/bin/vim", Role::DebugTool, Origin::Instruction(at("RUN apt-get")), vec![]);
    groups
        .insert(Role::DebugTool, vec![gone, entry("/usr/bin/strace", Role::DebugTool, copied, vec![]), vim]);
    Surface { groups, completeness: Completeness::Exact, unnamed: Vec::new() }
}

fn stage(surface: Surface, base: &str) -> StageReport {
    StageReport {
        name: None,
        index: 0,
        identity: StageIdentity("last".into()),
        is_final: true,
        base: base.to_owned(),
        image: base.to_owned(),
        os: Some("Debian 12".into()),
        completeness: surface.completeness,
        surface: Arc::new(surface),
        at: at("FROM node:22"),
    }
}

/// One stage, three findings, one fix, one blocker.
pub(super) fn analysis() -> Analysis {
    let path = ProjectPath::new("app/Dockerfile").unwrap();
    let bytes: Arc<[u8]> = Arc::from(DOCKERFILE.as_bytes());
    let mut sources = Sources::default();
    let file = sources.add(&path, &bytes);
    let last = StageIdentity("last".into());
    let empty = Surface::empty();
    let fix = Fix {
        by: "node-distroless",
        title: "run on distroless".into(),
        level: Level::Review,
        assumptions: vec![Assumption { text: "nothing else is run".into(), place: None }],
        edits: vec![Edit::Replace {
            location: at("node:22"),
            text: "gcr.io/distroless/nodejs22-debian13:nonroot".into(),
            of: TextHash::of(&bytes),
        }],
        base_after: Some("gcr.io/distroless/nodejs22-debian13:nonroot".into()),
        surface_after: Some(Arc::new(empty.clone())),
        by_hand: Vec::new(),
        demand: Some(Demand::of(&Dockerfile::parse(Arc::clone(&bytes)))),
        stage: last.clone(),
        resolves: Vec::new(),
    };
    let shell = Finding::new(
        rules::SHELL_IN_FINAL,
        Place::Source(at("node:22")),
        "4 shells in the final image: bash, dash, rbash, sh",
    )
    .stage(&last)
    .subject("shell")
    .label(Place::Source(at("CMD npm start")), "npm start needs one");
    let mut broken = Finding::new(rules::INVALID_DOCKERFILE, Place::File(path.clone()), "it is not text");
    broken.suppressed = Some("known".into());
    let root =
        Finding::new(rules::RUNS_AS_ROOT, Place::Source(at("CMD npm start")), "runs as root").stage(&last);
    let after = DOCKERFILE.replace("node:22", "gcr.io/distroless/nodejs22-debian13:nonroot");
    Analysis {
        path: path.clone(),
        file,
        sources,
        stages: vec![stage(surface(), "node:22")],
        findings: vec![broken, Finding { fixes: vec![fix.clone()], ..shell }, root],
        blockers: vec![Blocker {
            recipe: "node-distroless",
            stage: last,
            reason: "the health check calls curl".into(),
            place: Place::Source(at("HEALTHCHECK CMD curl -f localhost")),
        }],
        rewrite: Some(Rewrite {
            applied: vec![fix],
            withheld: Vec::new(),
            dropped: Vec::new(),
            patch: vec![FilePatch {
                path,
                before: Some(bytes),
                after: Some(Arc::from(after.into_bytes())),
                mode: 0o644,
            }],
            stages_after: vec![stage(empty, "gcr.io/distroless/nodejs22-debian13:nonroot")],
        }),
        policy: None,
        image: None,
    }
}
