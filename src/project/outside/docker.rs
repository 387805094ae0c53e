//! Command lines of docker, podman, nerdctl, buildah, kaniko and compose as sightings.

use super::super::{FileKind, ProjectPath, Sited};
use super::development::{is_for_development, mounts_sources};
use super::variables::{Variables, is_unresolved, shown};
use super::words::Call;
use super::{Command, Development, HealthCheck, ImageName, Mount, Reader, Refers, Sighting};

/// Whether `name` is a program whose calls are read.
pub(super) fn is_program(name: &str) -> bool {
    let name =
        name.strip_prefix("/usr/bin/").or_else(|| name.strip_prefix("/usr/local/bin/")).unwrap_or(name);
    matches!(
        name,
        "docker"
            | "podman"
            | "nerdctl"
            | "finch"
            | "buildah"
            | "docker-compose"
            | "podman-compose"
            | "/kaniko/executor"
    )
}

/// What `call` uses, if it is one of the commands that are read. `folders` are where it may be run, the most
/// likely one first.
pub(super) fn sighting(
    reader: &Reader<'_>,
    call: &Call,
    variables: &Variables,
    folders: &[ProjectPath],
) -> Option<Sighting> {
    let folders = match &call.folder {
        Some(folder) => folders.iter().filter_map(|at| at.join(&variables.expand(folder)).ok()).collect(),
        None => folders.to_vec(),
    };
    let here = |text: &str| PRESENT_FOLDER.iter().fold(text.to_owned(), |text, name| text.replace(name, "."));
    let expand = |word: &Sited<String>| Sited::new(variables.expand(&here(&word.value)), word.span);
    let words: Vec<_> = call.words.iter().map(expand).collect();
    let reading = Reading { reader, call, folders };
    let program = words.first()?.value.rsplit('/').next().unwrap_or_default().to_owned();
    match program.as_str() {
        "executor" => reading.kaniko(&words[1..]),
        "docker-compose" | "podman-compose" => reading.compose(&words[1..]),
        _ => {
            let options = Options::parse(&words[1..], GLOBAL, false);
            let verbs = options.rest;
            let texts: Vec<&str> = verbs.iter().take(2).map(|word| word.value.as_str()).collect();
            match texts[..] {
                ["build" | "bud", ..] => reading.build(&verbs[1..], &program),
                ["buildx" | "image" | "builder", "build"] => reading.build(&verbs[2..], &program),
                ["run" | "create", ..] if program != "buildah" => reading.run(&verbs[1..]),
                ["container", "run" | "create"] => reading.run(&verbs[2..]),
                ["exec", ..] => reading.exec(&verbs[1..]),
                ["container", "exec"] => reading.exec(&verbs[2..]),
                ["tag", from, ..] => reading.tag(from, &verbs.get(2)?.value),
                ["image", "tag"] => reading.tag(&verbs.get(2)?.value, &verbs.get(3)?.value),
                ["compose", ..] => reading.compose(&verbs[1..]),
                _ => None,
            }
        }
    }
}

/// Ways to write the folder a command is run in.
const PRESENT_FOLDER: [&str; 16] = [
    "$$(pwd)",
    "$${PWD}",
    "$$PWD",
    "$(pwd)",
    "`pwd`",
    "$(shell pwd)",
    "${PWD}",
    "$(PWD)",
    "$PWD",
    "$(CURDIR)",
    "${CURDIR}",
    "${{ github.workspace }}",
    "${GITHUB_WORKSPACE}",
    "$GITHUB_WORKSPACE",
    "${CI_PROJECT_DIR}",
    "$CI_PROJECT_DIR",
];

/// Options that take a value: long names, then the letters of short ones.
type Valued = (&'static str, &'static str);

