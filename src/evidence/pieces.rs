//! Texts and paths of which only parts are known.

/// Values that one expression may have.
pub(super) const MAX_VALUES: usize = 8;

/// Part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text that is in the source.
    Text(String),
    /// Something that is known only at run time.
    Hole,
    /// The working directory.
    Here,
    /// The source file itself, or the folder so many steps above it.
    Code {
        /// Steps up: 0 is the file.
        up: usize,
    },
    /// The program that runs this source: the interpreter's own path.
    Own,
}

/// A text, put together from pieces.
pub(super) type Value = Vec<Piece>;

/// The text of a value without holes.
pub(super) fn whole_text(value: &Value) -> Option<String> {
    value.iter().map(|piece| if let Piece::Text(text) = piece { Some(text.as_str()) } else { None }).collect()
}

/// The path that a value names in the source file `file`, and with a `/` behind it the folder of one whose end is
/// known only at run time. What is built from the file's own place is put together with that.
pub(super) fn path_text(value: &Value, file: &str) -> Option<String> {
    let mut path = String::new();
    let mut cut = false;
    for piece in value {
        match piece {
            Piece::Text(text) => path.push_str(text),
            Piece::Here | Piece::Code { .. } => {}
            Piece::Hole | Piece::Own => {
                path.truncate(path.rfind('/').map_or(0, |at| at + 1));
                cut = true;
                break;
            }
        }
    }
    let mut whole = match value.first()? {
        Piece::Here => path.trim_start_matches('/').to_owned(),
        Piece::Code { up } => from_code(file, *up, &path),
        _ if path.is_empty() => return None,
        _ => return Some(path),
    };
    if whole.is_empty() {
        whole.push('.');
    }
    if cut && !whole.ends_with('/') {
        whole.push('/');
    }
    Some(whole)
}

/// The path that `rest` leads to from `up` steps above `file`; `..` is resolved by name.
fn from_code(file: &str, up: usize, rest: &str) -> String {
    let mut names: Vec<&str> = file.split('/').filter(|name| !name.is_empty()).collect();
    let steps = std::iter::repeat_n("..", up).chain(rest.split('/'));
    for step in steps.filter(|step| !matches!(*step, "" | ".")) {
        if step == ".." && names.last().is_some_and(|name| *name != "..") {
            names.pop();
        } else {
            names.push(step);
        }
    }
    names.join("/")
}

/// Nothing is known.
pub(super) fn unknown() -> Vec<Value> {
    vec![vec![Piece::Hole]]
}

/// All ways to put one value of each term together, as many as are looked at.
pub(super) fn combine(terms: &[Vec<Value>], put: impl Fn(&mut Value, &Value)) -> Vec<Value> {
    let mut whole = vec![Value::new()];
    for term in terms {
        let mut next = Vec::new();
        for (start, value) in whole.iter().flat_map(|s| term.iter().map(move |v| (s, v))).take(MAX_VALUES) {
            let mut start = start.clone();
            put(&mut start, value);
            next.push(start);
        }
        whole = next;
    }
    whole.retain(|value| !value.is_empty());
    if whole.is_empty() { unknown() } else { whole }
}

/// The folder that a path is in.
pub(super) fn folder_of(path: &Value) -> Value {
    match path.as_slice() {
        [Piece::Code { up }] => vec![Piece::Code { up: up + 1 }],
        // The program beside its files.
        [Piece::Own] => vec![Piece::Here],
        [before @ .., Piece::Text(text)] if text.contains('/') && !text.ends_with('/') => {
            let folder = text.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            before.iter().cloned().chain([Piece::Text(folder)]).collect()
        }
        _ => vec![Piece::Hole],
    }
}

/// Appends a step to a path.
pub(super) fn join(path: &mut Value, step: &Value, absolute_restarts: bool) {
    if absolute_restarts && matches!(step.first(), Some(Piece::Text(text)) if text.starts_with('/')) {
        path.clear();
    }
    if path.is_empty() {
        path.extend(step.iter().cloned());
        return;
    }
    if !matches!(path.last(), Some(Piece::Text(text)) if text.ends_with('/')) {
        path.push(Piece::Text("/".to_owned()));
    }
    let mut step = step.iter().cloned();
    match step.next() {
        Some(Piece::Text(text)) => path.push(Piece::Text(text.trim_start_matches('/').to_owned())),
        Some(other) => path.push(other),
        None => {}
    }
    path.extend(step);
}

/// A text whose places (`%s`, `{name}`) are filled at run time.
pub(super) fn filled(value: &Value, mark: char) -> Value {
    let mut pieces = Value::new();
    for piece in value {
        let Piece::Text(text) = piece else {
            pieces.push(piece.clone());
            continue;
        };
        let mut parts = text.split(mark);
        pieces.push(Piece::Text(parts.next().unwrap_or_default().to_owned()));
        for part in parts {
            pieces.push(Piece::Hole);
            let rest = match mark {
                '{' => part.split_once('}').map_or("", |(_, rest)| rest),
                _ => part.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).get(1..).unwrap_or_default(),
            };
            pieces.push(Piece::Text(rest.to_owned()));
        }
    }
    pieces
}
