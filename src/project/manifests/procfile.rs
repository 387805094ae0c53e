//! `Procfile`: process types and their commands.

use barehull_syntax::Span;

use super::super::{BuildContext, Note, ProjectPath, Sited};
use super::manifest_text;

/// What a `Procfile` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procfile {
    /// The file.
    pub path: ProjectPath,
    /// Its lines, in order.
    pub processes: Vec<Process>,
}

/// One process type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// `web`, `worker`, `release`.
    pub name: Sited<String>,
    /// Its shell text.
    pub command: Sited<String>,
}

impl Procfile {
    /// Reads `Procfile` in `folder` of the context; nothing if the builder sees none there.
    pub fn read(context: &BuildContext, folder: &ProjectPath) -> Result<Option<Self>, Note> {
        let path = folder.child("Procfile");
        let text = manifest_text(context, &path)?;
        Ok(text.map(|text| Self { path, processes: processes(&text) }))
    }
}

fn processes(text: &str) -> Vec<Process> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let (name, command) = line.split_once(':').unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !name.is_empty() && name.chars().all(is_name) && !command.trim().is_empty() {
            let behind = start + name.len() + 1;
            let lead = command.len() - command.trim_start().len();
            found.push(Process { name: sited(name, start), command: sited(command.trim(), behind + lead) });
        }
        start += line.len();
    }
    found
}

fn sited(text: &str, start: usize) -> Sited<String> {
    Sited::new(text.to_owned(), Span::new(start as u32, (start + text.len()) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_processes() {
        let text = "# comment: x\nweb: gunicorn app:app \r\n\nworker:celery -A app\nempty:\nnot a line\n";
        let found = processes(text);
        let pairs: Vec<_> = found.iter().map(|p| (p.name.value.as_str(), p.command.value.as_str())).collect();
        assert_eq!(pairs, [("web", "gunicorn app:app"), ("worker", "celery -A app")]);
        for process in &found {
            assert_eq!(&text[process.command.span.range()], process.command.value);
            assert_eq!(&text[process.name.span.range()], process.name.value);
        }
    }
}