const GLOBAL: Valued = ("config connection context host log-level namespace url", "cHln");
const BUILD: Valued = (
    "add-host allow annotation attest authfile build-arg build-context builder cache-from cache-to cgroup-parent \
     cpu-period cpu-quota cpu-shares cpuset-cpus cpuset-mems creds device file format iidfile isolation jobs label \
     memory memory-swap metadata-file network no-cache-filter output platform progress sbom secret security-opt \
     shm-size ssh tag target ulimit userns volume",
    "ftomv",
);
const RUN: Valued = (
    "add-host annotation attach blkio-weight cap-add cap-drop cgroup-parent cgroupns cidfile cpu-period cpu-quota \
     cpu-shares cpus cpuset-cpus cpuset-mems detach-keys device dns dns-option dns-search domainname entrypoint env \
     env-file expose gpus group-add health-cmd health-interval health-retries health-start-period health-timeout \
     hostname ip ip6 ipc isolation label label-file link log-driver log-opt mac-address memory memory-reservation \
     memory-swap mount name net network network-alias oom-score-adj pid pids-limit platform pod publish pull restart \
     runtime secret security-opt shm-size stop-signal stop-timeout storage-opt sysctl tmpfs ulimit user userns uts \
     volume volume-driver volumes-from workdir",
    "acehlmpuvw",
);
const EXEC: Valued = ("detach-keys env env-file index user workdir", "euw");
const COMPOSE: Valued = ("ansi env-file file parallel profile progress project-directory project-name", "fp");
const KANIKO: Valued =
    ("build-arg cache-dir cache-repo context context-sub-path destination dockerfile target", "cdf");

/// A command line's options and the words behind or between them.
struct Options<'a> {
    /// Long name or letter, and the value if it takes one.
    given: Vec<(String, Option<Sited<String>>)>,
    rest: Vec<&'a Sited<String>>,
}

impl<'a> Options<'a> {
    /// Reads `words`; unless `mixed`, options end at the first word that is none.
    fn parse(words: &'a [Sited<String>], valued: Valued, mixed: bool) -> Self {
        Self::parse_refs(&words.iter().collect::<Vec<_>>(), valued, mixed)
    }

    fn parse_refs(words: &[&'a Sited<String>], (long, short): Valued, mixed: bool) -> Self {
        let mut options = Self { given: Vec::new(), rest: Vec::new() };
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            let text = word.value.as_str();
            let next = || words.get(at).map(|next| (*next).clone());
            if text == "--" {
                options.rest.extend(&words[at..]);
                break;
            } else if let Some(name) = text.strip_prefix("--") {
                if let Some((name, value)) = name.split_once('=') {
                    options.given.push((name.to_owned(), Some(Sited::new(value.to_owned(), word.span))));
                } else if long.split(' ').any(|known| known == name) {
                    options.given.push((name.to_owned(), next()));
                    at += 1;
                } else {
                    options.given.push((name.to_owned(), None));
                }
            } else if text.len() > 1 && text.starts_with('-') {
                let letters = &text[1..];
                let valued = letters.find(|c| short.contains(c));
                let flags = &letters[..valued.unwrap_or(letters.len())];
                options.given.extend(flags.chars().map(|letter| (letter.to_string(), None)));
                if let Some(place) = valued {
                    let value = letters[place + 1..].trim_start_matches('=');
                    let given =
                        if value.is_empty() { next() } else { Some(Sited::new(value.to_owned(), word.span)) };
                    at += usize::from(value.is_empty());
                    options.given.push((letters[place..=place].to_owned(), given));
                }
            } else if is_all_unknown(text) && !mixed && options.rest.is_empty() && words.len() > at {
                // `docker run $OPTIONS image`: options nobody can read.
            } else {
                options.rest.push(word);
                if !mixed {
                    options.rest.extend(&words[at..]);
                    break;
                }
            }
        }
        options
    }

    fn all<'b>(&'b self, names: &'b [&str]) -> impl Iterator<Item = &'b Sited<String>> {
        self.given
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .filter_map(|(_, value)| value.as_ref())
    }

    fn last(&self, names: &[&str]) -> Option<&Sited<String>> {
        let found =
            self.given.iter().rev().find(|(name, value)| names.contains(&name.as_str()) && value.is_some());
        found?.1.as_ref()
    }

    fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name)
    }
}

fn is_all_unknown(text: &str) -> bool {
    is_unresolved(text) && shown(text).chars().all(|c| c == '*')
}

struct Reading<'a> {
    reader: &'a Reader<'a>,
    call: &'a Call,
    folders: Vec<ProjectPath>,
}

