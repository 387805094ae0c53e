//! Small projects in, the start scripts of the last stage out.

use std::collections::BTreeMap;
use std::sync::Arc;

use barehull_catalog::Catalog;
use barehull_syntax::dockerfile::Dockerfile;

use super::launch::{NeedsCx, fill};
use crate::model::image_files::ImageFiles;
use crate::model::start::{ScriptSource, StartScript};
use crate::model::{BuildSettings, Model, Searches};
use crate::project::{Files, Memory, Project, ProjectPath};
use crate::source::Sources;

/// The start scripts of ENTRYPOINT and CMD, and the files that they stand in.
fn read(files: &[(&str, &str)]) -> (Option<StartScript>, Option<StartScript>, Sources) {
    let memory = Arc::new(Memory::of(files.iter().copied()));
    let path = ProjectPath::new("Dockerfile").expect("a path");
    let bytes = memory.read(&path).expect("the Dockerfile");
    let project = Project::new(memory);
    let context = project.build_context(&path).expect("a context");
    let mut sources = Sources::default();
    let file = sources.add(&path, &bytes);
    let settings =
        BuildSettings { catalog: Catalog::builtin(), build_args: &BTreeMap::default(), targets: &[] };
    let model = Model::new(file, Dockerfile::parse(bytes), &settings);
    let stage = model.stages.last().expect("a stage");
    let searches = Searches::default();
    let mut files = ImageFiles::new(Some(&context), &model, stage.id, &mut sources, &searches);
    let needs = fill(NeedsCx { stage, file, files: &mut files });
    (needs.start_script, needs.cmd_script, sources)
}

/// Each step on a line: file and line, depth, class, the text it stands for; the reason behind it.
fn shown(script: Option<&StartScript>, sources: &Sources) -> Vec<String> {
    let line = |step: &crate::model::start::Step| {
        let file = &sources.get(step.at.file).path;
        let text = sources.text(step.at);
        let mut line = format!(
            "{file}:{} {} {} {}",
            sources.line(step.at),
            step.depth,
            step.class.name(),
            text.lines().next().unwrap_or_default()
        );
        if let Some(reason) = &step.reason {
            line = format!("{line} ({reason})");
        }
        line
    };
    script.iter().flat_map(|s| &s.steps).map(line).collect()
}

const BASE: &str = "FROM debian:12\nWORKDIR /app\n";

#[test]
fn an_instruction_of_several_commands_is_a_script() {
    let table: [(&str, &[&str]); 9] = [
        (
            "CMD python manage.py migrate && gunicorn app",
            &["Dockerfile:3 0 job python manage.py migrate", "Dockerfile:3 0 handover gunicorn app"],
        ),
        (
            "CMD [\"sh\", \"-c\", \"mkdir -p /data && exec node server.js\"]",
            &["Dockerfile:3 0 permissions mkdir -p /data", "Dockerfile:3 0 handover exec node server.js"],
        ),
        (
            "ENTRYPOINT [\"/bin/sh\", \"-c\"]\nCMD [\"flask db upgrade; flask run\"]",
            &["Dockerfile:4 0 job flask db upgrade", "Dockerfile:4 0 handover flask run"],
        ),
        (
            "ENTRYPOINT sleep 5 && \\\n    exec app",
            &["Dockerfile:3 0 wait sleep 5", "Dockerfile:4 0 handover exec app"],
        ),
        (
            "CMD [\"./wait-for-it.sh\", \"db:5432\", \"--\", \"node\", \"x\"]",
            &[
                "Dockerfile:3 0 wait ./wait-for-it.sh\", \"db:5432\", \"--\", \"node\", \"x",
                "Dockerfile:3 0 handover node\", \"x",
            ],
        ),
        // One command is no script, and neither are words that a shell does not read.
        ("CMD exec node server.js", &[]),
        ("CMD node $OPTIONS server.js", &[]),
        ("CMD [\"node\", \"a && b\"]", &[]),
        ("CMD", &[]),
    ];
    for (instruction, expected) in table {
        let dockerfile = format!("{BASE}{instruction}\n");
        let (start, cmd, sources) = read(&[("Dockerfile", &dockerfile)]);
        assert_eq!(shown(start.as_ref(), &sources), expected, "{instruction}");
        assert!(
            start.is_none_or(|s| s.source == ScriptSource::Instruction) && cmd.is_none(),
            "{instruction}"
        );
    }
}

