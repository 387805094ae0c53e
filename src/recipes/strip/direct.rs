//! Start scripts of base images that prepare little and then become one program: the image starts that program itself,
//! and says in its configuration what the script said.

use barehull_catalog::{Family, ImageRef, compare_versions};

use crate::model::{Base, ImageConfig, Launch};
use crate::project::FileKind;
use crate::project::outside::{Command, Matched, OutsideUse};
use crate::recipes::{RecipeCx, contents};

use super::start::last;

/// A start without its script.
#[derive(Clone, Debug)]
pub(in crate::recipes) struct Direct {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Variables that the script set, where the image does not.
    pub env: Vec<(String, String)>,
    /// The user that the script changed to, where the image starts as root.
    pub user: Option<&'static str>,
    /// What is relied on.
    pub assumes: &'static str,
}

/// A script, as somebody read it.
struct Known {
    /// Its name, without the folder.
    name: &'static str,
    /// The command of the images that have it, by their catalog entry.
    of: &'static str,
    /// Whether it is ENTRYPOINT, and starts this program only where CMD names it.
    is_entrypoint: bool,
    /// What it starts, in front of its arguments.
    starts: &'static [&'static str],
    /// Variables that it sets where they are not.
    env: &'static [(&'static str, &'static str)],
    /// The user it changes to.
    user: Option<&'static str>,
    /// Files that it reads, itself among them: nobody may have changed them.
    reads: &'static [&'static str],
    /// Folders in which it makes or gives away what it finds missing: nobody may bring or mount them.
    prepares: &'static [&'static str],
    /// Whether the image is one whose script was read.
    fits: fn(&RecipeCx<'_>, &ImageRef) -> bool,
    /// What is relied on.
    assumes: &'static str,
}

/// Read in docker-library/php, httpd and haproxy and in redis/docker-library-redis (July 2026). Both scripts of Apache
/// take a process id file away that an unclean end left; from 2.4.24 on Apache passes over one that names itself
/// (PR 60261), as it does in a container that is started again.
const SCRIPTS: [Known; 4] = [
    Known {
        name: "apache2-foreground",
        of: "apache2-foreground",
        is_entrypoint: false,
        starts: &["apache2", "-DFOREGROUND"],
        env: &[
            ("APACHE_RUN_USER", "www-data"),
            ("APACHE_RUN_GROUP", "www-data"),
            ("APACHE_PID_FILE", "/var/run/apache2/apache2.pid"),
            ("APACHE_RUN_DIR", "/var/run/apache2"),
            ("APACHE_LOCK_DIR", "/var/lock/apache2"),
            ("APACHE_LOG_DIR", "/var/log/apache2"),
        ],
        user: None,
        reads: &["/etc/apache2/envvars", "/usr/local/bin/apache2-foreground"],
        prepares: &["/run", "/var/run", "/run/lock", "/var/lock", "/var/log"],
        // Debian 8 has Apache 2.4.10.
        fits: |cx, _| {
            cx.stage.os.as_ref().is_some_and(|os| {
                os.family == Family::Debian
                    && os.release.as_deref().is_some_and(|r| compare_versions(r, "9").is_ge())
            })
        },
        assumes: "apache2-foreground goes with the shell, and ENV says what /etc/apache2/envvars said: nothing empty is mounted over /run or /var/lock, where it made Apache's folders, and no page reads HOME, which it unset",
    },
    Known {
        name: "httpd-foreground",
        of: "httpd-foreground",
        is_entrypoint: false,
        starts: &["httpd", "-DFOREGROUND"],
        env: &[],
        user: None,
        reads: &["/usr/local/bin/httpd-foreground"],
        prepares: &[],
        fits: |_, image| {
            let version = version_of(image);
            version.is_empty()
                || "2.4.24".starts_with(&format!("{version}."))
                || compare_versions(version, "2.4.24").is_ge()
        },
        assumes: "httpd-foreground, which only took away the process id file of an unclean end, goes with the shell: Apache passes over such a file where it is the container's first process again",
    },
    Known {
        name: "docker-entrypoint.sh",
        of: "redis-server",
        is_entrypoint: true,
        starts: &["redis-server"],
        env: &[],
        user: Some("redis"),
        reads: &["/usr/local/bin/docker-entrypoint.sh"],
        prepares: &["/data"],
        // From 8 on the script loads modules.
        fits: |_, image| {
            let version = version_of(image);
            !version.is_empty() && compare_versions(version, "8").is_lt()
        },
        assumes: "docker-entrypoint.sh goes with the shell, and Redis starts as the user redis at once: what is mounted at /data belongs to that user, others may read what Redis writes there (the script set the umask 0077), and nobody starts the image with options alone",
    },
    Known {
        name: "docker-entrypoint.sh",
        of: "haproxy",
        is_entrypoint: true,
        starts: &["haproxy", "-W", "-db"],
        env: &[],
        user: None,
        reads: &["/usr/local/bin/docker-entrypoint.sh"],
        prepares: &[],
        // Before 1.8 it starts haproxy-systemd-wrapper.
        fits: |_, image| {
            let version = version_of(image);
            version.is_empty() || version == "1" || compare_versions(version, "1.8").is_ge()
        },
        assumes: "docker-entrypoint.sh, which put `-W -db` in front of the options of HAProxy, goes with the shell: nobody starts the image with options alone, or with a command of HAProxy's that counts on these two",
    },
];

/// The version that a tag starts with.
fn version_of(image: &ImageRef) -> &str {
    let tag = image.effective_tag().unwrap_or_default();
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
    &tag[..end]
}

