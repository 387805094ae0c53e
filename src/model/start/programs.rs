//! What programs are for that start scripts call, by their name and words.

use super::Class;

/// Clients by which scripts see whether a service is there: that is all that they are good for.
const ASKERS: [&str; 9] = ["nc", "ncat", "netcat", "telnet", "pg_isready", "ping", "nslookup", "dig", "host"];

/// Clients that can change something, but often only ask.
const CLIENTS: [&str; 24] = [
    "curl",
    "wget",
    "http",
    "psql",
    "mysqladmin",
    "mysql",
    "mariadb",
    "mariadb-admin",
    "redis-cli",
    "valkey-cli",
    "mongo",
    "mongosh",
    "cqlsh",
    "nodetool",
    "clickhouse-client",
    "sqlcmd",
    "getent",
    "rabbitmqctl",
    "rabbitmq-diagnostics",
    "etcdctl",
    "consul",
    "kafka-topics.sh",
    "kafka-broker-api-versions",
    "ssh-keyscan",
];

/// Programs that only compute a text, or answer a question, unless their words say more.
const TEXT_TOOLS: [&str; 66] = [
    "awk",
    "gawk",
    "mawk",
    "arch",
    "base64",
    "basename",
    "cat",
    "cksum",
    "cmp",
    "column",
    "comm",
    "cut",
    "date",
    "df",
    "diff",
    "dirname",
    "du",
    "egrep",
    "env",
    "expr",
    "fgrep",
    "file",
    "find",
    "fold",
    "free",
    "getconf",
    "getent",
    "grep",
    "head",
    "hostname",
    "id",
    "ifconfig",
    "ip",
    "join",
    "jq",
    "locale",
    "ls",
    "md5sum",
    "mktemp",
    "mountpoint",
    "nl",
    "nproc",
    "od",
    "paste",
    "pgrep",
    "pidof",
    "printenv",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "sed",
    "seq",
    "sha1sum",
    "sha256sum",
    "sort",
    "stat",
    "tac",
    "tail",
    "tr",
    "tty",
    "uname",
    "uniq",
    "wc",
    "which",
];

/// Programs that put variables into templates, or change settings in files.
const TEMPLATERS: [&str; 27] = [
    "envsubst",
    "envtpl",
    "envplate",
    "ep",
    "confd",
    "gomplate",
    "j2",
    "jinja2",
    "jinjanate",
    "dockerize",
    "consul-template",
    "tiller",
    "mustache",
    "tee",
    "patch",
    "crudini",
    "augtool",
    "xmlstarlet",
    "sponge",
    "a2enmod",
    "a2dismod",
    "a2ensite",
    "a2dissite",
    "a2enconf",
    "phpenmod",
    "docker-php-ext-enable",
    "remco",
];

/// Programs that watch others, or run things at their times.
const SUPERVISORS: [&str; 17] = [
    "supervisord",
    "supervisorctl",
    "s6-svscan",
    "s6-svc",
    "runsvdir",
    "runit",
    "runit-init",
    "monit",
    "circusd",
    "pm2",
    "forego",
    "foreman",
    "honcho",
    "cron",
    "crond",
    "crontab",
    "supercronic",
];

/// Programs that stay in the background on their own, or end others.
const DAEMONS: [&str; 20] = [
    "sshd",
    "rsyslogd",
    "syslogd",
    "syslog-ng",
    "service",
    "invoke-rc.d",
    "rc-service",
    "systemctl",
    "initctl",
    "start-stop-daemon",
    "dbus-daemon",
    "kill",
    "pkill",
    "killall",
    "fuser",
    "atd",
    "rpcbind",
    "nohup",
    "inotifywait",
    "incrond",
];

/// Whether the well-known scripts wait-for-it and wait-for are meant, or a program that does nothing but wait.
pub(super) fn waits(name: &str, words: &[String]) -> bool {
    is_wait_script(name)
        || matches!(name, "wait4ports" | "wait4x" | "wait-port" | "wait-on" | "waitforit")
        || name.starts_with("wait-for")
        || name.starts_with("wait_for")
        || (name == "dockerize" && words.iter().any(|w| w.starts_with("-wait")))
}

/// `wait-for-it.sh` and `wait-for`, which projects carry along: known by what they are called.
pub(in crate::model) fn is_wait_script(name: &str) -> bool {
    matches!(name, "wait-for-it" | "wait-for-it.sh" | "wait-for" | "wait-for.sh")
}

/// Whether a program can be asked whether a service is there.
pub(super) fn is_client(name: &str) -> bool {
    ASKERS.contains(&name) || CLIENTS.contains(&name)
}

