//! What the rules about the start of a container say, and what they do not.

use std::sync::Arc;

use barehull_catalog::Catalog;

use crate::engine;
use crate::finding::Place;
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

/// The findings of start-time rules: rule, line of the script, subject, the lines beside it.
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let project = Project::new(Arc::new(Memory::of(files.iter().copied())));
    let options = Options::new(Catalog::builtin());
    let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let line = |place: &Place| {
        let Place::Source(at) = place else { panic!("a place") };
        format!("{}:{}", analysis.sources.get(at.file).path, analysis.sources.line(*at))
    };
    let own = analysis.findings.iter().filter(|f| f.rule.id.starts_with("start-time-"));
    own.map(|f| {
        let related: Vec<String> = f.related.iter().map(|label| line(&label.place)).collect();
        format!("{} {} {} {}", f.rule.id, line(&f.place), f.subject, related.join(" ")).trim_end().to_owned()
    })
    .collect()
}

#[test]
fn work_of_a_start_script_is_found_once_a_class() {
    let table: [(&str, &[&str]); 17] = [
        (
            "until nc -z db 5432; do\n  sleep 1\ndone\nsleep 3",
            &["start-time-wait start.sh:2 /start.sh start.sh:5"],
        ),
        ("dockerize -wait tcp://db:5432 -timeout 30s", &["start-time-wait start.sh:2 /start.sh"]),
        (
            "envsubst < /a.tpl > /etc/a.conf\nsed -i s/a/$B/ /etc/b",
            &["start-time-template start.sh:2 /start.sh start.sh:3"],
        ),
        ("cat > \"$CONF\" <<EOF\nx=$X\nEOF", &["start-time-template start.sh:2 /start.sh"]),
        (
            "python manage.py migrate\npython manage.py collectstatic",
            &["start-time-migration start.sh:2 /start.sh start.sh:3"],
        ),
        (
            "mkdir -p /data\nchown -R app \"$DATA\"",
            &["start-time-permissions start.sh:2 /start.sh start.sh:3"],
        ),
        (". ./more.sh", &["start-time-migration more.sh:2 /start.sh"]),
        ("if [ -n \"$X\" ]; then chown app /data; fi", &["start-time-permissions start.sh:2 /start.sh"]),
        // Messages, tests, and what only looks like work.
        ("echo waiting for the database\necho \"run manage.py migrate\" >&2", &[]),
        ("cat <<EOF\nsed -i s/a/b/ /etc/x\nEOF", &[]),
        ("if grep -q x /etc/x; then echo y > /dev/null; fi", &[]),
        ("# chown app /data\nA=\"mkdir /data\"\nB=$(sed s/a/b/ /etc/x)", &[]),
        ("while true; do certbot renew; sleep 12h; done &", &[]),
        ("server & sleep 365d", &[]),
        ("exec nc -l 80", &[]),
        ("exec python manage.py migrate", &[]),
        ("trap 'rm -f /x' EXIT\nwait-less", &[]),
    ];
    for (text, expected) in table {
        let script = format!("#!/bin/sh\n{text}\nexec \"$@\"\n");
        let found = findings(&[
            ("Dockerfile", "FROM debian:12\nCOPY . /\nENTRYPOINT [\"/start.sh\"]\nCMD [\"node\", \"x\"]\n"),
            ("start.sh", &script),
            ("more.sh", "#!/bin/sh\n./manage.py migrate\n"),
        ]);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn instructions_are_start_scripts_too() {
    let table: [(&str, &[&str]); 6] = [
        ("CMD ./manage.py migrate && gunicorn x", &["start-time-migration Dockerfile:2 CMD"]),
        ("ENTRYPOINT [\"sh\", \"-c\", \"sleep 5; app\"]", &["start-time-wait Dockerfile:2 ENTRYPOINT"]),
        // One command is the application, whatever it is.
        ("CMD [\"./manage.py\", \"migrate\"]", &[]),
        ("CMD ./manage.py migrate", &[]),
        ("CMD [\"echo\", \"./manage.py migrate && x\"]", &[]),
        ("RUN ./manage.py migrate && mkdir /data\nCMD [\"x\"]", &[]),
    ];
    for (line, expected) in table {
        let found = findings(&[("Dockerfile", &format!("FROM debian:12\n{line}\n"))]);
        assert_eq!(found, expected, "{line}");
    }
}
