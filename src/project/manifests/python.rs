//! Python projects: `requirements*.txt`, `pyproject.toml`, `Pipfile`, `setup.cfg`, `setup.py`.

use barehull_syntax::Span;

use super::super::tree::Node;
use super::super::{BuildContext, Note, ProjectPath, Sited, Spot, toml};
use super::requirements::{Line, lines, normalised};
use super::{Requirement, manifest_text, syntax_note};

/// Requirements files that one may include.
const MAX_INCLUDED: usize = 50;

/// What the manifests in one folder say together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PythonProject {
    /// The manifests and lock files that are there, sorted.
    pub files: Vec<ProjectPath>,
    /// What they ask for, in the order of the files.
    pub requirements: Vec<Requirement>,
    /// Console scripts they define.
    pub entry_points: Vec<EntryPoint>,
    /// `requires-python`, or the version a `Pipfile`, `.python-version` or `runtime.txt` names.
    pub python: Option<(String, Spot)>,
    /// Whether more is asked for than could be named (`-e .`, addresses, code in `setup.py`).
    pub incomplete: bool,
    /// What could not be read.
    pub notes: Vec<Note>,
}

/// A command that installing the project makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPoint {
    /// Its name.
    pub name: String,
    /// `package.module:function`.
    pub target: String,
    /// Where it stands.
    pub at: Spot,
}

const MANIFESTS: [&str; 13] = [
    ".python-version",
    "Pipfile",
    "Pipfile.lock",
    "environment.yaml",
    "environment.yml",
    "manage.py",
    "pdm.lock",
    "poetry.lock",
    "pyproject.toml",
    "runtime.txt",
    "setup.cfg",
    "setup.py",
    "uv.lock",
];

impl PythonProject {
    /// Reads what lies in `folder` of the context; nothing if no manifest does.
    pub fn read(context: &BuildContext, folder: &ProjectPath) -> Option<Self> {
        let (entries, _) = context.list(folder).ok()?;
        let is_list = |name: &str| name.starts_with("requirements") && name.strip_suffix(".txt").is_some();
        let known = |path: &ProjectPath| MANIFESTS.contains(&path.file_name()) || is_list(path.file_name());
        let files: Vec<_> = entries.into_iter().map(|(path, _)| path).filter(known).collect();
        if files.is_empty() {
            return None;
        }
        let mut project = Self { files: files.clone(), ..Self::default() };
        for path in &files {
            match manifest_text(context, path) {
                Ok(Some(text)) => project.take(context, path, &text),
                Ok(None) => {}
                Err(note) => project.note(note),
            }
        }
        Some(project)
    }

    /// The requirement of `name` (in any spelling), if there is one.
    pub fn requirement(&self, name: &str) -> Option<&Requirement> {
        let name = normalised(name);
        self.requirements.iter().find(|requirement| requirement.name == name)
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
        self.incomplete = true;
    }

    fn take(&mut self, context: &BuildContext, path: &ProjectPath, text: &str) {
        match path.file_name() {
            name @ ("pyproject.toml" | "Pipfile") => match toml::parse(text) {
                Ok(top) if name == "Pipfile" => self.take_pipfile(&top, path),
                Ok(top) => self.take_pyproject(&top, path),
                Err(error) => self.note(syntax_note(path, text, &error)),
            },
            "setup.cfg" => self.take_setup_cfg(path, text),
            "setup.py" => self.take_setup_py(path, text),
            ".python-version" | "runtime.txt" => {
                let line = text.lines().next().unwrap_or_default().trim();
                let span = Span::new(0, text.lines().next().unwrap_or_default().len() as u32);
                self.name_python(line.trim_start_matches("python-"), path, span);
            }
            name if name.starts_with("requirements") => {
                let stem = name.trim_end_matches(".txt");
                let optional =
                    ["dev", "test", "tests", "docs", "lint", "ci"].iter().any(|word| stem.ends_with(word));
                self.take_list(context, path, text, optional);
            }
            _ => {}
        }
    }

    fn name_python(&mut self, version: &str, path: &ProjectPath, span: Span) {
        if !version.is_empty() && self.python.is_none() {
            self.python = Some((version.to_owned(), Spot { path: path.clone(), span }));
        }
    }

    /// A requirements file and those it includes.
    fn take_list(&mut self, context: &BuildContext, path: &ProjectPath, text: &str, optional: bool) {
        let mut ahead = vec![(path.clone(), text.to_owned())];
        let mut seen = vec![path.clone()];
        while let Some((path, text)) = ahead.pop() {
            for line in lines(&text, &path, optional) {
                let included = match line {
                    Line::Package(requirement) => {
                        self.requirements.push(requirement);
                        continue;
                    }
                    Line::Unnamed => {
                        self.incomplete = true;
                        continue;
                    }
                    Line::Include(file) => path.folder().join(&file),
                };
                // A list of this folder is read by itself, and as what its own name says.
                let Ok(included) = included else {
                    self.incomplete = true;
                    continue;
                };
                if self.files.contains(&included) || seen.contains(&included) {
                    continue;
                }
                seen.push(included.clone());
                match manifest_text(context, &included) {
                    Ok(Some(text)) if seen.len() <= MAX_INCLUDED => ahead.push((included, text)),
                    Ok(_) => self.incomplete = true,
                    Err(note) => self.note(note),
                }
            }
        }
    }

