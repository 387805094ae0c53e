//! From another tool's configuration to ours.

mod hadolint;
mod labels;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use self::hadolint::Hadolint;
use super::ConfigError;
use crate::rules::{self, Peer, PeerPolicy, RuleMeta};

/// A configuration made of another tool's.
#[derive(Debug)]
pub struct Migration {
    /// The text of `barehull.yaml`.
    pub yaml: String,
    /// What has no equivalent, or another one than was to be expected: a sentence each.
    pub notes: Vec<String>,
}

/// Makes a configuration of a `.hadolint.yaml`.
///
/// # Errors
/// Says the line and what is wrong.
pub fn from_hadolint(text: &str) -> Result<Migration, ConfigError> {
    let file = hadolint::read(text)?;
    let peer = rules::peer("hadolint").expect("rules/peers/hadolint.yaml is there");
    let mut notes = Vec::new();
    let mut yaml = String::from("# Made of hadolint's configuration by `barehull migrate`.\n");
    write_rules(&file, peer, &mut yaml, &mut notes);
    write_registries(&file, &mut yaml, &mut notes);
    labels::write(&file, &mut yaml, &mut notes);
    of_the_command_line(&file, &mut notes);
    Ok(Migration { yaml, notes })
}

/// `rules`: what is ignored is off, what has another severity has it here.
fn write_rules(file: &Hadolint, peer: &'static Peer, yaml: &mut String, notes: &mut Vec<String>) {
    let named = file.ignored.iter().chain(file.overrides.iter().map(|(id, _)| id));
    tell_of_unknown(named, peer, notes);
    yaml.push_str("rules:");
    let mut lines = String::new();
    for rule in rules::all() {
        let policies = equivalents(peer, rule);
        if policies.is_empty() {
            continue;
        }
        let (ignored, left): (Vec<&PeerPolicy>, Vec<_>) =
            policies.into_iter().partition(|policy| file.ignores(policy.id));
        let names = |policies: &[&PeerPolicy]| policies.iter().map(|p| p.id).collect::<Vec<_>>().join(", ");
        let severity = left.iter().filter_map(|policy| file.severity(policy.id)).max();
        let counts: Vec<&PeerPolicy> = left.iter().copied().filter(|policy| !policy.retired).collect();
        if let Some(severity) = severity {
            let _ = writeln!(lines, "  {}: {}", rule.id, severity.as_str());
        } else if !ignored.is_empty() && counts.is_empty() {
            let _ = writeln!(lines, "  {}: off # {}", rule.id, names(&ignored));
        } else if !ignored.is_empty() && rule.default_on {
            let (off, on) = (names(&ignored), names(&counts));
            let _ = writeln!(lines, "  # {}: off # {off}, but then {on} as well", rule.id);
            notes.push(format!("{off}: the rule {} stays on, since it stands for {on} as well", rule.id));
        } else if !rule.default_on && counts.iter().any(|policy| !OFF_IN_HADOLINT.contains(&policy.id)) {
            let id = rule.id;
            notes.push(format!("{}: off unless asked for here; add `{id}: on` to `rules`", names(&counts)));
        }
    }
    yaml.push_str(if lines.is_empty() { " {}\n" } else { "\n" });
    yaml.push_str(&lines);
}

/// Policies that hadolint itself runs only where somebody asks for them.
const OFF_IN_HADOLINT: [&str; 2] = ["DL3049", "DL3057"];

/// The policies that a rule stands for.
fn equivalents(peer: &'static Peer, rule: &RuleMeta) -> Vec<&'static PeerPolicy> {
    peer.policies.iter().filter(|policy| policy.rules.contains(&rule.id)).collect()
}

fn tell_of_unknown<'a>(
    named: impl Iterator<Item = &'a String>,
    peer: &'static Peer,
    notes: &mut Vec<String>,
) {
    let (mut shell, mut without, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for id in named {
        let list = match peer.policy(id) {
            Some(policy) if !policy.rules.is_empty() || labels::POLICIES.contains(&policy.id) => continue,
            Some(_) => &mut without,
            None if id.to_ascii_uppercase().starts_with("SC") => &mut shell,
            None => &mut unknown,
        };
        if !list.contains(&id.as_str()) {
            list.push(id.as_str());
        }
    }
    for (list, why) in [
        (without, "no rule asks for the same, so there is nothing to set (docs/peers.md says why)"),
        (shell, "ShellCheck's; barehull has no rules on the style of shell text"),
        (unknown, "no policy of hadolint that barehull knows"),
    ] {
        if !list.is_empty() {
            notes.push(format!("{}: {why}", list.join(", ")));
        }
    }
}

/// `allow: { registries }`.
fn write_registries(file: &Hadolint, yaml: &mut String, notes: &mut Vec<String>) {
    let mut registries: Vec<&str> = Vec::new();
    for registry in &file.trusted_registries {
        match registry.as_str() {
            "*" => {
                notes.push("trustedRegistries: `*` allows all registries, so no list is written".to_owned());
                return;
            }
            "hub.docker.com" => registries.push("docker.io"),
            other => registries.push(other),
        }
    }
    if !registries.is_empty() {
        let quoted: Vec<String> = registries.iter().map(|registry| quoted(registry)).collect();
        let _ = writeln!(yaml, "allow:\n  registries: [{}]", quoted.join(", "));
    }
}

/// What barehull takes on the command line.
fn of_the_command_line(file: &Hadolint, notes: &mut Vec<String>) {
    let mut others = Vec::new();
    let mut option = |key: &str, value: &str, option: &str| {
        notes.push(format!("{key}: {value}: on the command line, `barehull check {option}`"));
    };
    if let Some(threshold) = &file.failure_threshold {
        match threshold.as_str() {
            "error" | "warning" | "info" => {
                option("failure-threshold", threshold, &format!("--fail-on {threshold}"));
            }
            _ => option("failure-threshold", threshold, "--fail-on info"),
        }
    }
    if file.no_fail {
        option("no-fail", "true", "--fail-on never");
    }
    if file.no_color {
        option("no-color", "true", "--color never");
    }
    for format in &file.formats {
        match format.as_str() {
            "tty" => option("format", "tty", "--format text"),
            "json" | "sarif" => option("format", format, &format!("--format {format}")),
            _ => others.push(format!("format: {format}: there are text, json, sarif and github")),
        }
    }
    notes.append(&mut others);
    if file.disable_ignore_pragma {
        notes.push("disable-ignore-pragma: comments that ignore findings always count".to_owned());
    }
    for key in &file.unknown {
        notes.push(format!("{key}: no setting of hadolint that barehull knows"));
    }
}

/// A text in quotes, as YAML and JSON write it.
fn quoted(text: &str) -> String {
    crate::report::json::to_string(&text)
}