#[test]
fn scripts_in_heredocs_and_of_earlier_stages_are_read() {
    let body = "#!/bin/sh\nmkdir -p /data\nexec \"$@\"\n";
    let steps = |file: &str, line: u32| {
        vec![
            format!("{file}:{line} 0 permissions mkdir -p /data"),
            format!("{file}:{} 0 handover exec \"$@\"", line + 1),
        ]
    };
    let end = "ENTRYPOINT [\"/start.sh\"]\nCMD [\"node\", \"x\"]\n";
    let table = [
        (
            format!("{BASE}COPY <<'EOF' /start.sh\n{body}EOF\n{end}"),
            ScriptSource::Heredoc,
            steps("Dockerfile", 5),
        ),
        (
            format!("{BASE}COPY <<'start.sh' /\n{body}start.sh\n{end}"),
            ScriptSource::Heredoc,
            steps("Dockerfile", 5),
        ),
        (
            format!("{BASE}RUN cat > /start.sh <<'EOF'\n{body}EOF\nRUN chmod +x /start.sh\n{end}"),
            ScriptSource::Heredoc,
            steps("Dockerfile", 5),
        ),
        (
            format!("{BASE}RUN <<'X'\ntee /start.sh <<'EOF'\n{body}EOF\nX\n{end}"),
            ScriptSource::Heredoc,
            steps("Dockerfile", 6),
        ),
        (
            format!(
                "FROM debian:12 AS a\nCOPY <<'EOF' /x/start.sh\n{body}EOF\n{BASE}COPY --from=a /x/start.sh /\n{end}"
            ),
            ScriptSource::Heredoc,
            steps("Dockerfile", 4),
        ),
        (
            format!(
                "FROM debian:12 AS a\nCOPY . /x\n{BASE}COPY --from=a /x/scripts/start.sh /start.sh\n{end}"
            ),
            ScriptSource::File,
            steps("scripts/start.sh", 2),
        ),
    ];
    for (dockerfile, source, expected) in table {
        let (start, _, sources) = read(&[("Dockerfile", &dockerfile), ("scripts/start.sh", body)]);
        let start = start.expect(&dockerfile);
        assert_eq!(shown(Some(&start), &sources), expected, "{dockerfile}");
        assert_eq!((start.source, start.program.as_str()), (source, "/start.sh"), "{dockerfile}");
        assert_eq!(sources.text(start.at), "#!/bin/sh", "{dockerfile}");
    }
}

#[test]
fn texts_that_the_build_makes_are_not_taken_for_scripts() {
    let table = [
        // The build puts nothing in the place of "$@".
        "COPY <<EOF /start.sh\n#!/bin/sh\nexec \"$@\"\nEOF",
        "RUN cat > /start.sh <<EOF\n#!/bin/sh\nexec $PROGRAM\nEOF",
        "RUN cat >> /start.sh <<'EOF'\nexec x\nEOF",
        "RUN if a; then cat > /start.sh <<'EOF'\nexec x\nEOF\nfi",
        "RUN envsubst > /start.sh <<'EOF'\nexec x\nEOF",
        "COPY <<'EOF' /other.sh\nexec x\nEOF",
        "COPY <<'EOF' /start.sh\n#!/usr/bin/env python3\nprint()\nEOF",
    ];
    for lines in table {
        let dockerfile = format!("# syntax=docker/dockerfile:1\n{BASE}{lines}\nENTRYPOINT [\"/start.sh\"]\n");
        let (start, _, _) = read(&[("Dockerfile", &dockerfile)]);
        assert!(start.is_none(), "{lines}");
    }
}

