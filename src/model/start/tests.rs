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
        let reduced = script(text).reduced;
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
