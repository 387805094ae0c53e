//! What is taken out of a stage, and the RUN that does it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use barehull_catalog::{Entry, Family, Os, Presence, Role, compare_versions};

use super::programs::FOR_PEOPLE;
use super::start::{Start, is_shell};
use crate::recipes::plan::Plan;
use crate::recipes::runtime_steps;

/// The width that lines are filled up to.
const WIDTH: usize = 100;

/// The order in which groups are removed: the shell that runs it all comes last.
const ORDER: [Role; 8] = [
    Role::PackageManager,
    Role::LanguagePackageManager,
    Role::NetworkClient,
    Role::DebugTool,
    Role::BuildTool,
    Role::RemoteAccess,
    Role::PrivilegeTool,
    Role::Shell,
];

/// What only a package manager uses: the lists of what it could install, and its other halves. Databases of what is
/// installed are not among it, since scanners read them.
const WITH_MANAGERS: [(&str, &[&str]); 14] = [
    ("apt-get", &["/usr/bin/apt-*", "/usr/lib/apt", "/var/cache/apt", "/var/lib/apt"]),
    ("dpkg", &["/usr/bin/dpkg-*"]),
    ("apk", &["/var/cache/apk"]),
    ("dnf", &["/var/cache/dnf", "/var/lib/dnf"]),
    ("yum", &["/var/cache/yum"]),
    ("microdnf", &["/var/cache/yum"]),
    ("cpan", &["/usr/bin/cpan5.*"]),
    // A page that can be made to include pearcmd.php runs any program: nothing else needs it.
    ("pear", &["/usr/local/bin/peardev", "/usr/local/lib/php/pearcmd.php"]),
    ("pecl", &["/usr/local/lib/php/peclcmd.php"]),
    ("phpize", &["/usr/local/bin/docker-php-ext-*", "/usr/local/bin/docker-php-source"]),
    ("npm", &["/usr/local/lib/node_modules/npm"]),
    ("corepack", &["/usr/local/lib/node_modules/corepack"]),
    ("yarn", &["/opt/yarn-*"]),
    (
        "pip3",
        &[
            "/usr/local/bin/pip3.*",
            "/usr/local/lib/python3*/ensurepip",
            "/usr/local/lib/python3*/site-packages/pip",
            "/usr/local/lib/python3*/site-packages/pip-*",
        ],
    ),
];

/// What goes and what stays.
pub(super) struct Removal {
    /// Paths, in groups; patterns of a shell among them.
    groups: Vec<(Role, Vec<String>)>,
    /// Whether busybox goes, and with it all its links.
    busybox: bool,
    /// Names that stay, by role, each with what needs it.
    pub kept: BTreeMap<Role, Vec<String>>,
    /// Names that go.
    pub gone: BTreeSet<String>,
}

/// Whether a release of Debian is older than the lists of packages, which name compilers by their versions.
fn is_older_than_packages(os: Option<&Os>) -> bool {
    os.is_some_and(|os| {
        os.family == Family::Debian
            && os.release.as_deref().is_some_and(|r| compare_versions(r, "11").is_lt())
    })
}

/// The program called by its version, which the lists of packages of an old release do not tell: `gcc-8` beside `gcc`.
fn of_any_version(path: &String) -> Option<String> {
    let is_versioned = |name: &str| matches!(name, "aclocal" | "automake" | "cpp" | "g++" | "gcc");
    path.rsplit('/').next().filter(|name| is_versioned(name)).map(|_| format!("{path}-[0-9]*"))
}

