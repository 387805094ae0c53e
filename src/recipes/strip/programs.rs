//! Programs that images start, and what they need of an image: which are scripts of a shell, which start others.
//!
//! What is not listed here counts as unknown, and keeps the shell. The lists were written down from what the programs'
//! manuals and packages (Debian 12 and 13, Alpine 3.22, November 2026) say of them; not every source was read.

/// What is known of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// A binary, or a script that an interpreter of its own runs: it starts nothing by itself.
    Native,
    /// One of the basic tools of a system (coreutils, util-linux, busybox), which starts nothing by itself.
    Basic,
    /// It starts these, by name.
    Starts(&'static [&'static str]),
    /// It gives people a shell: the image is theirs.
    ForPeople,
}

pub(super) const SHELL: &[&str] = &["sh"];
pub(super) const BASH: &[&str] = &["sh", "bash"];

/// Programs by what they start. `sh` stands for whatever `/bin/sh` is.
#[rustfmt::skip] // one name a line says no more
const PROGRAMS: &[(Known, &[&str])] = &[
    (Known::ForPeople, &["sshd", "telnetd", "dropbear", "gotty", "ttyd", "code-server", "shellinaboxd",
        "vncserver", "Xvnc", "xrdp", "start-notebook.sh", "jupyter", "jupyter-lab", "jupyter-notebook",
        "jupyterhub"]),
    // Scripts of /bin/sh, or programs that call system() or popen(). Those that run jobs or services of their own
    // configuration (cron, runit, s6, make) are not listed: nobody knows what these call.
    (Known::Starts(SHELL), &["catalina.sh", "docker-php-entrypoint", "apache2ctl", "apachectl",
        "httpd-foreground", "service", "invoke-rc.d", "xvfb-run", "mysqld_safe",
        "mariadbd-safe", "rabbitmq-server", "postgres", "initdb", "pg_ctl", "gunzip", "zcat", "zgrep",
        "Rscript", "chromium", "chromium-browser", "firefox", "mvn", "gradle", "gradlew", "mvnw", "ant", "groovy", "jruby",
        "elixir", "iex", "mix", "erl", "nodemon", "npm", "npx", "yarn",
        "yarnpkg", "pnpm", "pm2", "pm2-runtime", "pm2-docker", "composer", "sendmail", "postfix", "exim4",
        "passenger", "start-stop-daemon", "haproxy-systemd-wrapper", "snmpd", "telegraf", "fluentd",
        "ldconfig", "which", "update-ca-certificates", "ssh-copy-id", "getconf", "asterisk",
        "squid", "openvpn", "dovecot", "vsftpd", "proftpd", "smbd", "cupsd", "named-checkconf", "varnishd"]),
    (Known::Starts(BASH), &["apache2-foreground", "ldd", "tzselect", "google-chrome", "google-chrome-stable", "sbt",
        "scala", "kotlin", "lein", "clojure", "clj", "R", "soffice", "libreoffice", "activator", "airflow", "spark-submit", "hadoop", "hdfs", "kafka-server-start.sh",
        "zkServer.sh", "nodetool", "cassandra", "elasticsearch", "logstash", "kibana", "solr", "standalone.sh",
        "conda", "mamba", "wait-for-it.sh", "wait-for-it", "neo4j", "sonar.sh", "jenkins.sh", "tini-wrapper"]),
    // What they started is found with ps when it shall end (tree-kill, ps-tree).
    (Known::Starts(&["sh", "ps"]), &["concurrently", "npm-run-all", "run-p", "run-s"]),
    (Known::Starts(&["sh", "ssh"]), &["git"]),
    (Known::Starts(&["sh", "bash"]), &["su", "sudo", "runuser", "doas", "ssh", "script", "tmux", "screen"]),
    // Programs of their own, or interpreters: they start what the application says, which is looked at on its own.
    (Known::Native, &["nginx", "nginx-debug", "openresty", "httpd", "apache2", "caddy", "haproxy", "traefik",
        "redis-server", "redis-sentinel", "valkey-server", "memcached", "mongod", "mongos", "mysqld",
        "mariadbd", "php", "php-fpm", "php-fpm7", "php-fpm8", "php-cgi", "frankenphp", "node", "nodejs",
        "deno", "bun", "python", "python2", "python3", "pypy", "pypy3", "ruby", "perl", "lua", "luajit",
        "java", "dotnet", "mono", "beam.smp", "julia", "tclsh", "guile", "gunicorn", "gunicorn3", "uvicorn",
        "hypercorn", "daphne", "waitress-serve", "flask", "celery", "django-admin", "fastapi", "streamlit",
        "mkdocs", "scrapy", "uwsgi", "uwsgi-core", "supervisord", "rq", "dramatiq", "huey_consumer", "tini",
        "tini-static", "dumb-init", "catatonit", "gosu", "su-exec", "dnsmasq", "unbound", "coredns", "named",
        "mosquitto", "etcd", "prometheus", "grafana-server", "node_exporter", "minio", "vault", "consul",
        "nats-server", "envsubst", "convert", "magick", "mogrify", "identify", "ffmpeg", "ffprobe", "gs",
        "pdftotext", "pdftoppm", "wkhtmltopdf", "tesseract", "exiftool", "rsvg-convert", "inkscape", "jq",
        "yq", "openssl", "sqlite3", "pg_isready", "createdb", "dropdb", "pg_dump", "pg_restore", "mysqladmin",
        "mysqldump"]),
    (Known::Starts(&["env"]), &["bundle", "bundler", "rackup", "puma", "unicorn", "thin", "sidekiq", "rails",
        "rake", "plackup", "starman", "hypnotoad", "http-server", "serve", "ts-node", "tsx", "next", "nest",
        "vite", "ng"]),
    // coreutils, util-linux, busybox: what scripts are made of.
    (Known::Basic, &["chroot", "ionice", "nice", "nohup", "setpriv", "setsid", "stdbuf", "timeout", "arch",
        "env", "find", "xargs", "awk", "gawk", "mawk", "b2sum", "base32", "base64", "basename", "bc",
        "bunzip2", "bzip2", "cat", "chgrp", "chmod", "chown", "cksum", "cmp", "comm", "cp", "cut", "date",
        "dd", "df", "diff", "dirname", "du", "echo", "egrep", "expand", "expr", "factor", "false", "fgrep",
        "flock", "fold", "free", "getent", "getopt", "grep", "groupadd", "groupmod", "groups", "gzip", "head",
        "hostid", "hostname", "id", "install", "join", "kill", "link", "ln", "logger", "ls", "md5sum", "mkdir",
        "mkfifo", "mknod", "mktemp", "mv", "nl", "nproc", "numfmt", "od", "paste", "pathchk", "pidof",
        "printenv", "printf", "pwd", "readlink", "realpath", "rm", "rmdir", "sed", "seq", "sha1sum",
        "sha224sum", "sha256sum", "sha384sum", "sha512sum", "shred", "shuf", "sleep", "sort", "split", "stat",
        "strings", "stty", "sum", "sync", "sysctl", "tac", "tail", "tar", "tee", "test", "touch", "tr", "true",
        "truncate", "tsort", "tty", "uname", "uniq", "unlink", "unxz", "unzip", "uptime", "useradd", "adduser",
        "addgroup", "usermod", "users", "usleep", "uuidgen", "wc", "who", "whoami", "xxd", "xz", "yes", "zip"]),
];

