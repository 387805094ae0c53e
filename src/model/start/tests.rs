//! Start scripts in, what they are for and what they come down to out.

use barehull_syntax::shell::{Dialect, Script};
use barehull_syntax::{FileId, MappedText};

use super::{Class, ScriptSource, StartScript, WaitFor, read};
use crate::model::{ImageConfig, Provenance, Scope, lower};

fn script(text: &str) -> StartScript {
    let file = FileId(0);
    let parsed = Script::parse(&MappedText::verbatim(text, 0), Dialect::Bash);
    let mut config = ImageConfig::default();
    config.set_env("MODE", Some("web".to_owned()), Provenance::Base("x".to_owned()));
    let mut scope = Scope::new(b'\\');
    scope.inherit(&config);
    let effects = lower::script(&parsed, file, "/", &scope);
    read("/start.sh", ScriptSource::File, &parsed, file, &effects, &config)
}

#[test]
fn commands_are_told_apart_by_what_they_are_for() {
    use Class::{
        Download, Folder, Handover, Health, Job, Permissions, Process, Render, Secret, Shell, Unknown,
        Variable, Wait,
    };
    let table: [(&str, &[Class]); 61] = [
        ("#!/bin/sh\nset -e\nexec \"$@\"\n", &[Shell, Handover]),
        ("export A=${A:-x}\n: ${B:=y}\n", &[Variable, Variable]),
        ("until nc -z db 5432; do\n  echo waiting\n  sleep 1\ndone\n", &[Wait, Shell, Wait]),
        ("while ! curl -sf http://x/health; do sleep 1; done", &[Wait, Wait]),
        ("for i in 1 2 3; do pg_isready && break; sleep 1; done", &[Wait, Wait, Wait]),
        ("while ! timeout 1 bash -c 'echo > /dev/tcp/db/5432'; do sleep 1; done", &[Wait, Wait]),
        ("while [ ! -e /ready ]; do sleep 1; done", &[Wait, Wait]),
        ("until my-check; do sleep 1; done\nsleep 5", &[Wait, Wait, Wait]),
        ("while true; do if nc -z x 1; then break; fi; sleep 1; done", &[Wait, Wait, Wait, Wait]),
        // It only looks like waiting: something is done over and over, or a process is watched.
        ("while true; do certbot renew; sleep 12h; done", &[Shell, Unknown, Process]),
        ("while kill -0 $PID; do sleep 1; done", &[Process, Process]),
        ("for f in /a/*; do load $f; sleep 1; done", &[Unknown, Wait]),
        // What a loop tries again is still what it is.
        ("until ./manage.py migrate; do sleep 1; done", &[Job, Wait]),
        ("until curl -o /data/x https://x/y; do sleep 1; done", &[Download, Wait]),
        ("./wait-for-it.sh db:5432 -t 30\ndockerize -wait tcp://db:1\n", &[Wait, Wait]),
        ("curl -o /data/model.bin https://x/y\n", &[Download]),
        ("A=$(curl -s https://x/y)\ncurl https://x/y | tar x", &[Variable, Download, Download, Download]),
        ("curl -sf http://localhost:80/health\ncurl -X POST http://x/y", &[Health, Unknown]),
        ("aws s3 cp s3://b/k /data/k\ngit clone https://x/y /y\n", &[Download, Download]),
        ("envsubst < /a.template > /etc/a.conf\n", &[Render]),
        ("sed -i s/__X__/$X/ /etc/a.conf\n", &[Render]),
        ("find /etc -name '*.conf' -exec sed -i s/a/b/ {} \\;", &[Render]),
        ("sed s/a/$B/ \"$1\" > \"$2\"\necho x | tee /etc/a", &[Render, Render, Render]),
        ("cat > /etc/a.conf <<EOF\nx\nEOF\n", &[Render]),
        ("cat > \"$CONF\" <<EOF\nx\nEOF\n", &[Render]),
        ("cat <<EOF\nx\nEOF\n", &[Shell]),
        ("echo \"$KEY\" > /etc/key\necho x >&2\necho x > /dev/stderr", &[Render, Shell, Shell]),
        ("cp /a/app.conf /etc/app.conf\ncp /a/b /c/b", &[Render, Unknown]),
        (
            "python manage.py migrate --noinput\n./manage.py collectstatic\nexec gunicorn x",
            &[Job, Job, Handover],
        ),
        (
            "bundle exec rake db:migrate\nflask db upgrade\nprisma migrate deploy\necho done",
            &[Job, Job, Job, Shell],
        ),
        ("psql -c 'create database x'\npsql -c '\\q'\nnode dist/run-migrations.js", &[Job, Wait, Job]),
        ("mkdir -p /data && chown -R app /data\nexec gosu app \"$@\"", &[Permissions, Permissions, Handover]),
        // Where no path can be told the work is the same.
        ("chown -R \"$U:$G\" \"$D\"\nchmod 600 $D/*\n: > $LOG", &[Permissions, Permissions, Permissions]),
        ("find /data ! -user app -exec chown app '{}' +", &[Permissions]),
        // These change the container's own files: no other place can do that.
        ("rm -f /a\nln -s /a /b\nuseradd app", &[Unknown, Unknown, Unknown]),
        (
            "rm -f /app/tmp/server.pid\nrm -rf /run/x/* /tmp/x\nrm -rf /tmp/x $D",
            &[Permissions, Permissions, Unknown],
        ),
        ("PASSWORD=$(cat /run/secrets/db)\necho", &[Variable, Secret, Shell]),
        ("vault kv get x\necho", &[Secret, Shell]),
        ("P=$(head -c 9 /dev/urandom | base64)", &[Variable, Unknown, Unknown]),
        ("A=$(hostname -i | awk '{print $1}')", &[Variable, Shell, Shell]),
        ("cron &\nexec nginx -g 'daemon off;'", &[Process, Handover]),
        ("service ssh start\necho", &[Process, Shell]),
        ("\"$HOME/bin/hbase-daemon.sh\" start master\n./start-dfs.sh\npkill x", &[Process, Process, Process]),
        ("crontab -l | sed s/a/b/ | crontab -", &[Process, Process, Process]),
        ("tail -f /var/log/x\nexec supervisord -n", &[Process, Process]),
        ("cd /app\nexec node server.js", &[Folder, Handover]),
        (". /etc/profile\ntrap x TERM\ndo-something\nexit 0", &[Unknown, Unknown, Unknown, Shell]),
        (
            "stop() { kill 1; }\ntrap stop TERM\ntrap - INT\ntrap 'rm x' EXIT",
            &[Process, Shell, Shell, Unknown],
        ),
        ("f() { echo hi; }\nf\nexec x", &[Shell, Shell, Handover]),
        ("f() { get-it; }\nA=$(f)\nf &", &[Unknown, Variable, Unknown, Process]),
        ("if [ \"$1\" = x ]; then exec a; fi\nexec \"$@\"", &[Shell, Handover, Handover]),
        ("if [[ $1 = x ]]; then shift; set -- a \"$@\"; fi", &[Shell, Shell, Shell]),
        ("if grep -q x /etc/x; then echo; fi\nid | grep root", &[Shell, Shell, Shell, Shell]),
        ("exec sh -c 'do-it && app'\neval \"$X\"", &[Unknown, Unknown]),
        ("eval \"$1=\\$2\"\nsh -c \"$X\"\nsh -c 'echo x'", &[Unknown, Unknown, Shell]),
        ("exec su -c app user\nexec > /log", &[Handover, Unknown]),
        (
            "awk 'BEGIN { system(\"x\") }'\nip addr add 1.1.1.1 dev x\nfind / -delete",
            &[Unknown, Unknown, Unknown],
        ),
        ("apt-get update && apt-get install -y x", &[Download, Download]),
        ("yq -i '.a = 1' /etc/x\nperl -pi -e s/a/b/ x", &[Render, Render]),
        ("while read -r a b; do A=$a; done < /x", &[Shell, Variable]),
        ("mysqld --initialize\nhadoop namenode -format", &[Job, Job]),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in table {
        // What a script ends with is its process: a message is none.
        let classes: Vec<Class> = script(&format!("{text}\necho")).steps.iter().map(|s| s.class).collect();
        let (last, classes) = classes.split_last().expect("a step");
        assert_eq!(*last, Shell, "{text}");
        if classes != expected {
            wrong.push(format!("{text}\n  {classes:?}\n  not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_last_command_is_the_application_unless_it_is_something_else() {
    let table = [
        ("set -e\nnode server.js", Class::Handover),
        ("main() { node server.js; }\nmain", Class::Handover),
        ("main() { node server.js; }\nmain\necho", Class::Unknown),
        ("run() { node server.js; }\neval $1", Class::Handover),
        ("run() { node server.js; }\nrun\neval $1", Class::Unknown),
        ("load < /data/x", Class::Unknown),
        ("psql <<EOF\nx\nEOF", Class::Job),
        ("./stop-all.sh", Class::Process),
        ("load | sort", Class::Unknown),
        ("A=b", Class::Variable),
        ("/usr/sbin/sshd -D", Class::Handover),
        ("/usr/sbin/sshd\necho", Class::Process),
    ];
    for (text, expected) in table {
        let steps = script(text).steps;
        let step = steps.iter().find(|s| !matches!(s.class, Class::Shell) && s.name != "eval");
        assert_eq!(step.map(|s| s.class), Some(expected), "{text}");
    }
}

#[test]
fn waiting_tells_for_what() {
    let table = [
        ("./wait-for-it.sh db:5432 -t 30", Some(("db", Some("5432")))),
        ("wait-for-it.sh -h \"$DB_HOST\" -p 5432 -- echo up", Some(("$DB_HOST", Some("5432")))),
        ("dockerize -wait tcp://db:1 -timeout 5s", Some(("db", Some("1")))),
        (
            "until nc -z -w 2 \"$DB_HOST\" ${DB_PORT:-5432}; do sleep 1; done",
            Some(("$DB_HOST", Some("${DB_PORT:-5432}"))),
        ),
        ("until pg_isready -h db -p 5432; do sleep 1; done", Some(("db", Some("5432")))),
        ("while ! mysqladmin ping -hdb --silent; do sleep 1; done", Some(("db", None))),
        ("while ! curl -sf http://user@x:80/health; do sleep 1; done", Some(("x", Some("80")))),
        ("until (echo > /dev/tcp/db/5432) 2>/dev/null; do sleep 1; done", Some(("db", Some("5432")))),
        ("wait-for-tcp.sh $DB_HOST $DB_PORT && wait-for-tcp.sh b 1", Some(("$DB_HOST", Some("$DB_PORT")))),
        ("sudo timeout 5 ./wait-for.sh -t 5 db:1", Some(("db", Some("1")))),
        ("while [ ! -e /x ]; do sleep 1; done", None),
        ("sleep 5", None),
    ];
    for (text, expected) in table {
        let steps = script(&format!("{text}\nexec x")).steps;
        let step = steps.iter().find(|s| s.class == Class::Wait).expect("it waits");
        let expected =
            expected.map(|(host, port)| WaitFor { host: host.to_owned(), port: port.map(str::to_owned) });
        assert_eq!(step.waits_for, expected, "{text}");
    }
}

#[test]
fn what_stands_behind_a_wait_script_is_told() {
    let table = [
        ("./wait-for-it.sh db:1 -- node server.js", Class::Handover),
        ("exec ./wait-for-it.sh db:1 -- node server.js", Class::Handover),
        ("./wait-for db:1 -- ./manage.py migrate\nexec x", Class::Job),
        ("./wait-for db:1 -- echo up\nexec x", Class::Shell),
        ("./wait-for db:1 -- load-it\nexec x", Class::Unknown),
    ];
    for (text, expected) in table {
        let steps = script(text).steps;
        let classes: Vec<_> = steps.iter().take(2).map(|s| s.class).collect();
        assert_eq!(classes, [Class::Wait, expected], "{text}");
    }
}

#[test]
fn steps_know_what_they_stand_in() {
    use super::WithinKind::{Branch, Condition, Function, List, Loop, Pipeline, Subshell};
    let table = [
        ("if a; then x; fi", false, vec![Branch]),
        ("if x; then a; fi", true, vec![Condition]),
        ("for i in 1 2; do (x | cat); done", false, vec![Pipeline, Subshell, Loop]),
        ("a || x", false, vec![List]),
        ("f() { x; }\nf", true, vec![Function("f".to_owned())]),
        ("f() { x; }\nif a; then f; fi", false, vec![Function("f".to_owned())]),
        ("case $1 in a) x ;; esac", false, vec![Branch]),
    ];
    for (text, always, within) in table {
        let steps = script(text).steps;
        let step = steps.iter().find(|s| s.name == "x").expect("it is there");
        let kinds: Vec<_> = step.within.iter().map(|w| w.kind.clone()).collect();
        assert_eq!((step.always, kinds), (always, within), "{text}");
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
        UnitKind::Switch { user, .. } => format!("switch to {user}"),
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
        text.extend([" | awaits ", awaited]);
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
