//! Start scripts in, what they are for and what they come down to out.

use barehull_syntax::shell::{Dialect, Script};
use barehull_syntax::{FileId, MappedText};

use super::{Class, StartScript, read};
use crate::model::{ImageConfig, Provenance, Scope, lower};

fn script(text: &str) -> StartScript {
    let file = FileId(0);
    let parsed = Script::parse(&MappedText::verbatim(text, 0), Dialect::Bash);
    let mut config = ImageConfig::default();
    config.set_env("MODE", Some("web".to_owned()), Provenance::Base("x".to_owned()));
    let mut scope = Scope::new(b'\\');
    scope.inherit(&config);
    let effects = lower::script(&parsed, file, "/", &scope);
    read("/start.sh", &parsed, file, &effects, &config)
}

#[test]
fn commands_are_told_apart_by_what_they_are_for() {
    use Class::{
        Download, Folder, Handover, Job, Permissions, Process, Render, Secret, Shell, Unknown, Variable, Wait,
    };
    let table: [(&str, &[Class]); 24] = [
        ("#!/bin/sh\nset -e\nexec \"$@\"\n", &[Shell, Handover]),
        ("export A=${A:-x}\n: ${B:=y}\n", &[Variable, Variable]),
        ("until nc -z db 5432; do\n  echo waiting\n  sleep 1\ndone\n", &[Wait, Wait, Wait]),
        ("while ! curl -sf http://x/health; do sleep 1; done", &[Wait, Wait]),
        ("for i in 1 2 3; do pg_isready && break; sleep 1; done", &[Wait, Wait, Wait]),
        ("while ! timeout 1 bash -c 'echo > /dev/tcp/db/5432'; do sleep 1; done", &[Wait, Wait]),
        ("./wait-for-it.sh db:5432 -t 30\ndockerize -wait tcp://db:1\n", &[Wait, Wait]),
        ("curl -o /data/model.bin https://x/y\n", &[Download]),
        ("aws s3 cp s3://b/k /data/k\ngit clone https://x/y /y\n", &[Download, Download]),
        ("envsubst < /a.template > /etc/a.conf\n", &[Render]),
        ("sed -i s/__X__/$X/ /etc/a.conf\n", &[Render]),
        ("cat > /etc/a.conf <<EOF\nx\nEOF\n", &[Render]),
        ("echo \"$KEY\" > /etc/key\n", &[Render]),
        (
            "python manage.py migrate --noinput\n./manage.py collectstatic\nexec gunicorn x",
            &[Job, Job, Handover],
        ),
        (
            "bundle exec rake db:migrate\nflask db upgrade\nprisma migrate deploy\necho done",
            &[Job, Job, Job, Shell],
        ),
        ("mkdir -p /data && chown -R app /data\nexec gosu app \"$@\"", &[Permissions, Permissions, Handover]),
        ("PASSWORD=$(cat /run/secrets/db)\necho", &[Variable, Secret, Shell]),
        ("vault kv get x\necho", &[Secret, Shell]),
        ("cron &\nexec nginx -g 'daemon off;'", &[Process, Handover]),
        ("service ssh start\necho", &[Process, Shell]),
        ("cd /app\nexec node server.js", &[Folder, Handover]),
        (". /etc/profile\ntrap x TERM\ndo-something\nexit 0", &[Unknown, Unknown, Unknown, Shell]),
        ("f() { echo hi; }\nf\nexec x", &[Shell, Handover]),
        ("if [ \"$1\" = x ]; then exec a; fi\nexec \"$@\"", &[Shell, Handover, Handover]),
    ];
    for (text, expected) in table {
        // What a script ends with is its process: a message is none.
        let classes: Vec<Class> = script(&format!("{text}\necho")).steps.iter().map(|s| s.class).collect();
        let (last, classes) = classes.split_last().expect("a step");
        assert_eq!((classes, *last), (expected, Shell), "{text}");
    }
}

