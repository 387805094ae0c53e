//! Why no recipe is for a stage: what it starts and stands on instead of what the recipes know.

use std::collections::BTreeSet;

use barehull_syntax::Location;

use super::{RecipeCx, is_minimal};
use crate::finding::{Blocker, Place};
use crate::model::needs::{Process, Why, process_of};
use crate::model::{Base, EffectKind, StepKind};

/// As which blockers of this kind are shown.
const ID: &str = "no-recipe";

/// Installations that are told, and names of each.
const MAX_INSTALLATIONS: usize = 3;
const MAX_NAMES: usize = 6;

/// What a program that is started means for the image.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It starts and watches others.
    Supervisor,
    /// It gives people a shell.
    Login,
    /// It runs commands at set times.
    Schedule,
    /// It is what it is called.
    Server(&'static str),
}

/// Every reason why no recipe is for the stage; none for one that is minimal already.
pub(super) fn blockers(cx: &RecipeCx<'_>) -> Vec<Blocker> {
    if is_minimal(cx) {
        return Vec::new();
    }
    let mut reasons = Reasons { cx, found: Vec::new() };
    reasons.base();
    reasons.start();
    reasons.installations();
    reasons.found
}

struct Reasons<'a, 'c> {
    cx: &'a RecipeCx<'c>,
    found: Vec<Blocker>,
}

impl Reasons<'_, '_> {
    fn add(&mut self, reason: impl Into<String>, place: impl Into<Place>) {
        let blocker = self.cx.blocker(ID, reason, place.into());
        if !self.found.contains(&blocker) {
            self.found.push(blocker);
        }
    }

    /// FROM of the stage that holds the image at the bottom, and that image as written.
    fn bottom(&self) -> (Location, &str) {
        let model = self.cx.model;
        let lineage = model.lineage(self.cx.stage.id);
        let stage = lineage.last().copied().unwrap_or(self.cx.stage);
        (model.at(model.dockerfile.instructions()[stage.from].span), &stage.base_text)
    }

    /// A base that nobody can judge.
    fn base(&mut self) {
        let (at, base) = self.bottom();
        let base = base.to_owned();
        match self.cx.model.root_base(self.cx.stage.id) {
            Base::Unresolved => {
                self.add(
                    format!(
                        "the base {base} depends on an argument without a value: give it with --build-arg"
                    ),
                    at,
                );
            }
            Base::Image { facts: None, .. } if is_windows(&base) => {
                self.add(format!("{base} is a Windows image, and the recipes are for Linux"), at);
            }
            Base::Image { facts: None, .. } => {
                self.add(format!("the base {base} is not known: describe it in a file for --catalog"), at);
            }
            _ => {}
        }
    }

    /// What the image starts, and what that starts in turn.
    fn start(&mut self) {
        let stage = self.cx.stage;
        let (bottom, base) = self.bottom();
        let base = base.to_owned();
        let Some(process) = process_of(&stage.config, self.cx.model.file) else {
            self.add("it starts nothing: there is no CMD or ENTRYPOINT", bottom);
            return;
        };
        let own = |from: &crate::model::Provenance| from.location();
        let entrypoint = stage.config.entrypoint.as_ref().and_then(|e| own(&e.from));
        let cmd = stage.config.cmd.as_ref().and_then(|c| own(&c.from));
        let at = entrypoint.or(cmd).unwrap_or(bottom);
        let supervised: BTreeSet<(String, Place)> = stage
            .needs
            .programs
            .iter()
            .filter(|n| n.why == Why::Supervisor)
            .filter_map(|n| Some((n.name().to_owned(), n.place.clone()?)))
            .collect();
        match recognised(&process) {
            Some((name, Kind::Supervisor)) => self.supervisor(&name, &supervised, at),
            Some((name, kind)) => self.kind(&name, kind, Place::Source(at)),
            None => self.other(&process, &base, at),
        }
        for (name, place) in supervised {
            if let Some(kind) = kind_of(&name).filter(|k| !matches!(k, Kind::Server(_))) {
                self.kind(&name, kind, place);
            }
        }
    }

