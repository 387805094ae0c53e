use crate::schema::Problem;
use serde_yaml::Value;
use std::fmt;

/// What is wrong with a user's catalog file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogError {
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// Key and name of the entry: ("images", "node").
    pub entry: Option<(String, String)>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some((section, name)) = &self.entry {
            write!(f, "{section}, `{name}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for CatalogError {}

impl CatalogError {
    /// The reader names a path (`images[1].variants[0]`): the entry's name comes from there.
    pub(crate) fn of_yaml(yaml: &str, error: &serde_yaml::Error) -> Self {
        let text = error.to_string();
        let line = error.location().map(|location| location.line());
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
        Self { line, entry: entry_at(yaml, message), message: message.to_owned() }
    }

    pub(crate) fn of_problem(yaml: &str, problem: &Problem) -> Self {
        Self {
            line: line_of(yaml, problem.section, &problem.entry),
            entry: Some((problem.section.to_owned(), problem.entry.clone())),
            message: problem.message.clone(),
        }
    }
}

/// The section and name of the entry that a message starting with `section[number]` speaks of.
fn entry_at(yaml: &str, message: &str) -> Option<(String, String)> {
    let (section, rest) = message.split_once('[')?;
    let number: usize = rest.split_once(']')?.0.parse().ok()?;
    let file: Value = serde_yaml::from_str(yaml).ok()?;
    let entry = file.get(section)?.get(number)?;
    let name = ["name", "image", "product", "family", "from", "role"]
        .iter()
        .find_map(|key| entry.get(*key)?.as_str());
    Some((section.to_owned(), name.map_or_else(|| format!("entry {}", number + 1), str::to_owned)))
}

/// The last line of the section that holds the name by itself: of two of a name, the second one is the problem.
fn line_of(yaml: &str, section: &str, name: &str) -> Option<usize> {
    let part_of_name = |c: char| c.is_alphanumeric() || "-_./{}@".contains(c);
    let holds = |line: &str| {
        line.match_indices(name).any(|(at, _)| {
            !line[..at].ends_with(part_of_name) && !line[at + name.len()..].starts_with(part_of_name)
        })
    };
    let start =
        yaml.lines().position(|line| line.strip_prefix(section).is_some_and(|r| r.starts_with(':')))?;
    yaml.lines()
        .enumerate()
        .skip(start)
        .take_while(|(at, line)| *at == start || line.is_empty() || line.starts_with([' ', '-', '#']))
        .filter(|(_, line)| holds(line))
        .last()
        .map(|(at, _)| at + 1)
}