impl Reading<'_> {
    fn start(&self, refers: Refers) -> Sighting {
        self.reader.sighting(self.call.span(), refers)
    }

    fn build(&self, words: &[&Sited<String>], program: &str) -> Option<Sighting> {
        let options = Options::parse_refs(words, BUILD, true);
        let file = options.last(&["file", "f"]).map(|file| file.value.as_str());
        let context = options.rest.first().map(|word| word.value.as_str()).filter(|text| is_folder(text));
        let names: &[&str] = if program == "docker" {
            &["Dockerfile", "dockerfile"]
        } else {
            &["Containerfile", "Dockerfile"]
        };
        let found = self.folders.iter().find_map(|folder| {
            let context = context.and_then(|context| folder.join(context).ok());
            let candidates: Vec<_> = match (file, &context) {
                (Some(file), _) => folder.join(file).into_iter().collect(),
                (None, Some(context)) => names.iter().map(|name| context.child(name)).collect(),
                (None, None) => Vec::new(),
            };
            candidates.into_iter().find_map(|dockerfile| self.reader.build(context.clone(), dockerfile))
        });
        let mut build = found?;
        build.target = options.last(&["target"]).filter(|target| !is_unresolved(&target.value)).cloned();
        build.args = options.all(&["build-arg"]).map(|arg| assignment(&arg.value)).collect();
        build.names =
            options.all(&["tag", "t"]).filter_map(|tag| ImageName::new(&shown(&tag.value))).collect();
        let mut sighting = self.start(Refers::Build);
        sighting.used.build = Some(build);
        Some(sighting)
    }

    /// kaniko reads the Dockerfile from the context.
    fn kaniko(&self, words: &[Sited<String>]) -> Option<Sighting> {
        let options = Options::parse(words, KANIKO, true);
        let context = options.last(&["context", "c"]).map_or(".", |word| word.value.as_str());
        let context = context
            .strip_prefix("dir://")
            .unwrap_or(context)
            .trim_start_matches("/workspace")
            .trim_start_matches('/');
        let file = options.last(&["dockerfile", "f"]).map_or("Dockerfile", |word| word.value.as_str());
        let mut build = self.folders.iter().find_map(|folder| {
            let context = folder.join(context).ok()?;
            let dockerfile = context.join(file.trim_start_matches("./").trim_start_matches('/')).ok()?;
            self.reader.build(Some(context), dockerfile)
        })?;
        build.target = options.last(&["target"]).filter(|target| !is_unresolved(&target.value)).cloned();
        build.args = options.all(&["build-arg"]).map(|arg| assignment(&arg.value)).collect();
        build.names =
            options.all(&["destination", "d"]).filter_map(|to| ImageName::new(&shown(&to.value))).collect();
        let mut sighting = self.start(Refers::Build);
        sighting.used.build = Some(build);
        Some(sighting)
    }

    fn run(&self, words: &[&Sited<String>]) -> Option<Sighting> {
        let options = Options::parse_refs(words, RUN, false);
        let (image, command) = options.rest.split_first()?;
        let mut sighting = self.start(Refers::Image(ImageName::new(&shown(&image.value))?));
        sighting.container = options.last(&["name"]).map(|name| name.value.clone());
        sighting.used.image = Some(shown(&image.value));
        self.overrides(&mut sighting, &options, command);
        let disabled =
            options.has("no-healthcheck").then(|| Sited::new(HealthCheck::Disabled, self.call.span()));
        let check = |word: &Sited<String>| {
            Sited::new(HealthCheck::Command(Command::Shell(word.value.clone())), word.span)
        };
        sighting.used.health_checks.extend(options.last(&["health-cmd"]).map(check).or(disabled));
        Some(sighting)
    }

    /// What `run` of docker and of compose have in common.
    fn overrides(&self, sighting: &mut Sighting, options: &Options<'_>, command: &[&Sited<String>]) {
        let used = &mut sighting.used;
        let entrypoint = options.last(&["entrypoint"]);
        used.entrypoint =
            entrypoint.map(|word| Sited::new(Command::exec(vec![word.value.clone()]), word.span));
        used.command = sited_command(command);
        used.user = options.last(&["user", "u"]).cloned();
        used.environment = options.all(&["env", "e"]).map(|word| assignment(&word.value)).collect();
        used.ports =
            options.all(&["publish", "p", "expose"]).filter_map(|word| container_port(&word.value)).collect();
        used.ports.sort_unstable();
        used.ports.dedup();
        used.interactive = options.has("t") || options.has("tty");
        let folder = self.folders.first();
        used.mounts =
            options.all(&["volume", "v"]).filter_map(|word| short_mount(&word.value, folder)).collect();
        used.mounts.extend(options.all(&["mount"]).filter_map(|word| long_mount(&word.value, folder)));
        let sources = used.mounts.iter().filter_map(|mount| mount.source.as_ref());
        let looks_so = sources.into_iter().any(|source| mounts_sources(source, folder))
            || used.command.as_ref().is_some_and(|command| is_for_development(&command.value));
        used.development = if looks_so { Development::InPlace } else { Development::No };
    }

    fn exec(&self, words: &[&Sited<String>]) -> Option<Sighting> {
        let options = Options::parse_refs(words, EXEC, false);
        let (container, command) = options.rest.split_first()?;
        let mut sighting = self.start(Refers::Container(container.value.clone()));
        sighting.used.executes = sited_command(command).into_iter().collect();
        sighting.used.user = options.last(&["user", "u"]).cloned();
        sighting.used.interactive = options.has("t") || options.has("tty");
        Some(sighting)
    }

    fn tag(&self, from: &str, to: &str) -> Option<Sighting> {
        let (from, to) = (ImageName::new(&shown(from))?, ImageName::new(&shown(to))?);
        Some(self.start(Refers::Renamed { from, to }))
    }

    fn compose(&self, words: &[impl std::borrow::Borrow<Sited<String>>]) -> Option<Sighting> {
        let words: Vec<&Sited<String>> = words.iter().map(std::borrow::Borrow::borrow).collect();
        let global = Options::parse_refs(&words, COMPOSE, false);
        let (verb, rest) = global.rest.split_first()?;
        let valued = match verb.value.as_str() {
            "exec" => EXEC,
            "run" => RUN,
            _ => return None,
        };
        let options = Options::parse_refs(rest, valued, false);
        let (service, command) = options.rest.split_first()?;
        let mut sighting = self.start(Refers::Service(service.value.clone()));
        if verb.value == "run" {
            self.overrides(&mut sighting, &options, command);
        } else {
            sighting.used.executes = sited_command(command).into_iter().collect();
            sighting.used.user = options.last(&["user", "u"]).cloned();
        }
        // Compose gives a terminal unless told not to.
        sighting.used.interactive = !options.has("T") && self.reader.kind != FileKind::Workflow;
        Some(sighting)
    }
}