impl Removal {
    /// Sorts out the components of the stage.
    pub(super) fn of(plan: &Plan<'_, '_>, start: &Start) -> Self {
        let stage = plan.cx.stage;
        let present: Vec<&Entry> =
            stage.inventory.materialise().iter().filter(|e| e.presence == Presence::Present).collect();
        let builds = |e: &&Entry| e.component.role == Role::BuildTool;
        // A compiler is many programs.
        let compiles =
            present.iter().filter(|e| builds(e)).any(|e| start.uses.contains_key(e.component.name()));
        let basic = needs_basic_tools(start, &present);
        let stays = |entry: &&Entry| {
            let name = entry.component.name();
            let of_people = start.unknown.is_some()
                && entry.component.role != Role::PackageManager
                && !FOR_PEOPLE.contains(&name);
            is_used(start, name) || of_people || (compiles && builds(entry)) || (name == "busybox" && basic)
        };
        let (kept, gone): (Vec<&Entry>, Vec<&Entry>) = present.iter().copied().partition(stays);
        let busybox = gone.iter().any(|e| e.component.name() == "busybox");
        // Links go with what they lead to, in one command; a package may have put a file in the place of one.
        let files = files_of_packages(plan);
        let is_link = |e: &Entry| {
            busybox
                && e.package.as_deref() == Some("busybox")
                && e.component.name() != "busybox"
                && !files.contains(&*e.component.path)
        };
        let names = gone.iter().map(|e| e.component.name().to_owned()).collect();
        let mut removal = Self { groups: Vec::new(), busybox, kept: BTreeMap::new(), gone: names };
        for entry in &kept {
            let names = removal.kept.entry(entry.component.role).or_default();
            let name = entry.component.name().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for role in ORDER {
            let mut paths: Vec<String> = gone
                .iter()
                .filter(|e| e.component.role == role && is_plain(&e.component.path) && !is_link(e))
                .map(|e| e.component.path.to_string())
                .collect();
            let has =
                |name: &str| gone.iter().any(|e| e.component.role == role && e.component.name() == name);
            for (manager, more) in WITH_MANAGERS {
                // Scripts may start their other halves as long as there is a shell.
                let whole = !matches!(manager, "dpkg" | "phpize") || start.needs_no_shell();
                if has(manager) && whole && belongs(manager, &paths) {
                    paths.extend(more.iter().map(|p| (*p).to_owned()));
                }
            }
            let debian =
                matches!(stage.os.as_ref().map(|os| os.family), Some(Family::Debian | Family::Ubuntu));
            if debian && matches!(role, Role::DebugTool | Role::BuildTool) {
                let names = gone.iter().filter(|e| e.component.role == role).map(|e| e.component.name());
                paths.extend(names.filter_map(of_architecture));
                if is_older_than_packages(stage.os.as_ref()) {
                    let more: Vec<String> = paths.iter().filter_map(of_any_version).collect();
                    paths.extend(more);
                }
            }
            paths.sort();
            paths.dedup();
            let patterns: Vec<String> =
                paths.iter().filter_map(|p| p.strip_suffix('*').map(str::to_owned)).collect();
            paths.retain(|p| p.ends_with('*') || !patterns.iter().any(|start| p.starts_with(start)));
            if role == Role::Shell {
                // What the shell itself is comes behind all that only leads to it.
                paths.sort_by_key(|p| (p.ends_with("/busybox"), p.ends_with("/sh"), p.clone()));
            }
            if !paths.is_empty() {
                removal.groups.push((role, paths));
            }
        }
        removal
    }

    /// Whether nothing goes.
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The RUN that takes it all out, with a comment above it.
    pub(super) fn run(&self, plan: &Plan<'_, '_>) -> String {
        let escape = char::from(plan.cx.model.dockerfile.escape());
        let family = plan.cx.stage.os.as_ref().map(|o| o.family);
        let mut out = String::new();
        for line in self.comment(family) {
            let _ = writeln!(out, "# {line}");
        }
        let _ = write!(out, "{} rm -rf", plan.keyword("RUN"));
        for (role, paths) in &self.groups {
            let _ = write!(out, " {escape}\n        # {}", plural(*role));
            let mut width = WIDTH;
            for path in paths {
                if width + path.len() + 3 > WIDTH {
                    let open = if width == WIDTH { "" } else { " " };
                    let _ = if open.is_empty() {
                        write!(out, "\n        {path}")
                    } else {
                        write!(out, " {escape}\n        {path}")
                    };
                    width = 8 + path.len();
                } else {
                    let _ = write!(out, " {path}");
                    width += 1 + path.len();
                }
            }
        }
        if self.busybox {
            let _ = write!(
                out,
                " {escape}\n        # all links to busybox\n        \
                 $(for link in /bin/* /sbin/* /usr/bin/* /usr/sbin/*; do {escape}\n            \
                 case \"$(readlink \"$link\")\" in */busybox) echo \"$link\";; esac; {escape}\n        done)"
            );
        }
        out
    }

    fn comment(&self, family: Option<Family>) -> Vec<&'static str> {
        let manages = self.groups.iter().any(|(role, _)| *role == Role::PackageManager);
        let database = match family {
            Some(Family::Debian | Family::Ubuntu) => {
                Some("/var/lib/dpkg stays: vulnerability scanners read it.")
            }
            Some(Family::Alpine | Family::Wolfi) => {
                Some("apk's list of packages stays: vulnerability scanners read it.")
            }
            Some(Family::Rhel | Family::Fedora | Family::Amazon | Family::Suse | Family::Photon) => {
                Some("The rpm database stays: vulnerability scanners read it.")
            }
            _ => None,
        };
        let mut lines = vec!["Take out what nothing uses in the running container."];
        lines.extend(database.filter(|_| manages));
        lines
    }
}