#[test]
fn scripts_that_only_pass_on_are_reduced() {
    // Variables the application sees, folder, words, whether the arguments follow.
    type Reduced =
        (&'static [(&'static str, &'static str, bool)], Option<&'static str>, &'static [&'static str], bool);
    let table: [(&str, Option<Reduced>); 18] = [
        ("#!/bin/sh\nset -eu\n# why\nexec \"$@\"\n", Some((&[], None, &[], true))),
        ("exec node server.js", Some((&[], None, &["node", "server.js"], false))),
        (
            "export A=1 B='x y'\nexec x \"$@\"",
            Some((&[("A", "1", false), ("B", "x y", false)], None, &["x"], true)),
        ),
        ("export A=\"${A:-x}\"\nexec x", Some((&[("A", "x", true)], None, &["x"], false))),
        (": ${A:=x}\nexec x", Some((&[], None, &["x"], false))),
        (": ${A:=x}\nexport A\nexec x", Some((&[("A", "x", true)], None, &["x"], false))),
        ("MODE=api\nexec x", Some((&[("MODE", "api", false)], None, &["x"], false))),
        (
            "DIR=/app\ncd $DIR\ncd sub\nx --dir \"$DIR\"",
            Some((&[], Some("/app/sub"), &["x", "--dir", "/app"], false)),
        ),
        ("exec $@", Some((&[], None, &[], true))),
        ("echo starting\nexec x", Some((&[], None, &["x"], false))),
        // What is given at start is not known.
        ("exec java $JAVA_OPTS -jar a.jar", None),
        ("A=${A:-x}\nexec x $A", None),
        ("if [ -n \"$X\" ]; then export A=1; fi\nexec x", None),
        ("set -- a \"$@\"\nexec \"$@\"", None),
        ("set -a\nA=1\nexec x", None),
        ("exec x \"$@\" --last", None),
        ("x > /log", None),
        ("export A=$(hostname)\nexec x", None),
    ];
    for (text, expected) in table {
        let script = script(text);
        let reduced = script.reduced();
        let shown = reduced.as_ref().map(|r| {
            let variables: Vec<_> =
                r.variables.iter().map(|v| (v.name.as_str(), v.value.as_str(), v.is_default)).collect();
            let words: Vec<_> = r.handover.words.iter().map(String::as_str).collect();
            (variables, r.folder.as_deref(), words, r.handover.arguments)
        });
        let expected = expected.map(|(v, f, w, a)| (v.to_vec(), f, w.to_vec(), a));
        assert_eq!(shown, expected, "{text}");
    }
}

/// A unit as the table below shows it: kind, text, programs, variables it reads.
fn shown(unit: &super::Unit) -> String {
    use super::UnitKind;
    let kind = match &unit.kind {
        UnitKind::Plain => "plain".to_owned(),
        UnitKind::Work(class) => format!("{class:?}"),
        UnitKind::Function(name) => format!("function {name}"),
        UnitKind::Handover => "handover".to_owned(),
        UnitKind::Other(why) => (*why).to_owned(),
    };
    let list = |set: &std::collections::BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
    let mut text = format!(
        "{kind} | {} | {} | {}",
        unit.text.replace('\n', "~"),
        list(&unit.programs),
        list(&unit.reads)
    );
    let flags = [(unit.arguments, "arguments"), (unit.only_bash, "bash"), (unit.stops, "stops")];
    for (_, name) in flags.iter().filter(|(is, _)| *is) {
        text.push_str(" | ");
        text.push_str(name);
    }
    if let Some(awaited) = &unit.awaited {
        text.push_str(&format!(" | awaits {awaited}"));
    }
    text
}