    fn supervisor(&mut self, name: &str, supervised: &BTreeSet<(String, Place)>, at: Location) {
        let names: BTreeSet<&str> = supervised.iter().map(|(name, _)| name.as_str()).collect();
        let several = if names.is_empty() {
            "several processes".to_owned()
        } else {
            format!("several processes ({})", listed(&names.into_iter().collect::<Vec<_>>()))
        };
        self.add(format!("{name} runs {several} in one image: give each an image of its own"), at);
    }

    fn kind(&mut self, name: &str, kind: Kind, place: Place) {
        let reason = match kind {
            Kind::Supervisor => {
                format!("{name} starts several processes in one image: give each an image of its own")
            }
            Kind::Login => format!(
                "{name} lets people log in, who get a shell: leave it out, and use `docker exec` or a debug container"
            ),
            Kind::Schedule => format!(
                "{name} starts its jobs with a shell: leave the schedule to what runs the image (a Kubernetes CronJob, a systemd timer)"
            ),
            Kind::Server(what) => format!("{name} is started: there is no recipe for {what} yet"),
        };
        self.add(reason, place);
    }

    /// A program that says nothing of what it is written in.
    fn other(&mut self, process: &Process, base: &str, at: Location) {
        let program = process.argv.first().map_or("", String::as_str);
        let name = program.rsplit('/').next().unwrap_or(program).to_owned();
        if is_shell(&name) && process.argv.len() <= 1 {
            self.add("it starts a shell: the image is for building or for people, and there is no application to keep", at);
        } else if is_shell(&name) || name.ends_with(".sh") || self.is_script(program) {
            let work = super::launch::start_work(self.cx.stage);
            for (reason, place) in &work {
                self.add(reason.clone(), *place);
            }
            if work.is_empty() {
                self.add(format!("the container starts a shell script ({}): what it does must go to the build, to the manifest or into the application first", process.argv.join(" ")), at);
            }
        } else if let Some(why) = self.language() {
            self.add(format!("{name} is started, on {base}: {why}"), at);
        } else if let Some(why) =
            process.shell.as_ref().filter(|_| program.is_empty() || program.starts_with('$'))
        {
            self.add(format!("its command needs a shell: {why}"), at);
        } else {
            self.add(
                format!("nothing tells what {name} needs at run time: neither {base} nor a stage that is copied from is an image of Go, Node.js or Python"),
                at,
            );
        }
    }

    /// Whether the build context shows a script of a shell behind `program`.
    fn is_script(&self, program: &str) -> bool {
        let found = self.cx.files.borrow_mut().find_program(program, &self.cx.stage.config);
        found.and_then(Result::ok).is_some_and(|(_, bytes)| {
            let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
            let line = String::from_utf8_lossy(line);
            line.starts_with("#!") && line.trim_end().ends_with("sh")
        })
    }

    /// What the image at the bottom is for, and why that does not help.
    fn language(&self) -> Option<String> {
        let Base::Image { facts: Some(facts), .. } = self.cx.model.root_base(self.cx.stage.id) else {
            return None;
        };
        let runtime = facts.runtime.as_ref()?;
        Some(match &*runtime.name {
            "python" => format!(
                "its interpreter is {}, and the recipe is for the official image's in /usr/local",
                runtime.interpreter.as_deref().unwrap_or("elsewhere")
            ),
            name => format!("there is no recipe for {name} yet"),
        })
    }

    /// Packages of the system, an interpreter among them first.
    fn installations(&mut self) {
        let lineage = self.cx.model.lineage(self.cx.stage.id);
        let effects = lineage.into_iter().flat_map(|s| &s.steps).flat_map(|s| match &s.kind {
            StepKind::Run(run) => run.effects.as_slice(),
            _ => &[],
        });
        let mut told = 0;
        for effect in effects {
            let EffectKind::Install { packages, root: None, .. } = &effect.kind else { continue };
            let own: Vec<_> =
                packages.iter().filter(|p| !super::runtime_steps::is_covered(&p.name)).collect();
            let interpreter = own.iter().find_map(|p| Some((p, language_of(&p.name)?)));
            if let Some((package, language)) = interpreter {
                self.add(format!("{language} is a package of the system here ({}): the recipe is for the official image", package.name), package.at);
            }
            if own.is_empty() || told == MAX_INSTALLATIONS {
                continue;
            }
            told += 1;
            let names: Vec<&str> = own.iter().map(|p| p.name.as_str()).collect();
            self.add(
                format!("packages of the system are installed ({}): which of their files the application needs is not known", listed(&names)),
                own[0].at,
            );
        }
    }
}

