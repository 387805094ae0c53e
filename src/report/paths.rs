//! How paths of a project are written.

use crate::project::ProjectPath;

/// From where the paths of a project are written: the working directory for people, the project for
/// programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paths {
    /// As they are in the project.
    Project,
    /// From a folder of the project.
    From(ProjectPath),
    /// From outside: this text (no slash at its end) stands for the project's root.
    Below(String),
}

impl Paths {
    /// `path` as it is written from there. Not escaped.
    pub fn show(&self, path: &ProjectPath) -> String {
        match self {
            Self::Project => path.to_string(),
            Self::From(folder) => relative(path, folder),
            Self::Below(root) if path.is_root() => root.clone(),
            Self::Below(root) => format!("{}/{path}", root.trim_end_matches('/')),
        }
    }
}

/// `path` as seen from `folder`, both below the same root.
fn relative(path: &ProjectPath, folder: &ProjectPath) -> String {
    let mut there = path.names().peekable();
    let mut here = folder.names().peekable();
    while there.peek().is_some() && there.peek() == here.peek() {
        there.next();
        here.next();
    }
    let names: Vec<_> = here.map(|_| "..").chain(there).collect();
    if names.is_empty() { ".".to_owned() } else { names.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_a_folder() {
        let path = |text| ProjectPath::new(text).unwrap();
        let table = [
            ("a/Dockerfile", "a", "Dockerfile"),
            ("a/Dockerfile", "", "a/Dockerfile"),
            ("a/Dockerfile", "a/b/c", "../../Dockerfile"),
            ("Dockerfile", "x", "../Dockerfile"),
            ("a", "a", "."),
        ];
        for (to, from, expected) in table {
            assert_eq!(Paths::From(path(from)).show(&path(to)), expected, "{to} from {from}");
        }
        assert_eq!(Paths::Below("../x".into()).show(&path("Dockerfile")), "../x/Dockerfile");
        assert_eq!(Paths::Below("/".into()).show(&path("Dockerfile")), "/Dockerfile");
    }
}
