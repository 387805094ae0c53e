//! Who keeps the versions that files of the project name up to date: Renovate, Dependabot, or something like them.

use super::tree::Node;
use super::{Files, Patterns, ProjectPath, json, yaml};

/// Bytes of a bot's settings that are read.
const MAX_BYTES: u64 = 1 << 20;
/// Folders in which bots look for their settings.
const FOLDERS: [&str; 5] = ["", ".github", ".gitlab", ".config", ".github/workflows"];

/// Who updates what.
#[derive(Clone, Debug, Default)]
pub struct Updates {
    /// A bot whose settings are there may see to every Dockerfile.
    pub everything: bool,
    /// Dependabot's settings.
    pub dependabot: Option<Dependabot>,
    /// Whether there is a folder `.github` at the top: GitHub is where the project is, or may be.
    pub on_github: bool,
    /// Whether there is any sign of a place that hosts the project.
    pub is_hosted: bool,
}

/// `.github/dependabot.yml`.
#[derive(Clone, Debug)]
pub struct Dependabot {
    /// Where it is.
    pub path: ProjectPath,
    /// The folders whose Dockerfiles it updates, as written; nothing where the file cannot be read.
    pub folders: Option<Vec<String>>,
}

impl Updates {
    /// Reads the settings of the bots that are known.
    pub(super) fn read(files: &dyn Files) -> Self {
        let folder = |name: &str| ProjectPath::new(name).unwrap_or_else(|_| ProjectPath::root());
        let mut updates = Self {
            on_github: files.is_folder(&folder(".github")),
            is_hosted: files.is_file(&folder(".gitlab-ci.yml")),
            ..Self::default()
        };
        updates.is_hosted |= updates.on_github;
        for name in FOLDERS {
            let Ok(listing) = files.list(&folder(name)) else { continue };
            for entry in listing.entries.iter() {
                let path = folder(name).child(&entry.name);
                updates.everything |= is_of_other_bot(files, &path);
            }
        }
        let package = folder("package.json");
        updates.everything |= files.is_file(&package)
            && text(files, &package)
                .and_then(|text| json::parse(&text).ok())
                .is_some_and(|top| top.get("renovate").is_some());
        let names = [".github/dependabot.yml", ".github/dependabot.yaml"];
        let path = names.iter().map(|name| folder(name)).find(|path| files.is_file(path));
        updates.dependabot = path.map(|path| Dependabot { folders: docker_folders(files, &path), path });
        updates
    }

    /// Whether something updates the base images of a Dockerfile in `folder`, or may do so.
    pub fn cover(&self, folder: &ProjectPath) -> bool {
        self.everything || self.dependabot.as_ref().is_some_and(|dependabot| dependabot.covers(folder))
    }
}

impl Dependabot {
    fn covers(&self, folder: &ProjectPath) -> bool {
        let Some(folders) = &self.folders else { return true };
        folders.iter().any(|written| {
            let pattern = written.trim_start_matches("./").trim_matches('/');
            if !pattern.contains('*') {
                return pattern == folder.as_str() || pattern == "." && folder.is_root();
            }
            pattern.starts_with("**")
                || Patterns::of([pattern]).map_or(true, |pattern| pattern.matches(folder.as_str()))
        })
    }
}

/// The folders of the entries for Docker.
fn docker_folders(files: &dyn Files, path: &ProjectPath) -> Option<Vec<String>> {
    let parsed = yaml::parse(&text(files, path)?);
    if parsed.error.is_some() {
        return None;
    }
    let Some(top) = parsed.documents.first() else { return Some(Vec::new()) };
    let updates = top.get("updates").map(Node::items).unwrap_or_default();
    let docker = updates.iter().filter(|entry| entry.text_at(&["package-ecosystem"]) == Some("docker"));
    let folders = docker.flat_map(|entry| {
        let several = entry.get("directories").map(Node::items).unwrap_or_default();
        several.iter().filter_map(|node| node.text()).chain(entry.text_at(&["directory"]))
    });
    Some(folders.map(str::to_owned).collect())
}

/// Whether the file holds settings of Renovate or updatecli that do not leave Dockerfiles out.
fn is_of_other_bot(files: &dyn Files, path: &ProjectPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    if name.contains("updatecli") {
        return true;
    }
    if !name.contains("renovate") {
        return false;
    }
    let is_json = name.ends_with(".json") || name == ".renovaterc";
    let parsed = text(files, path).filter(|_| is_json).and_then(|text| json::parse(&text).ok());
    // What cannot be read may say anything.
    let Some(settings) = parsed else { return true };
    let only = settings.get("enabledManagers").map(Node::items).unwrap_or_default();
    let leaves_out = !only.is_empty()
        && !only
            .iter()
            .any(|one| one.text().is_some_and(|one| one.contains("docker") || one.contains("custom")));
    let is_off = |keys: &[&str]| settings.text_at(keys) == Some("false");
    !(leaves_out
        || is_off(&["enabled"])
        || is_off(&["dockerfile", "enabled"])
        || is_off(&["docker", "enabled"]))
}

fn text(files: &dyn Files, path: &ProjectPath) -> Option<String> {
    let bytes = files.read_up_to(path, MAX_BYTES).ok()?;
    std::str::from_utf8(&bytes).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Memory;

    #[test]
    fn bots_see_to_folders() {
        let dependabot = |folder: &str| {
            format!(
                "version: 2\nupdates:\n  - package-ecosystem: docker\n    {folder}\n    schedule: {{interval: weekly}}\n"
            )
        };
        let table = [
            (".github/dependabot.yml", dependabot("directory: /"), "", true),
            (".github/dependabot.yml", dependabot("directory: /"), "web", false),
            (".github/dependabot.yaml", dependabot("directory: /web/"), "web", true),
            (".github/dependabot.yml", dependabot("directories: [/, '/services/*']"), "services/a", true),
            (".github/dependabot.yml", dependabot("directories: ['**/*']"), "a/b/c", true),
            (".github/dependabot.yml", dependabot("directory: /").replace("docker", "npm"), "", false),
            (".github/dependabot.yml", "updates: [".to_owned(), "", true),
            ("renovate.json", "{}".to_owned(), "x", true),
            (".github/renovate.json5", "{enabledManagers: ['npm']}".to_owned(), "x", true),
            ("renovate.json", r#"{"enabledManagers": ["npm"]}"#.to_owned(), "x", false),
            ("renovate.json", r#"{"enabledManagers": ["npm", "dockerfile"]}"#.to_owned(), "x", true),
            (".renovaterc", r#"{"enabled": false}"#.to_owned(), "x", false),
            (".github/workflows/renovate.yml", "on: push".to_owned(), "x", true),
            ("package.json", r#"{"renovate": {}}"#.to_owned(), "x", true),
            ("package.json", "{}".to_owned(), "x", false),
        ];
        for (path, text, folder, covered) in table {
            let files = Memory::of([(path, text.as_str())]);
            let folder = ProjectPath::new(folder).unwrap();
            assert_eq!(Updates::read(&files).cover(&folder), covered, "{path}: {text}");
        }
    }
}