/// Whether a program with these words only gives out a text or answers a question.
pub(super) fn is_text_tool(name: &str, words: &[String]) -> bool {
    let any = |test: &dyn Fn(&str) -> bool| words.iter().any(|w| test(w));
    // What is different each time is no value that a configuration could hold.
    if any(&|w| {
        w.starts_with("/dev/random") || w.starts_with("/dev/urandom") || w.contains("/kernel/random/")
    }) {
        return false;
    }
    let changes = match name {
        "awk" | "gawk" | "mawk" => {
            any(&|w| w == "inplace" || w.contains("system(") || w.contains("print >") || w.contains("> \""))
        }
        "sed" => any(&|w| is_in_place(w)),
        "find" => any(&|w| w == "-delete" || w.starts_with("-fprint") || w == "-exec" || w == "-execdir"),
        "ip" => {
            any(&|w| matches!(w, "add" | "del" | "delete" | "set" | "flush" | "change" | "replace" | "exec"))
        }
        "ifconfig" => words.len() > 1,
        "date" => any(&|w| w.starts_with("-s") || w.starts_with("--set")),
        "hostname" => any(&|w| !w.starts_with('-')),
        "sort" => any(&|w| w.starts_with("-o") || w.starts_with("--output")),
        "tail" => any(&|w| w.starts_with('-') && !w.starts_with("--") && w.contains(['f', 'F'])),
        _ => false,
    };
    TEXT_TOOLS.contains(&name) && !changes
}

/// An option that has a file edited where it is.
pub(super) fn is_in_place(word: &str) -> bool {
    word.starts_with("--in-place")
        || (word.starts_with('-')
            && !word.starts_with("--")
            && word[1..].starts_with(['i', 'p', 'E', 'r', 'n']))
            && word.contains('i')
}

/// What a program is for, as far as its name and words tell; `asks`: it is a condition.
pub(super) fn of_program(name: &str, words: &[String], asks: bool) -> Option<Class> {
    let has = |word: &str| words.iter().any(|w| w == word);
    if waits(name, words) {
        return Some(Class::Wait);
    }
    if starts_or_stops(name, words) {
        return Some(Class::Process);
    }
    if is_job(name, words) {
        return Some(Class::Job);
    }
    Some(match name {
        "vault" | "chamber" | "berglas" | "sops" => Class::Secret,
        "aws" if has("secretsmanager") || has("ssm") => Class::Secret,
        "aws" if has("s3") => Class::Download,
        "gcloud" if has("secrets") => Class::Secret,
        "gsutil" | "rclone" | "git" | "svn" | "hg" | "scp" | "rsync" => Class::Download,
        "mkdir" | "chown" | "chmod" | "chgrp" | "setfacl" | "touch" => Class::Permissions,
        "install" if has("-d") => Class::Permissions,
        "sed" | "perl" | "ruby" if words.iter().any(|w| is_in_place(w)) => Class::Render,
        "yq" if words.iter().any(|w| is_in_place(w)) => Class::Render,
        "cp" | "install" if words.iter().any(|w| is_configuration(w)) => Class::Render,
        "rm" if clears(words) => Class::Permissions,
        "cp" | "install" | "mv" | "ln" | "rm" | "unlink" | "rmdir" => Class::Unknown,
        "tail" if !is_text_tool(name, words) => Class::Process,
        name if TEMPLATERS.contains(&name) => Class::Render,
        name if ASKERS.contains(&name) => Class::Wait,
        "mysqladmin" | "mariadb-admin" if has("ping") || has("status") => Class::Wait,
        "redis-cli" | "valkey-cli" if words.iter().any(|w| w.eq_ignore_ascii_case("ping")) => Class::Wait,
        "rabbitmqctl" if words.iter().any(|w| w.starts_with("await") || w == "wait") => Class::Wait,
        "psql" | "mysql" | "mariadb" if words.iter().any(|w| is_probe(w)) => Class::Wait,
        "psql" | "createdb" | "createuser" | "dropdb" | "pg_restore" | "mysql" | "mysqladmin" | "mariadb"
        | "mariadb-admin" | "mongo" | "mongosh" | "mongorestore" | "mongoimport" | "cqlsh" | "redis-cli"
        | "valkey-cli" | "clickhouse-client" | "sqlcmd" | "sqlplus" | "sqlite3" => Class::Job,
        name if is_client(name) && asks => Class::Wait,
        _ => return None,
    })
}

/// Whether it is a supervisor or scheduler: the main process of a container should be the application.
pub(super) fn supervises(name: &str) -> bool {
    SUPERVISORS.contains(&name)
}

/// `service x start`, `foo-daemon.sh start`, `start-dfs.sh`, `pkill`: other processes come and go.
fn starts_or_stops(name: &str, words: &[String]) -> bool {
    let stem = name.strip_suffix(".sh").unwrap_or(name);
    let verb = |w: &str| matches!(w, "start" | "stop" | "restart" | "--daemon");
    let is_control = stem.ends_with("ctl") || stem.ends_with("daemon") || stem.ends_with("servers");
    DAEMONS.contains(&name)
        || SUPERVISORS.contains(&name)
        || (is_control && words.iter().any(|w| verb(w)))
        || stem.starts_with("stop-")
        || stem.ends_with("-stop")
}

/// `start-dfs.sh`, `foo-start`, `foo start`: something that goes on is started, where it is not the last thing.
pub(super) fn starts_something(name: &str, words: &[String]) -> bool {
    let stem = name.strip_suffix(".sh").unwrap_or(name);
    stem.starts_with("start-")
        || stem.starts_with("start_")
        || stem.ends_with("-start")
        || words.first().is_some_and(|w| matches!(w.as_str(), "start" | "stop" | "restart"))
}