/// What is known of a program, by its name.
pub(super) fn known(name: &str) -> Option<Known> {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let find = |name: &str| PROGRAMS.iter().find(|(_, names)| names.contains(&name)).map(|(known, _)| *known);
    find(name).or_else(|| find(plain))
}

/// Programs that are scripts of Debian's or an image's own, or start others with more than they are: where one of
/// these is needed, so are the others.
pub(super) const TOGETHER: &[(&str, &[&str])] = &[
    ("mysql", &["mariadb"]),
    ("mysqladmin", &["mariadb"]),
    ("pkill", &["pgrep"]),
    ("npx", &["npm"]),
    ("npm", &["npx"]),
    ("pnpx", &["pnpm"]),
    ("yarnpkg", &["yarn"]),
    ("bundler", &["bundle"]),
    ("uvx", &["uv"]),
    ("slogin", &["ssh"]),
    ("scp", &["ssh"]),
    ("sftp", &["ssh"]),
    ("rsync", &["ssh"]),
    ("pip", &["pip3"]),
    ("pip3", &["pip"]),
    ("sudoedit", &["sudo"]),
    ("rbash", &["bash"]),
    ("ash", &["busybox"]),
    ("hush", &["busybox"]),
];

/// Tools that are of use only to somebody who sits in front of them: no script and no service starts them.
#[rustfmt::skip]
pub(in crate::recipes) const FOR_PEOPLE: &[&str] = &[
    "vi", "vim", "view", "vimdiff", "rvim", "rview", "vim.basic", "vim.tiny", "vim.nox", "vim.gtk3", "nvim", "nvi",
    "nano", "rnano", "nano-tiny", "pico", "emacs", "emacs-nox", "joe", "jed", "jmacs", "jstar", "jpico", "rjoe",
    "mg", "mcedit", "micro", "elvis", "htop", "btop", "atop", "glances", "iotop", "iftop", "nethogs", "strace",
    "ltrace", "gdb", "gdbtui", "gdbserver", "lldb", "nmap", "nping", "masscan", "tcpdump", "tshark", "dumpcap",
    "ngrep", "lynx", "links", "elinks", "w3m", "mtr", "mtr-packet", "telnet", "telnet.netkit", "inetutils-telnet",
    "tmux", "screen", "byobu", "chsh", "chfn",
];