fn sited_command(words: &[&Sited<String>]) -> Option<Sited<Command>> {
    let (first, last) = (words.first()?, words.last()?);
    let texts = words.iter().map(|word| word.value.clone()).collect();
    Some(Sited::new(Command::exec(texts), first.span.cover(last.span)))
}

/// Whether a build's context is a folder here.
fn is_folder(context: &str) -> bool {
    context != "-" && !context.contains("://") && !context.starts_with("git@") && !is_unresolved(context)
}

/// `NAME=value`; without a value where it is not literal.
pub(super) fn assignment(text: &str) -> (String, Option<String>) {
    match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), (!is_unresolved(value)).then(|| value.to_owned())),
        None => (text.to_owned(), None),
    }
}

/// The container's port of `127.0.0.1:8080:80/tcp`, `8080:80` or `80`.
pub(super) fn container_port(text: &str) -> Option<u16> {
    let text = text.split('/').next().unwrap_or_default();
    text.rsplit(':').next()?.parse().ok()
}

/// The mount of `source:target[:options]`; the source is a folder only if it looks like one.
pub(super) fn short_mount(text: &str, folder: Option<&ProjectPath>) -> Option<Mount> {
    let mut parts = text.split(':');
    let (first, second) = (parts.next()?, parts.next());
    match second {
        Some(target) => Some(Mount {
            source: project_folder(first, folder),
            target: target.to_owned(),
            bind: is_path(first),
        }),
        None => Some(Mount { source: None, target: first.to_owned(), bind: false }),
    }
}

/// The mount of `type=bind,source=.,target=/app`.
pub(super) fn long_mount(text: &str, folder: Option<&ProjectPath>) -> Option<Mount> {
    let value = |names: &[&str]| {
        let pairs = text.split(',').filter_map(|part| part.split_once('='));
        pairs.filter(|(name, _)| names.contains(name)).map(|(_, value)| value).next()
    };
    let target = value(&["target", "dst", "destination"])?.to_owned();
    Some(Mount {
        source: value(&["source", "src"]).and_then(|source| project_folder(source, folder)),
        target,
        bind: value(&["type"]) == Some("bind"),
    })
}

/// Whether the source of a mount is a path, and not the name of a volume.
fn is_path(source: &str) -> bool {
    source.contains(['/', '\\']) || source.starts_with(['.', '~'])
}

/// The path of the project that `source` is as seen from `folder`; volumes have names without slashes.
pub(super) fn project_folder(source: &str, folder: Option<&ProjectPath>) -> Option<ProjectPath> {
    let is_path = matches!(source, "." | "..") || source.starts_with("./") || source.starts_with("../");
    if is_path && !is_unresolved(source) { folder?.join(source).ok() } else { None }
}