    fn take_pyproject(&mut self, top: &Node, path: &ProjectPath) {
        if let Some(version) = top.at(&["project", "requires-python"]).and_then(Node::sited) {
            self.name_python(&version.value, path, version.span);
        }
        self.take_texts(top.at(&["project", "dependencies"]), path, false);
        for group in [top.at(&["project", "optional-dependencies"]), top.get("dependency-groups")] {
            for pair in group.map(Node::pairs).unwrap_or_default() {
                self.take_texts(Some(&pair.value), path, true);
            }
        }
        self.take_scripts(top.at(&["project", "scripts"]), path);
        let Some(poetry) = top.at(&["tool", "poetry"]) else { return };
        self.take_scripts(poetry.get("scripts"), path);
        self.take_table(poetry.get("dependencies"), path, false);
        self.take_table(poetry.get("dev-dependencies"), path, true);
        for group in poetry.get("group").map(Node::pairs).unwrap_or_default() {
            self.take_table(group.value.get("dependencies"), path, group.key.value != "main");
        }
    }

    fn take_pipfile(&mut self, top: &Node, path: &ProjectPath) {
        let version =
            top.at(&["requires", "python_full_version"]).or_else(|| top.at(&["requires", "python_version"]));
        if let Some(version) = version.and_then(Node::sited) {
            self.name_python(&version.value, path, version.span);
        }
        self.take_table(top.get("packages"), path, false);
        self.take_table(top.get("dev-packages"), path, true);
    }

    /// A list of requirement texts.
    fn take_texts(&mut self, list: Option<&Node>, path: &ProjectPath, optional: bool) {
        let texts = list.map(Node::items).unwrap_or_default().iter().filter_map(|item| item.sited());
        let read = texts.filter_map(|text| Requirement::parse(&text.value, path, text.span, optional));
        self.requirements.extend(read);
    }

    /// A table of name and version, as Poetry and Pipenv have it; `python` is the interpreter.
    fn take_table(&mut self, table: Option<&Node>, path: &ProjectPath, optional: bool) {
        for pair in table.map(Node::pairs).unwrap_or_default() {
            let spec = pair.value.text().or_else(|| pair.value.text_at(&["version"])).unwrap_or_default();
            if pair.key.value == "python" {
                self.name_python(spec, path, pair.value.span);
                continue;
            }
            let optional = optional || pair.value.text_at(&["optional"]) == Some("true");
            if let Some(mut requirement) = Requirement::parse(&pair.key.value, path, pair.key.span, optional)
            {
                spec.clone_into(&mut requirement.spec);
                let extras = pair.value.get("extras").map(Node::items).unwrap_or_default();
                requirement.extras = extras.iter().filter_map(|extra| extra.text()).map(normalised).collect();
                self.requirements.push(requirement);
            }
        }
    }

    fn take_scripts(&mut self, table: Option<&Node>, path: &ProjectPath) {
        for pair in table.map(Node::pairs).unwrap_or_default() {
            let target = pair.value.text().or_else(|| pair.value.text_at(&["callable"]));
            if let Some(target) = target {
                let at = Spot { path: path.clone(), span: pair.value.span };
                self.entry_points.push(EntryPoint {
                    name: pair.key.value.clone(),
                    target: target.to_owned(),
                    at,
                });
            }
        }
    }

