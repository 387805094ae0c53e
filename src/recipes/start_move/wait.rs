//! Waiting for a service: what is asked again and again, with an end.

use std::collections::BTreeSet;

use crate::model::start::{Unit, UnitWord};

/// Tries before a container that waits gives up; the kubelet starts it again.
const TRIES: u32 = 60;

/// What is true once the service is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    /// The command, as a POSIX shell reads it.
    pub command: String,
    /// The programs it calls.
    pub programs: BTreeSet<String>,
}

impl Condition {
    fn connection(host: &str, port: &str) -> Self {
        Self { command: format!("nc -z -w 2 {host} {port}"), programs: BTreeSet::from(["nc".to_owned()]) }
    }

    /// A loop that ends.
    pub fn script(&self) -> String {
        format!(
            "tries=0\n\
             until {}; do\n  \
               tries=$((tries + 1))\n  \
               if [ \"$tries\" -ge {TRIES} ]; then\n    \
                 echo \"gave up after $tries tries\" >&2\n    \
                 exit 1\n  \
               fi\n  \
               sleep 2\n\
             done",
            self.command
        )
    }
}

/// What a statement waits for, where it does nothing else.
pub(super) fn condition(unit: &Unit) -> Option<Condition> {
    if let Some(awaited) = &unit.awaited {
        if let Some((host, port)) = of_bash(awaited) {
            return Some(Condition::connection(&host, &port));
        }
        if unit.only_bash {
            return None;
        }
        let idle = ["sleep", "echo", "printf"];
        let programs = unit.programs.iter().filter(|p| !idle.contains(&p.as_str())).cloned().collect();
        return Some(Condition { command: awaited.clone(), programs });
    }
    of_waiter(unit)
}

/// `echo > /dev/tcp/db/5432`, in whatever stands around it.
fn of_bash(awaited: &str) -> Option<(String, String)> {
    let (_, rest) = awaited.split_once("/dev/tcp/")?;
    let (host, rest) = rest.split_once('/')?;
    let host = host.trim_matches(['"', '\'']);
    let rest = rest.trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_${}:-".contains(c))).unwrap_or(rest.len());
    let port = &rest[..end];
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_${}.-:".contains(c))
    };
    (is_name(host) && is_name(port)).then(|| (quoted(host), quoted(port)))
}

/// A variable in quotes, so that it is one word.
fn quoted(text: &str) -> String {
    if text.contains('$') { format!("\"{text}\"") } else { text.to_owned() }
}

/// `wait-for-it.sh db:5432 -t 30`, `wait-for db:5432`, `dockerize -wait tcp://db:5432`.
fn of_waiter(unit: &Unit) -> Option<Condition> {
    let words: Vec<String> = unit
        .words
        .as_ref()?
        .iter()
        .map(|word| match word {
            UnitWord::Literal(text) => Some(text.clone()),
            UnitWord::Mixed(_) => None,
        })
        .collect::<Option<_>>()?;
    // What it runs in the end is not part of waiting.
    if words.iter().any(|w| w == "--") {
        return None;
    }
    let name = words.first()?.rsplit('/').next()?.trim_end_matches(".sh");
    let address = match name {
        "wait-for-it" | "wait-for" => words.get(1).filter(|w| !w.starts_with('-'))?.as_str(),
        "dockerize" => {
            let at = words.iter().position(|w| w == "-wait")?;
            let only = words.iter().filter(|w| *w == "-wait").count() == 1;
            words.get(at + 1).filter(|_| only)?.strip_prefix("tcp://")?
        }
        _ => return None,
    };
    let (host, port) = address.split_once(':')?;
    let is_plain =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    (is_plain(host) && is_plain(port)).then(|| Condition::connection(host, port))
}

/// The service that is waited for, as a name: the word that looks like a host, or the variable that names one.
pub(super) fn host(unit: &Unit) -> Option<String> {
    let command = condition(unit).map(|c| c.command).unwrap_or_default();
    for word in command.split_whitespace().skip(1).chain(unit.mentions.iter().map(String::as_str)) {
        let word = word.trim_matches(['"', '\'', ';']);
        if let Some(variable) = word.strip_prefix('$') {
            let name = variable.trim_start_matches('{');
            let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
            if let Some(host) = host_of_variable(&name[..end]) {
                return Some(host);
            }
            continue;
        }
        let (address, is_url) = word.split_once("://").map_or((word, false), |(_, rest)| (rest, true));
        let host = address.split(['/', ':']).next().unwrap_or_default();
        let is_host = host.starts_with(|c: char| c.is_ascii_alphabetic())
            && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
        let is_address = is_url || address.contains(':') || command.contains(&format!(" {word} "));
        if is_host && is_address {
            return Some(host.split('.').next().unwrap_or(host).to_owned());
        }
    }
    unit.reads.iter().find_map(|name| host_of_variable(name))
}

/// `DB_HOST`, `FEED_URL`: a variable that names a service.
fn host_of_variable(name: &str) -> Option<String> {
    const ENDINGS: [&str; 8] =
        ["_hostname", "_host", "_server", "_url", "_uri", "_address", "_addr", "_endpoint"];
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).map(str::to_owned)
}