#[test]
fn scripts_that_scripts_call_are_followed() {
    let dockerfile =
        format!("{BASE}COPY . .\nENTRYPOINT [\"./start.sh\"]\nCMD [\"sh\", \"-c\", \"sleep 1; app\"]\n");
    let table: [(&str, &[&str]); 14] = [
        (
            "#!/bin/sh\n. ./env.sh\nexec \"$@\"",
            &[
                "start.sh:2 0 shell . ./env.sh",
                "env.sh:1 1 variable export A=1",
                "start.sh:3 0 handover exec \"$@\"",
            ],
        ),
        (
            "#!/bin/sh\nbash scripts/job.sh up && exec x",
            &[
                "start.sh:2 0 shell bash scripts/job.sh up",
                "scripts/job.sh:2 1 shell \"$(dirname \"$0\")/more.sh\"",
                "scripts/more.sh:2 2 job ./manage.py migrate",
                "scripts/job.sh:2 1 shell dirname \"$0\"",
                "start.sh:2 0 handover exec x",
            ],
        ),
        (
            "#!/bin/sh\ncd scripts\n./more.sh\nexec x",
            &[
                "start.sh:2 0 folder cd scripts",
                "start.sh:3 0 shell ./more.sh",
                "scripts/more.sh:2 1 job ./manage.py migrate",
                "start.sh:4 0 handover exec x",
            ],
        ),
        // The last one goes on to the application.
        (
            "#!/bin/sh\nexec ./last.sh",
            &["start.sh:2 0 handover exec ./last.sh", "last.sh:2 1 handover node x"],
        ),
        (
            "#!/bin/sh\n./last.sh\nexec x",
            &["start.sh:2 0 shell ./last.sh", "last.sh:2 1 unknown node x", "start.sh:3 0 handover exec x"],
        ),
        // The well-known scripts are what they are called.
        (
            "#!/bin/sh\n/app/wait-for-it.sh db:5432 -- ./last.sh",
            &[
                "start.sh:2 0 wait /app/wait-for-it.sh db:5432 -- ./last.sh",
                "start.sh:2 0 handover ./last.sh",
                "last.sh:2 1 handover node x",
            ],
        ),
        (
            "#!/bin/sh\n./wait-for-db.sh\nexec x",
            &[
                "start.sh:2 0 shell ./wait-for-db.sh",
                "wait-for-db.sh:2 1 wait nc -z db 5432",
                "wait-for-db.sh:2 1 wait sleep 1",
                "start.sh:3 0 handover exec x",
            ],
        ),
        (
            "#!/bin/sh\n./last.sh &\nexec x",
            &["start.sh:2 0 process ./last.sh", "last.sh:2 1 unknown node x", "start.sh:3 0 handover exec x"],
        ),
        // What cannot be found is not known.
        (
            "#!/bin/sh\n. /etc/profile\nsh $X\nexec x",
            &[
                "start.sh:2 0 unknown . /etc/profile (/etc/profile does not come from the build context, so what it does is not known)",
                "start.sh:3 0 unknown sh $X (which script $X is, is not known before it starts)",
                "start.sh:4 0 handover exec x",
            ],
        ),
        (
            "#!/bin/sh\n\"$HERE/x.sh\"\n/opt/migrate.sh\nexec x",
            &[
                "start.sh:2 0 unknown \"$HERE/x.sh\" (which script $HERE/x.sh is, is not known before it starts)",
                "start.sh:3 0 job /opt/migrate.sh",
                "start.sh:4 0 handover exec x",
            ],
        ),
        // Circles end.
        (
            "#!/bin/sh\n./start.sh\nexec x",
            &["start.sh:2 0 unknown ./start.sh (./start.sh calls itself)", "start.sh:3 0 handover exec x"],
        ),
        (
            "#!/bin/sh\n. ./a.sh\nexec x",
            &[
                "start.sh:2 0 shell . ./a.sh",
                "a.sh:1 1 shell . ./b.sh",
                "b.sh:1 2 unknown . ./a.sh (./a.sh calls itself)",
                "start.sh:3 0 handover exec x",
            ],
        ),
        (
            "#!/bin/sh\n./broken.sh\nexec x",
            &[
                "start.sh:2 0 unknown ./broken.sh (a part of ./broken.sh could not be read)",
                "start.sh:3 0 handover exec x",
            ],
        ),
        // A program that is no shell script is what it was.
        ("#!/bin/sh\n./tool.py\nexec x", &["start.sh:2 0 unknown ./tool.py", "start.sh:3 0 handover exec x"]),
    ];
    for (text, expected) in table {
        let (start, cmd, sources) = read(&[
            ("Dockerfile", &dockerfile),
            ("start.sh", text),
            ("env.sh", "export A=1\n"),
            ("last.sh", "#!/bin/sh\nnode x\n"),
            ("scripts/job.sh", "#!/bin/bash\n\"$(dirname \"$0\")/more.sh\"\n"),
            ("scripts/more.sh", "#!/bin/sh\n./manage.py migrate\n"),
            ("wait-for-it.sh", "#!/bin/sh\nsomething\n"),
            ("wait-for-db.sh", "#!/bin/sh\nuntil nc -z db 5432; do sleep 1; done\n"),
            ("a.sh", ". ./b.sh\n"),
            ("b.sh", ". ./a.sh\n"),
            ("broken.sh", "#!/bin/sh\nif\n"),
            ("tool.py", "#!/usr/bin/env python3\n"),
        ]);
        assert_eq!(shown(start.as_ref(), &sources)[..expected.len()], *expected, "{text}");
        let of_cmd = shown(cmd.as_ref(), &sources);
        assert_eq!(of_cmd, ["Dockerfile:5 0 wait sleep 1", "Dockerfile:5 0 handover app"], "{text}");
    }
}

#[test]
fn many_scripts_end() {
    let dockerfile = format!("{BASE}COPY . .\nENTRYPOINT [\"./0.sh\"]\n");
    let mut files = vec![("Dockerfile".to_owned(), dockerfile)];
    // Each calls the next one many times: 20 to the power of 40 calls.
    for number in 0..40 {
        let call = format!("./{}.sh\n", number + 1);
        files.push((format!("{number}.sh"), format!("#!/bin/sh\n{}", call.repeat(20))));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let (start, _, _) = read(&files);
    let steps = start.expect("a script").steps;
    assert!(steps.len() < 1_000, "{}", steps.len());
    assert!(steps.iter().any(|s| s.reason.as_deref().is_some_and(|r| r.contains("too many"))));
}
