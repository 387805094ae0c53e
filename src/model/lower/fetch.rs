//! Programs that get something from the network.

mod options;

use super::command::Command;
use crate::model::effect::{EffectKind, Sink};

/// The effects of a network client's command; nothing if it is none.
pub(super) fn lower(command: &Command) -> Option<Vec<EffectKind>> {
    let effects = match command.name() {
        "curl" => curl(command),
        "wget" | "wget2" => wget(command),
        "aria2c" | "axel" => aria(command),
        "git" => git(command)?,
        _ => return None,
    };
    Some(effects)
}

fn fetched(command: &Command, url: Option<String>, to: Sink) -> EffectKind {
    EffectKind::Fetch { tool: command.name().to_owned(), url, to }
}

/// The last part of an address's path, as curl -O and wget name the file.
fn file_name(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next()?;
    (!name.is_empty() && !name.contains(':')).then_some(name)
}

fn redirected(command: &Command) -> Option<Sink> {
    let target = command.writes.first()?;
    Some(match target.as_deref() {
        Some("/dev/null") => Sink::Stream,
        Some(path) => Sink::File(path.to_owned()),
        None => Sink::Unknown,
    })
}

fn curl(command: &Command) -> Vec<EffectKind> {
    let line = options::read(command, &options::CURL);
    let remote_name = command.has_flag(&["-O", "--remote-name", "--remote-name-all"]);
    let output = line.value(&["o", "output"]).filter(|path| !path.is_empty());
    let urls = line.addresses();
    urls.map(|url| {
        let to = match (output, remote_name, &url) {
            (Some("-" | "/dev/null"), ..) => Sink::Stream,
            (Some(path), ..) => command.path(path).map_or(Sink::Unknown, Sink::File),
            (None, true, Some(url)) => named_after(command, url),
            (None, true, None) => Sink::Unknown,
            (None, false, _) if line.has(&["o", "output"]) => Sink::Unknown,
            (None, false, _) => redirected(command).unwrap_or(Sink::Stream),
        };
        fetched(command, url, to)
    })
    .collect()
}

fn named_after(command: &Command, url: &str) -> Sink {
    match file_name(url) {
        Some(name) => command.path(name).map_or(Sink::Unknown, Sink::File),
        None => command.cwd.clone().map_or(Sink::Unknown, Sink::Folder),
    }
}

fn wget(command: &Command) -> Vec<EffectKind> {
    let line = options::read(command, &options::WGET);
    let output = line.value(&["O", "output-document"]).filter(|path| !path.is_empty());
    let folder = line.value(&["P", "directory-prefix"]);
    let spider = command.has_flag(&["--spider"]);
    let urls = line.addresses();
    urls.map(|url| {
        let to = match (output, &url) {
            _ if spider => Sink::Stream,
            (Some("-"), _) => redirected(command).unwrap_or(Sink::Stream),
            (Some("/dev/null"), _) => Sink::Stream,
            (Some(path), _) => command.path(path).map_or(Sink::Unknown, Sink::File),
            (None, _) if line.has(&["O", "output-document"]) => Sink::Unknown,
            (None, Some(url)) => match (folder, file_name(url)) {
                (Some(folder), Some(name)) => {
                    command.path(&format!("{folder}/{name}")).map_or(Sink::Unknown, Sink::File)
                }
                (Some(folder), None) => command.path(folder).map_or(Sink::Unknown, Sink::Folder),
                (None, _) => named_after(command, url),
            },
            (None, None) => Sink::Unknown,
        };
        fetched(command, url, to)
    })
    .collect()
}

fn aria(command: &Command) -> Vec<EffectKind> {
    let line = options::read(command, &options::ARIA);
    let folder = line.value(&["d", "dir"]).unwrap_or(".");
    let to = command.path(folder).map_or(Sink::Unknown, Sink::Folder);
    line.addresses().map(|url| fetched(command, url, to.clone())).collect()
}

/// `git clone`, `fetch`, `pull`, `submodule update`; other sub-commands do not leave the machine.
fn git(command: &Command) -> Option<Vec<EffectKind>> {
    let operands =
        command.operands(&["-C", "-c", "-b", "--branch", "--depth", "-o", "--config", "-j", "--reference"]);
    let (verb, words) = operands.split_first()?;
    match verb.text.as_deref()? {
        "clone" => {
            let url = words.first().and_then(|w| w.text.clone());
            let folder = match words.get(1) {
                Some(word) => word.text.clone(),
                None => url.as_deref().and_then(file_name).map(|n| n.trim_end_matches(".git").to_owned()),
            };
            let to = folder.and_then(|f| command.path(&f)).map_or(Sink::Unknown, Sink::Folder);
            Some(vec![fetched(command, url, to)])
        }
        "fetch" | "pull" | "submodule" | "lfs" => {
            let to = command.cwd.clone().map_or(Sink::Unknown, Sink::Folder);
            Some(vec![fetched(command, None, to)])
        }
        _ => Some(vec![EffectKind::Nothing]),
    }
}