/// What an earlier run left behind is removed: process ids, locks, sockets, temporary files.
fn clears(words: &[String]) -> bool {
    let is_left = |w: &String| {
        let in_temporary = ["/tmp/", "/run/", "/var/run/"].iter().any(|folder| w.starts_with(folder));
        (in_temporary && !w.contains("..")) || w.ends_with(".pid") || w.ends_with(".lock")
    };
    let mut paths = words.iter().filter(|w| !w.starts_with('-')).peekable();
    paths.peek().is_some() && paths.all(is_left)
}

/// A statement that only asks whether somebody answers.
fn is_probe(word: &str) -> bool {
    let word = word.trim_end_matches(';').trim().to_ascii_lowercase();
    matches!(
        word.as_str(),
        "\\q" | "\\l" | "-l" | "select 1" | "-cselect 1" | "-eselect 1" | "status" | "--list"
    )
}

/// Files that hold settings, by their name.
fn is_configuration(word: &str) -> bool {
    const ENDINGS: [&str; 15] = [
        ".conf",
        ".cfg",
        ".cnf",
        ".json",
        ".yml",
        ".yaml",
        ".ini",
        ".xml",
        ".toml",
        ".properties",
        ".env",
        ".template",
        ".tmpl",
        ".tpl",
        ".j2",
    ];
    let word = word.trim_matches('"').trim_end_matches('/');
    let named = |ending: &str| word.ends_with(ending) || word.contains(&format!("{ending}."));
    word.starts_with("/etc/") || ENDINGS.iter().any(|e| named(e))
}

/// Migrations, static files, first users: what a release does once.
fn is_job(name: &str, words: &[String]) -> bool {
    const TOOLS: [&str; 14] = [
        "flyway",
        "liquibase",
        "goose",
        "dbmate",
        "migrate",
        "alembic",
        "sql-migrate",
        "atlas",
        "initdb",
        "mysql_install_db",
        "mariadb-install-db",
        "mysql_upgrade",
        "mariadb-upgrade",
        "pg_upgrade",
    ];
    const COMMANDS: [&str; 7] = [
        "migrate",
        "collectstatic",
        "createsuperuser",
        "loaddata",
        "compilemessages",
        "assets:precompile",
        "migration:run",
    ];
    const RUNNERS: [&str; 24] = [
        "python",
        "python3",
        "rails",
        "rake",
        "bundle",
        "bin",
        "npx",
        "npm",
        "yarn",
        "pnpm",
        "bun",
        "node",
        "php",
        "artisan",
        "wp",
        "drush",
        "occ",
        "prisma",
        "sequelize",
        "sequelize-cli",
        "knex",
        "typeorm",
        "mix",
        "dotnet",
    ];
    let stem = |w: &str| {
        let file = w.rsplit('/').next().unwrap_or(w);
        file.split('.').next().unwrap_or(file).replace('_', "-").to_ascii_lowercase()
    };
    let names_job = |w: &str| {
        let stem = stem(w);
        let parts: Vec<&str> = stem.split('-').collect();
        parts
            .iter()
            .any(|p| matches!(*p, "migrate" | "migrations" | "migration" | "seed" | "createsuperuser"))
            || ["create-user", "create-admin", "init-db", "db-init", "initdb", "do-install"]
                .iter()
                .any(|j| stem.contains(j))
    };
    let makes_store = |w: &str| {
        matches!(
            w,
            "--initialize" | "--initialize-insecure" | "--init-db" | "--initdb" | "-format" | "--migrate"
        )
    };
    if TOOLS.contains(&name) || names_job(name) || words.iter().any(|w| makes_store(w)) {
        return true;
    }
    if name == "flask" && words.iter().any(|w| w == "db") {
        return true;
    }
    let is_console = name.ends_with(".py") || name.starts_with("manage") || name == "console";
    if !is_console && !RUNNERS.contains(&name) {
        return false;
    }
    let script = words.iter().find(|w| !w.starts_with('-'));
    script.is_some_and(|w| w.contains('.') && names_job(w))
        || words.iter().any(|w| {
            COMMANDS.contains(&w.as_str())
                || w.starts_with("db:")
                || w.starts_with("migrate:")
                || w.starts_with("ecto.")
                || w.ends_with(":migrate")
        })
}

/// What the words of a request that no answer is kept of say: it asks, it asks the container itself, it does more.
pub(super) fn request(words: &[String], asks: bool) -> Class {
    let sends = |w: &String| {
        matches!(w.as_str(), "-X" | "-d" | "-F" | "-T" | "--request" | "--upload-file" | "--post-file")
            || w.starts_with("--data")
            || w.starts_with("--form")
            || w.starts_with("--post-data")
            || w.starts_with("-X")
    };
    let own = |w: &String| ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| w.contains(host));
    if words.iter().any(sends) {
        Class::Unknown
    } else if words.iter().any(own) {
        Class::Health
    } else if asks {
        Class::Wait
    } else {
        Class::Unknown
    }
}