/// The process's program as far as it is known: an entrypoint script of a base passes on to what CMD names.
fn recognised(process: &Process) -> Option<(String, Kind)> {
    let words = [process.argv.get(process.entrypoint_words), process.argv.first()];
    words.into_iter().flatten().find_map(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        Some((name.to_owned(), kind_of(name)?))
    })
}

fn kind_of(name: &str) -> Option<Kind> {
    let server = |what| Some(Kind::Server(what));
    match name {
        "supervisord" | "s6-svscan" | "runsvdir" | "runsvdir-start" | "my_init" | "systemd" | "init"
        | "runit" | "monit" | "circusd" | "honcho" | "foreman" => Some(Kind::Supervisor),
        "sshd" | "telnetd" | "dropbear" | "gotty" | "ttyd" => Some(Kind::Login),
        "cron" | "crond" | "supercronic" | "anacron" => Some(Kind::Schedule),
        "nginx" | "openresty" => server("nginx"),
        "httpd" | "apache2" | "apachectl" | "apache2ctl" | "apache2-foreground" | "httpd-foreground" => {
            server("Apache httpd")
        }
        "caddy" => server("Caddy"),
        "haproxy" => server("HAProxy"),
        "varnishd" => server("Varnish"),
        "squid" => server("Squid"),
        "php" | "php-fpm" => server("PHP"),
        "java" | "catalina.sh" | "mvn" | "mvnw" | "gradle" | "gradlew" | "sbt" => server("Java"),
        "dotnet" => server(".NET"),
        "ruby" | "bundle" | "rails" | "puma" | "unicorn" | "rackup" | "rake" | "thin" | "passenger" => {
            server("Ruby")
        }
        "perl" | "plackup" | "hypnotoad" => server("Perl"),
        "elixir" | "mix" | "iex" | "erl" => server("Erlang and Elixir"),
        "deno" => server("Deno"),
        "bun" | "bunx" => server("Bun"),
        "R" | "Rscript" => server("R"),
        "julia" => server("Julia"),
        "cargo" => server("Rust"),
        "mysqld" | "mysqld_safe" | "mariadbd" => server("MySQL and MariaDB"),
        "postgres" => server("PostgreSQL"),
        "redis-server" | "valkey-server" => server("Redis"),
        "mongod" | "mongos" => server("MongoDB"),
        "memcached" => server("Memcached"),
        "rabbitmq-server" => server("RabbitMQ"),
        "named" | "dnsmasq" | "unbound" | "coredns" => server("name servers"),
        _ => None,
    }
}

/// The language whose interpreter or toolchain a package is.
fn language_of(package: &str) -> Option<&'static str> {
    match package.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "nodejs" | "nodejs-current" | "node" => Some("Node.js"),
        "python" | "python3-minimal" | "python3-full" => Some("Python"),
        "golang" | "golang-go" | "go" => Some("Go"),
        _ => None,
    }
}

fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "ash" | "zsh" | "fish" | "ksh")
}

fn is_windows(reference: &str) -> bool {
    let lower = reference.to_ascii_lowercase();
    ["windows", "nanoserver", "servercore", "ltsc20"].iter().any(|part| lower.contains(part))
}

/// At most six names, and how many more there are.
fn listed(names: &[&str]) -> String {
    if names.len() <= MAX_NAMES {
        return names.join(", ");
    }
    format!("{} and {} more", names[..MAX_NAMES].join(", "), names.len() - MAX_NAMES)
}