/// The programs of the packages that the stage installs, by path.
fn files_of_packages(plan: &Plan<'_, '_>) -> BTreeSet<String> {
    let cx = plan.cx;
    let Some(os) = &cx.stage.os else { return BTreeSet::new() };
    let lineage = cx.model.lineage(cx.stage.id);
    let names: Vec<&str> =
        lineage.into_iter().flat_map(runtime_steps::installed).map(|p| p.name.as_str()).collect();
    let brought = cx.catalog.packages(os).brings(names, false).components;
    brought.into_iter().filter(|c| c.package != "busybox").map(|c| c.path).collect()
}

/// Whether something of the basic tools of busybox is used, or the shell that it is.
fn needs_basic_tools(start: &Start, present: &[&Entry]) -> bool {
    let own = |name: &str| {
        // A program of its own takes the place of the applet.
        present
            .iter()
            .any(|e| e.component.name() == name && e.package.as_deref().is_some_and(|p| p != "busybox"))
    };
    start.unknown.is_some()
        || start
            .uses
            .iter()
            .any(|(name, used)| !used.native && (is_shell(name) && name != "bash" || !own(name)))
}

/// Whether a program of this name is used, under it or under the name that leads to it (`nc`, `nc.openbsd`).
fn is_used(start: &Start, name: &str) -> bool {
    let short = name.split_once('.').map_or(name, |(first, _)| first);
    start.uses.contains_key(name) || (!name.ends_with(".sh") && start.uses.contains_key(short))
}

/// Whether what comes with a manager lies where the manager that goes does.
fn belongs(manager: &str, paths: &[String]) -> bool {
    let at = |path: &str| paths.iter().any(|p| p == path);
    match manager {
        "npm" => at("/usr/local/bin/npm") && at("/usr/local/bin/npx"),
        "pip3" | "yarn" | "corepack" | "pear" | "pecl" | "phpize" => at(&format!("/usr/local/bin/{manager}")),
        _ => true,
    }
}

/// On Debian, the file behind a program of binutils or gcc, whose name starts with the architecture.
fn of_architecture(name: &str) -> Option<String> {
    const PROGRAMS: [&str; 9] = ["ar", "as", "c++", "cpp", "g++", "gcc", "ld", "objdump", "readelf"];
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    PROGRAMS.contains(&plain).then(|| format!("/usr/bin/*-linux-gnu*-{name}"))
}

/// Whether a path needs no quotes in a shell and no escapes in a Dockerfile.
fn is_plain(path: &str) -> bool {
    path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._+-".contains(&b))
}

fn plural(role: Role) -> &'static str {
    match role {
        Role::PackageManager => "package managers",
        Role::LanguagePackageManager => "package managers of languages",
        Role::NetworkClient => "network clients",
        Role::DebugTool => "debugging tools and editors",
        Role::BuildTool => "build tools",
        Role::RemoteAccess => "servers for logging in",
        Role::PrivilegeTool => "tools that change users and mounts",
        Role::Shell => "the shells, last of all",
    }
}
