//! Small projects in, what their sources need in the last stage out.

use std::sync::Arc;

use barehull_catalog::Catalog;

use crate::engine;
use crate::finding::{Need, Place};
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

const GIT: (&str, &str) = ("lib/git.js", "\nrequire('child_process').execFile('git', ['log'])\n");
const OTHER: (&str, &str) = ("scripts/make.js", "require('child_process').execSync('curl x')\n");

/// A Dockerfile, the files beside it, and what they need.
type Row = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

/// What the application's sources need in the last stage: program, file and line, `?` where no name is known.
fn needs(files: &[(&str, &str)], search_sources: bool) -> Vec<String> {
    let project = Project::new(Arc::new(Memory::of(files.iter().copied())));
    let options = Options { search_sources, ..Options::new(Catalog::builtin()) };
    let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let surface = &analysis.stages.last().expect("a stage").surface;
    let entries = surface.groups.values().flatten().flat_map(|entry| &entry.needed_by);
    let shown = |need: &Need| {
        let Some(Place::Source(at)) = need.place else { panic!("a place") };
        let program = if need.program.is_empty() { "?" } else { &need.program };
        format!("{program} {}:{}", analysis.sources.get(at.file).path, analysis.sources.line(at))
    };
    let mut found: Vec<String> =
        entries.chain(&surface.unnamed).filter(|need| need.why == "the application").map(shown).collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn sources_in_the_image_say_what_they_start() {
    let table: [Row; 6] = [
        (
            "FROM node:22\nWORKDIR /app\nCOPY lib ./lib\nCOPY package.json .\nCMD [\"node\", \"lib/git.js\"]\n",
            &[GIT, OTHER, ("package.json", "{}")],
            &["git lib/git.js:2"],
        ),
        (
            "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"lib/git.js\"]\n",
            &[GIT, ("run.js", "require('child_process').exec(process.env.HOOK)\n")],
            &["? run.js:1", "git lib/git.js:2", "sh run.js:1"],
        ),
        (
            "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM node:22\nCOPY --from=build /app/lib /app/lib\n\
             COPY --from=build /app/node_modules /app/node_modules\n",
            &[GIT, OTHER],
            &["git lib/git.js:2"],
        ),
        // What a program made may be made of everything.
        (
            "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\nFROM node:22\nCOPY --from=build /app/dist /app\n",
            &[GIT, ("run.js", "require('child_process').execSync('curl x')\n")],
            &["curl run.js:1", "git lib/git.js:2", "sh run.js:1"],
        ),
        // A front end that nginx serves is not run by it.
        (
            "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\nFROM nginx:1.28\nCOPY --from=build /app/dist /srv\n",
            &[GIT],
            &[],
        ),
        (
            "FROM debian:12\nRUN apt-get install -y python3 git\nCOPY a.py /a.py\nCMD [\"python3\", \"/a.py\"]\n",
            &[("a.py", "import subprocess\nsubprocess.run(['git', 'log'])\n")],
            &["git a.py:2"],
        ),
    ];
    for (dockerfile, files, wanted) in table {
        let mut all = vec![("Dockerfile", dockerfile)];
        all.extend_from_slice(files);
        assert_eq!(needs(&all, true), wanted, "{dockerfile}");
        assert!(needs(&all, false).is_empty(), "only where it is asked for: {dockerfile}");
    }
}
