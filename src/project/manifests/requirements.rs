//! Python requirement lines: `requirements.txt` and the lists of other manifests.

use barehull_syntax::Span;

use super::super::{ProjectPath, Spot};

/// One package that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Its name, normalised as PyPI does: lower case, `-` for every run of `-`, `_` and `.`.
    pub name: String,
    /// `[extras]`.
    pub extras: Vec<String>,
    /// What follows: versions, an address, a marker; as written.
    pub spec: String,
    /// Where it stands.
    pub at: Spot,
    /// Whether only development, tests or an extra ask for it.
    pub optional: bool,
}

impl Requirement {
    /// Reads `flask[async]>=2.0; python_version > "3"`; nothing if it does not start with a name.
    pub(super) fn parse(text: &str, path: &ProjectPath, span: Span, optional: bool) -> Option<Self> {
        let text = text.trim();
        let end = text
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return None;
        }
        let rest = rest.trim_start();
        let (extras, spec) = match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((extras, spec)) => (extras, spec),
            None => ("", rest),
        };
        let extras =
            extras.split(',').map(str::trim).filter(|extra| !extra.is_empty()).map(normalised).collect();
        let at = Spot { path: path.clone(), span };
        Some(Self { name: normalised(name), extras, spec: spec.trim().to_owned(), at, optional })
    }
}

/// A package's name as PyPI compares it (PEP 503).
pub(super) fn normalised(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// What a line of a requirements file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A package.
    Package(Requirement),
    /// `-r file`: more of them there.
    Include(String),
    /// Something whose package has no name here: `-e .`, an address, a file.
    Unnamed,
}

/// The lines of a requirements file that ask for something.
pub(super) fn lines(text: &str, path: &ProjectPath, optional: bool) -> Vec<Line> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let offset = start;
        start += line.len();
        // A comment starts the line or follows a blank; addresses have `#` in them.
        let code = match line.find('#') {
            Some(0) => "",
            Some(at) if line[..at].ends_with([' ', '\t']) => &line[..at],
            _ => line,
        };
        let lead = code.len() - code.trim_start().len();
        let code = code.trim().trim_end_matches('\\').trim_end();
        let span = Span::new((offset + lead) as u32, (offset + lead + code.len()) as u32);
        let option = |names: &[&str]| {
            let value = names.iter().find_map(|name| code.strip_prefix(name))?;
            value.starts_with([' ', '=', '\t']).then(|| value.trim_start_matches(['=', ' ', '\t']).to_owned())
        };
        if code.is_empty() || code.starts_with("--hash") {
            continue;
        }
        if let Some(file) = option(&["--requirement", "-r"]) {
            found.push(Line::Include(file));
        } else if option(&["--editable", "-e"]).is_some() {
            found.push(Line::Unnamed);
        } else if code.starts_with('-') {
            // Indexes, constraints: nothing is installed by them.
        } else if code.starts_with(['.', '/']) || code.contains("://") && !code.contains(" @ ") {
            found.push(Line::Unnamed);
        } else {
            // Options may follow a requirement (`--hash=…`).
            let code = code.split(" --").next().unwrap_or(code);
            found.push(Requirement::parse(code, path, span, optional).map_or(Line::Unnamed, Line::Package));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_file() {
        let text = "# c\nFlask_SQL.Alchemy[async, x]>=2.0 # why\n-r base.txt\n--requirement=more.txt\n-e .\n./local\ngit+https://x/y.git#egg=z\npkg @ https://x/y.whl\n--index-url https://x\n-c c.txt\nnumpy==1.26 ; python_version < '3.13' \\\n    --hash=sha256:00\n\npillow --hash=sha256:0\n";
        let path = ProjectPath::new("requirements.txt").unwrap();
        let shown: Vec<_> = lines(text, &path, false)
            .into_iter()
            .map(|line| match line {
                Line::Package(r) => {
                    format!("{} {:?} {} | {}", r.name, r.extras, r.spec, &text[r.at.span.range()])
                }
                Line::Include(file) => format!("include {file}"),
                Line::Unnamed => "unnamed".to_owned(),
            })
            .collect();
        let expected = [
            "flask-sql-alchemy [\"async\", \"x\"] >=2.0 | Flask_SQL.Alchemy[async, x]>=2.0",
            "include base.txt",
            "include more.txt",
            "unnamed",
            "unnamed",
            "unnamed",
            "pkg [] @ https://x/y.whl | pkg @ https://x/y.whl",
            "numpy [] ==1.26 ; python_version < '3.13' | numpy==1.26 ; python_version < '3.13'",
            "pillow []  | pillow --hash=sha256:0",
        ];
        assert_eq!(shown, expected);
    }
}