#[test]
fn statements_are_told_with_what_they_read() {
    let table: [(&str, &[&str]); 14] = [
        (
            "#!/bin/sh\nset -e\n# wait\nuntil nc -z \"$DB_HOST\" ${DB_PORT:-5432}; do\n  echo waiting\n  sleep 1\ndone\nexec \"$@\"\n",
            &[
                "plain | set -e |  | ",
                "Wait | until nc -z \"$DB_HOST\" ${DB_PORT:-5432}; do~  echo waiting~  sleep 1~done | nc | DB_HOST DB_PORT | stops | awaits nc -z \"$DB_HOST\" ${DB_PORT:-5432}",
                "handover | exec \"$@\" |  |  | arguments | stops",
            ],
        ),
        (
            "python manage.py migrate --noinput && exec gunicorn app:app",
            &[
                "Job | python manage.py migrate --noinput | python |  | stops",
                "handover | exec gunicorn app:app |  | ",
            ],
        ),
        (
            "cat > /etc/a.conf <<EOF\nhost=$HOST\nEOF\nexec x",
            &["Render | cat > /etc/a.conf <<EOF~host=$HOST~EOF | cat | HOST", "handover | exec x |  | "],
        ),
        (
            "while ! curl -sf http://x/health >/dev/null 2>&1; do sleep 1; done\nexec x",
            &[
                "Wait | while ! curl -sf http://x/health >/dev/null 2>&1; do sleep 1; done | curl |  | awaits curl -sf http://x/health >/dev/null 2>&1",
                "handover | exec x |  | ",
            ],
        ),
        (
            "until (echo > /dev/tcp/db/5432) 2>/dev/null; do sleep 1; done\nexec x",
            &[
                "Wait | until (echo > /dev/tcp/db/5432) 2>/dev/null; do sleep 1; done |  |  | bash | awaits (echo > /dev/tcp/db/5432) 2>/dev/null",
                "handover | exec x |  | ",
            ],
        ),
        (
            "if [ ! -f /m/x ]; then\n    curl -o /m/x \"$URL\"\nfi\nexec x",
            &[
                "Download | if [ ! -f /m/x ]; then~    curl -o /m/x \"$URL\"~fi | curl | URL",
                "handover | exec x |  | ",
            ],
        ),
        (
            "mkdir -p /m && curl -o /m/x http://y\nexec x",
            &[
                "Permissions | mkdir -p /m | mkdir |  | stops",
                "Download | curl -o /m/x http://y | curl | ",
                "handover | exec x |  | ",
            ],
        ),
        (
            "w() { until nc -z $1 1; do sleep 1; done; }\nw db\nexec x",
            &[
                "function w | w() { until nc -z $1 1; do sleep 1; done; } | nc |  | arguments",
                "Wait | w db |  | ",
                "handover | exec x |  | ",
            ],
        ),
        (
            "if [ \"$1\" = web ]; then exec a; fi\nexec \"$@\"",
            &[
                "it decides at start which program runs | if [ \"$1\" = web ]; then exec a; fi |  |  | arguments",
                "handover | exec \"$@\" |  |  | arguments",
            ],
        ),
        (
            "if [ -n \"$A\" ]; then B=1; fi\nexec x",
            &[
                "it sets variables under a condition | if [ -n \"$A\" ]; then B=1; fi |  | A",
                "handover | exec x |  | ",
            ],
        ),
        (
            "cron &\nexec x",
            &[
                "something it starts goes on while the application runs | cron | cron | ",
                "handover | exec x |  | ",
            ],
        ),
        ("x=(1 2)\nexec x", &["plain | x=(1 2) |  |  | bash", "handover | exec x |  | "]),
        (
            "  sed -i s/a/$A/ /f\n  exec x",
            &["Render | sed -i s/a/$A/ /f | sed | A", "handover | exec x |  | "],
        ),
        (
            "cat <<A > /a; exec x\n1\nA\n",
            &["its text is mixed with that of another command |  | cat | ", "handover | exec x |  | "],
        ),
    ];
    for (text, expected) in table {
        let shown: Vec<String> = script(text).units.iter().map(shown).collect();
        assert_eq!(shown, expected, "{text}");
    }
}

#[test]
fn what_is_left_beside_the_work_is_told() {
    let table = [
        ("until nc -z db 1; do sleep 1; done\nexec \"$@\"", Some(("", true, None))),
        (
            "export A=1\npython manage.py migrate\nexec gosu app gunicorn x",
            Some(("gunicorn x", false, Some("app"))),
        ),
        ("chown -R app /data\nexec su-exec app \"$@\"", Some(("", true, Some("app")))),
        ("A=$(curl http://x)\nexec x", None),
        ("if x; then y; fi\nexec x", None),
        ("for i in 1 2; do curl -o /a http://x; done\nexec x $i", None),
    ];
    for (text, expected) in table {
        let script = script(text);
        let rest = script
            .rest
            .as_ref()
            .map(|r| (r.handover.words.join(" "), r.handover.arguments, r.handover.user.clone()));
        let expected = expected.map(|(w, a, u)| (w.to_owned(), a, u.map(str::to_owned)));
        assert_eq!(rest, expected, "{text}");
    }
}