    /// The indented lines behind `install_requires =` and `console_scripts =`.
    fn take_setup_cfg(&mut self, path: &ProjectPath, text: &str) {
        let mut key = "";
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let offset = start;
            start += line.len();
            let value = if line.starts_with([' ', '\t']) {
                line
            } else if let Some((name, value)) = line.split_once('=') {
                key = name.trim();
                value
            } else {
                key = "";
                continue;
            };
            let at = offset + line.len() - value.trim_start().len();
            let value = Sited::new(value.trim(), Span::new(at as u32, (at + value.trim().len()) as u32));
            if value.value.is_empty() || value.value.starts_with('#') {
                continue;
            }
            match key {
                "install_requires" => {
                    self.requirements.extend(Requirement::parse(value.value, path, value.span, false));
                }
                "console_scripts" => {
                    if let Some((name, target)) = value.value.split_once('=') {
                        let at = Spot { path: path.clone(), span: value.span };
                        let (name, target) = (name.trim().to_owned(), target.trim().to_owned());
                        self.entry_points.push(EntryPoint { name, target, at });
                    }
                }
                "python_requires" => self.name_python(value.value, path, value.span),
                _ => {}
            }
        }
    }

    /// `setup.py` is a program: only a literal list behind `install_requires=` is read.
    fn take_setup_py(&mut self, path: &ProjectPath, text: &str) {
        let Some(found) = text.find("install_requires") else { return };
        let behind = found + "install_requires".len();
        let rest = text[behind..].trim_start().strip_prefix('=').map(str::trim_start);
        let Some(list) = rest.and_then(|rest| rest.strip_prefix('[')) else {
            self.incomplete = true;
            return;
        };
        let start = text.len() - list.len();
        // Brackets in a text are extras (`"a[b]"`): the list ends at one outside of quotes.
        let mut quote: Option<(char, usize)> = None;
        for (at, c) in list.char_indices() {
            match quote {
                None if c == ']' => return,
                None if matches!(c, '"' | '\'') => quote = Some((c, at + 1)),
                Some((open, from)) if c == open => {
                    let span = Span::new((start + from) as u32, (start + at) as u32);
                    self.requirements.extend(Requirement::parse(&list[from..at], path, span, false));
                    quote = None;
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Memory;
    use super::*;

    fn read(files: &[(&str, &str)]) -> Option<PythonProject> {
        let files = std::sync::Arc::new(Memory::of(files.iter().copied()));
        PythonProject::read(&BuildContext::new(files, &ProjectPath::root()).unwrap(), &ProjectPath::root())
    }

    fn names(project: &PythonProject) -> Vec<String> {
        let show = |r: &Requirement| format!("{}{}", r.name, if r.optional { "?" } else { "" });
        project.requirements.iter().map(show).collect()
    }

    #[test]
    fn requirement_lists_include_others() {
        let project = read(&[
            ("requirements.txt", "flask\n-r deps/base.txt\n-r requirements-dev.txt\n"),
            ("deps/base.txt", "gunicorn\n-r ../requirements.txt\n-r missing.txt\n"),
            ("requirements-dev.txt", "pytest\n"),
        ])
        .unwrap();
        assert_eq!(names(&project), ["pytest?", "flask", "gunicorn"]);
        assert_eq!(project.requirement("Gunicorn").unwrap().at.path.as_str(), "deps/base.txt");
        assert!(project.incomplete);
    }

    #[test]
    fn pyproject_both_ways() {
        let text = r#"[project]
requires-python = ">=3.12"
dependencies = ["Flask>=3", "psycopg2-binary[pool]"]
scripts = { serve = "app.main:run" }
optional-dependencies.dev = ["pytest"]
[tool.poetry.dependencies]
python = "^3.11"
celery = { version = "5", extras = ["redis"] }
[tool.poetry.group.dev.dependencies]
ruff = "*"
"#;
        let project = read(&[("pyproject.toml", text)]).unwrap();
        assert_eq!(names(&project), ["flask", "psycopg2-binary", "pytest?", "celery", "ruff?"]);
        assert_eq!(project.requirement("celery").unwrap().extras, ["redis"]);
        assert_eq!(project.entry_points[0].target, "app.main:run");
        assert_eq!(project.python.as_ref().unwrap().0, ">=3.12");
        let spot = &project.requirement("flask").unwrap().at;
        assert_eq!(&text[spot.span.range()], "\"Flask>=3\"");
    }

    #[test]
    fn pipfile_and_setup() {
        let project = read(&[
            ("Pipfile", "[packages]\nrequests = \"*\"\n[dev-packages]\nblack = \"*\"\n[requires]\npython_version = \"3.12\"\n"),
            ("setup.cfg", "[options]\npython_requires = >=3.9\ninstall_requires =\n    click>=8\n    # no\n    rich\n[options.entry_points]\nconsole_scripts =\n    tool = pkg.cli:main\n"),
            ("setup.py", "setup(install_requires=['six', \"attrs[x]>=1\",\n], extras_require={'a': ['no']})"),
        ])
        .unwrap();
        assert_eq!(names(&project), ["requests", "black?", "click", "rich", "six", "attrs"]);
        assert_eq!(project.entry_points[0].name, "tool");
        assert_eq!(project.python.unwrap().0, "3.12");
        let computed = read(&[("setup.py", "setup(install_requires=read())")]).unwrap();
        assert!(computed.incomplete && computed.requirements.is_empty());
    }

    #[test]
    fn absence_and_errors() {
        assert_eq!(read(&[("app.py", "")]), None);
        let project = read(&[("pyproject.toml", "[project\n"), ("runtime.txt", "python-3.11.4\n")]).unwrap();
        assert_eq!(project.notes[0].line, Some(1));
        assert_eq!(project.python.unwrap().0, "3.11.4");
    }
}
