//! nginx's configuration, as far as the build context shows it: what it writes, loads, and leaves to the start.

use std::collections::{BTreeMap, BTreeSet};

use barehull_syntax::{Location, Span};

use super::super::contents;
use super::super::plan::Plan;
use crate::model::{EffectKind, StepKind};

/// The main configuration.
pub(super) const MAIN: &str = "/etc/nginx/nginx.conf";
/// The site that the image brings.
const DEFAULT: &str = "/etc/nginx/conf.d/default.conf";
/// Folders that the image's start script works on.
const OF_START: [&str; 2] = ["/etc/nginx/templates", "/docker-entrypoint.d"];
/// Directives whose first argument is a path that is written.
const WRITES: [&str; 8] = [
    "access_log",
    "error_log",
    "client_body_temp_path",
    "fastcgi_cache_path",
    "fastcgi_temp_path",
    "proxy_cache_path",
    "proxy_temp_path",
    "uwsgi_temp_path",
];
/// Where its user may write.
const WRITABLE: [&str; 4] = ["/dev/", "/tmp/", "/var/cache/nginx", "/var/log/nginx"];

/// What the configuration comes to.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    /// Whether the image's own site gives way to another.
    pub default_is_replaced: bool,
    /// Whether the main configuration is another than the image's.
    pub main_is_replaced: bool,
    /// Whether modules are loaded.
    pub modules: bool,
    /// The ports that it listens at, each where it first says so.
    pub listens: BTreeMap<u32, Location>,
}

/// Whether the image's start script would work on what lies at `path`.
pub(super) fn is_start_work(path: &str) -> bool {
    OF_START
        .iter()
        .any(|folder| path.strip_prefix(folder).is_some_and(|r| r.is_empty() || r.starts_with('/')))
}

/// Reads what the stages put into /etc/nginx; blocks on work for the start, and on paths that its user may not write.
pub(super) fn read(plan: &mut Plan<'_, '_>) -> Configuration {
    let cx = plan.cx;
    let lineage = cx.model.lineage(cx.stage.id);
    let mut paths: BTreeSet<String> = lineage.iter().flat_map(|s| contents::landings(s)).collect();
    for stage in &lineage {
        paths.extend(cx.files.borrow_mut().context_files(stage.id).0.into_iter().map(|(to, _)| to));
    }
    let mut found = Configuration::default();
    let mut unread = Vec::new();
    start_work(plan, &paths);
    for path in paths.iter().filter(|p| p.starts_with("/etc/nginx")) {
        found.main_is_replaced |= path == MAIN;
        found.default_is_replaced |= path == DEFAULT || path == MAIN;
        let read = cx.files.borrow_mut().read(path);
        match read {
            Some((file, bytes)) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                directives(plan, &text, |span| Location::new(file, span), &mut found);
            }
            None => {
                // Of a folder its files are among the paths; of what another stage made nothing is known.
                let holds = paths.iter().any(|p| p.starts_with(&format!("{}/", path.trim_end_matches('/'))));
                if !holds {
                    unread.push(path.as_str());
                }
            }
        }
    }
    note_unread(plan, &unread);
    let effects = lineage.iter().flat_map(|s| &s.steps).flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    });
    found.default_is_replaced |= effects.into_iter().any(|e| {
        matches!(&e.kind, EffectKind::Remove { path, .. } if path == DEFAULT || path.starts_with("/etc/nginx/conf.d"))
    });
    found
}

/// Says what is hoped of configuration that nobody could read.
fn note_unread(plan: &mut Plan<'_, '_>, paths: &[&str]) {
    const SHOWN: usize = 4;
    if paths.is_empty() {
        return;
    }
    let more = if paths.len() > SHOWN { ", ..." } else { "" };
    let names = paths.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    plan.assume(
        format!("what was not read ({names}{more}) loads no modules, and writes only below /var/log/nginx, /var/cache/nginx and /tmp"),
        None,
    );
}

/// Blocks on templates and scripts that the image's entrypoint reads at every start.
fn start_work(plan: &mut Plan<'_, '_>, paths: &BTreeSet<String>) {
    let cx = plan.cx;
    let image = paths.iter().find(|p| is_start_work(p));
    if let Some(path) = image {
        let transfer = cx.model.lineage(cx.stage.id).into_iter().flat_map(|s| &s.steps).find(|s| {
            matches!(&s.kind, StepKind::Transfer(t) if t.dest.as_deref().is_some_and(|d| path.starts_with(d.trim_end_matches('/'))))
        });
        let at = transfer.map_or(plan.base_line(), |s| cx.model.at(cx.model.instruction(s).span));
        plan.block(format!("the image's start script reads {path} at every start, with a shell: render it in the build, or mount the result"), at);
    }
    let tunes = cx.stage.config.env.iter().find(|v| {
        v.from.location().is_some()
            && (v.name.starts_with("NGINX_ENVSUBST") || v.name.starts_with("NGINX_ENTRYPOINT"))
    });
    if let Some((variable, at)) = tunes.and_then(|v| Some((&v.name, v.from.location()?))) {
        plan.block(format!("{variable} is for the image's start script, which needs a shell: write the configuration in the build"), at);
    }
}

/// Reads the directives of one file.
fn directives(plan: &mut Plan<'_, '_>, text: &str, at: impl Fn(Span) -> Location, found: &mut Configuration) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or_default();
        for statement in code.split([';', '{', '}']) {
            let mut words = statement.split_whitespace();
            let (Some(name), Some(first)) = (words.next(), words.next()) else { continue };
            let place = at(Span::new(start, start + line.trim_end().len() as u32));
            match name {
                "load_module" => found.modules = true,
                "ssl_certificate_key" => {
                    plan.assume("nginx's user may read the keys of its certificates", Some(place));
                }
                "listen" if first.starts_with("unix:/") && !first.starts_with("unix:/tmp/") => {
                    plan.block(format!("the configuration makes the socket {first}, where nginx's user may not write: put it below /tmp"), place);
                }
                "listen" => {
                    let port = first.rsplit(':').next().and_then(|p| p.parse().ok());
                    if let Some(port) = port {
                        found.listens.entry(port).or_insert(place);
                    }
                }
                _ if WRITES.contains(&name)
                    && first.starts_with('/')
                    && !WRITABLE.iter().any(|folder| first.starts_with(folder)) =>
                {
                    plan.block(format!("the configuration writes to {first} ({name}), where nginx's user may not: put it below /var/cache/nginx or /tmp, or into a volume"), place);
                }
                _ => {}
            }
        }
        start += line.len() as u32;
    }
}