/// The start without the base's script, where the script is known and does nothing else. `config` is the image's,
/// without an ENTRYPOINT that only hands over.
pub(super) fn find(cx: &RecipeCx<'_>, config: &ImageConfig) -> Option<Direct> {
    let Base::Image { facts: Some(facts), image } = cx.model.root_base(cx.stage.id) else { return None };
    let own = facts.config.cmd.as_ref()?.first()?;
    let script = SCRIPTS.iter().find(|s| s.of == own.as_ref())?;
    let entrypoint = config.entrypoint.as_ref().filter(|e| !e.value.is_empty());
    let is_of_base = entrypoint.is_some_and(|e| e.from.location().is_none());
    if entrypoint.is_some() && !(script.is_entrypoint && is_of_base) || !(script.fits)(cx, image) {
        return None;
    }
    let touched = is_changed(cx, script) || is_prepared(cx, script) || is_called(cx, script);
    if script.is_entrypoint && entrypoint.is_none() || touched {
        return None;
    }
    let Launch::Exec(items) = &config.cmd.as_ref()?.value else { return None };
    let mut words: Vec<String> = items.iter().map(|i| i.text().to_owned()).collect();
    if script.is_entrypoint {
        let first = words.first()?;
        let is_argument = first.starts_with('-') || first.ends_with(".conf");
        if !is_argument {
            (first == script.of).then(|| words.remove(0))?;
        }
    } else {
        (last(words.first()?) == script.name).then(|| words.remove(0))?;
    }
    let unset = script.env.iter().filter(|(name, _)| config.env(name).is_none());
    let env = unset.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let argv = script.starts.iter().map(|word| (*word).to_owned()).chain(words).collect();
    let user = script.user.filter(|_| config.runs_as_root() != Some(false));
    Some(Direct { argv, env, user, assumes: script.assumes })
}

/// Whether an instruction may change what the script does.
fn is_changed(cx: &RecipeCx<'_>, script: &Known) -> bool {
    let config = &cx.stage.config;
    let moved = |(name, usual): (&str, &str)| config.env(name).is_some_and(|value| value != usual);
    let reads_others = [("APACHE_CONFDIR", "/etc/apache2"), ("APACHE_ENVVARS", "/etc/apache2/envvars")]
        .into_iter()
        .any(moved);
    let lineage = cx.model.lineage(cx.stage.id);
    let landings: Vec<String> = lineage.iter().flat_map(|s| contents::landings(s)).collect();
    let brought = script.reads.iter().any(|path| {
        landings.iter().any(|l| path == l || path.starts_with(&format!("{}/", l.trim_end_matches('/'))))
    });
    let mentioned = lineage.iter().flat_map(|s| &s.steps).any(|step| {
        let instruction = cx.model.instruction(step);
        let launches = config.cmd.as_ref().and_then(|c| c.from.location());
        let text = instruction.rest.text();
        launches.is_none_or(|at| at.span != instruction.span)
            && script.reads.iter().any(|path| text.contains(last(path)))
    });
    (reads_others && script.of == "apache2-foreground") || brought || mentioned
}

/// Whether the folders that the script prepares may need it.
fn is_prepared(cx: &RecipeCx<'_>, script: &Known) -> bool {
    let below = |path: &str, folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
    let lineage = cx.model.lineage(cx.stage.id);
    let brought = script.user.is_some()
        && (lineage
            .iter()
            .flat_map(|s| contents::landings(s))
            .any(|l| script.prepares.iter().any(|f| below(&l, f)))
            || !script.prepares.contains(&cx.stage.config.workdir()));
    let mounted = |used: &&OutsideUse| {
        used.mounts.iter().any(|mount| {
            let at = mount.target.trim_end_matches('/');
            let hides = script.prepares.contains(&at) || script.reads.iter().any(|file| below(file, at));
            // A volume that compose makes starts with the image's files and owners.
            hides && (script.user.is_none() || used.kind != FileKind::Compose || mount.source.is_some())
        })
    };
    brought || uses(cx).any(|used| mounted(&used)) || (script.is_entrypoint && gives_options(cx))
}

/// Whether somebody elsewhere names the program and counts on what the script adds to its command.
fn is_called(cx: &RecipeCx<'_>, script: &Known) -> bool {
    let program = |used: &OutsideUse| match used.command.as_ref().map(|c| &c.value) {
        Some(Command::Exec(words)) => words.first().map(|w| last(w).to_owned()),
        _ => None,
    };
    script.is_entrypoint
        && script.starts.len() > 1
        && uses(cx).filter(|u| u.entrypoint.is_none()).any(|u| program(u).as_deref() == Some(script.of))
}

/// Whether somebody elsewhere gives the image's entrypoint script something else than a program.
pub(super) fn gives_options(cx: &RecipeCx<'_>) -> bool {
    uses(cx).filter(|used| used.entrypoint.is_none()).any(|used| {
        match used.command.as_ref().map(|c| &c.value) {
            Some(Command::Exec(words)) => words.first().is_some_and(|w| {
                w.starts_with('-') || [".conf", "js", ".ts", ".tsx", ".jsx"].iter().any(|e| w.ends_with(e))
            }),
            Some(Command::Unresolved(_)) => true,
            Some(Command::Shell(_)) | None => false,
        }
    })
}

/// The uses of this stage that are known to be.
fn uses<'a>(cx: &'a RecipeCx<'_>) -> impl Iterator<Item = &'a OutsideUse> {
    cx.uses.iter().filter(|u| u.matched != Matched::Unmatched && cx.model.is_used_by(cx.stage.id, u))
}
