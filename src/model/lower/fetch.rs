//! Programs that get something from the network.

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

fn url(command: &Command, with_value: &[&str]) -> Vec<Option<String>> {
    let explicit = command.option(&["--url"]).map(|u| Some(u.to_owned()));
    let operands = command.operands(with_value).into_iter().map(|a| a.text.clone());
    explicit.into_iter().chain(operands).collect()
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
    const WITH_VALUE: [&str; 26] = [
        "-o",
        "--output",
        "-H",
        "--header",
        "-d",
        "--data",
        "-u",
        "--user",
        "-X",
        "--request",
        "-A",
        "--user-agent",
        "-e",
        "--referer",
        "-x",
        "--proxy",
        "--retry",
        "--retry-delay",
        "-m",
        "--max-time",
        "--connect-timeout",
        "--cacert",
        "-F",
        "-b",
        "--output-dir",
        "-w",
    ];
    let remote_name = command.has_flag(&["-O", "--remote-name", "--remote-name-all"]);
    let output = command.option(&["-o", "--output"]);
    let clustered = command
        .texts()
        .any(|a| a.starts_with('-') && !a.starts_with("--") && a.len() > 2 && a.ends_with('o'));
    let mut urls = url(command, &WITH_VALUE);
    let mut output = output.filter(|o| !o.is_empty()).map(str::to_owned);
    if clustered && !urls.is_empty() {
        // `-fsSLo FILE URL`: the word behind the cluster is the file.
        output = urls.remove(0);
    }
    urls.into_iter()
        .map(|url| {
            let to = match (&output, remote_name, &url) {
                (Some(path), ..) if path == "-" || path == "/dev/null" => Sink::Stream,
                (Some(path), ..) => command.path(path).map_or(Sink::Unknown, Sink::File),
                (None, true, Some(url)) => named_after(command, url),
                (None, true, None) => Sink::Unknown,
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
    const WITH_VALUE: [&str; 14] = [
        "-O",
        "--output-document",
        "-P",
        "--directory-prefix",
        "-T",
        "--timeout",
        "-t",
        "--tries",
        "--header",
        "-U",
        "--user-agent",
        "-o",
        "--progress",
        "-e",
    ];
    let output = command.option(&["-O", "--output-document"]);
    let clustered = command
        .texts()
        .any(|a| a.starts_with('-') && !a.starts_with("--") && a.len() > 2 && a.ends_with('O'));
    let folder = command.option(&["-P", "--directory-prefix"]);
    let spider = command.has_flag(&["--spider"]);
    let mut urls = url(command, &WITH_VALUE);
    let mut output = output.filter(|o| !o.is_empty()).map(str::to_owned);
    if clustered && !urls.is_empty() {
        output = urls.remove(0);
    }
    urls.into_iter()
        .map(|url| {
            let to = match (&output, &url) {
                _ if spider => Sink::Stream,
                (Some(path), _) if path == "-" => redirected(command).unwrap_or(Sink::Stream),
                (Some(path), _) if path == "/dev/null" => Sink::Stream,
                (Some(path), _) => command.path(path).map_or(Sink::Unknown, Sink::File),
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
    let folder = command.option(&["-d", "--dir"]).unwrap_or(".");
    let to = command.path(folder).map_or(Sink::Unknown, Sink::Folder);
    let urls = url(command, &["-d", "--dir", "-o", "--out", "-x", "-s"]);
    urls.into_iter().map(|url| fetched(command, url, to.clone())).collect()
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
