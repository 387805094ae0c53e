//! Command lines inside any text (scripts, makefiles, YAML, JSON, Groovy): where one starts, and its words.
//!
//! A full shell grammar does not help here: most of these texts are not shell, only parts of them are. What is
//! found is a program's name at the start of a word, and the words behind it on the same logical line.

use barehull_syntax::Span;

use super::super::Sited;
use super::variables::{DOLLAR, balanced};

/// Words of one command.
const MAX_WORDS: usize = 300;
/// Commands of one file.
const MAX_CALLS: usize = 2_000;

/// A command: its words (quotes undone, variables left) and where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub words: Vec<Sited<String>>,
    /// The folder of a `cd` before it on the same line.
    pub folder: Option<String>,
}

impl Call {
    /// From the first word to the last.
    pub fn span(&self) -> Span {
        let first = self.words.first().map_or(Span::default(), |word| word.span);
        self.words.last().map_or(first, |last| first.cover(last.span))
    }
}

/// The calls in `text` of the programs that `is_program` knows, in order. In makefiles (`make`) quotes do not keep
/// variables from being replaced.
pub(super) fn calls(text: &str, make: bool, is_program: impl Fn(&str) -> bool) -> Vec<Call> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut skip_until = 0;
    for line in text.split_inclusive('\n') {
        let offset = start;
        start += line.len();
        let lead = line.trim_start();
        if lead.starts_with('#') || lead.starts_with("//") || lead.starts_with("* ") || offset < skip_until {
            continue;
        }
        let mut quotes = Quotes::default();
        for (at, name) in names(line) {
            if offset + at < skip_until || !is_program(name) || found.len() == MAX_CALLS {
                continue;
            }
            quotes.read(line, at);
            let flow = quotes.open.is_none() && is_in_flow_list(&line[..at]);
            let mut splitter =
                Splitter { text, at: offset + at, outer: quotes.open, flow, make, words: Vec::new() };
            splitter.run();
            skip_until = splitter.at;
            found.push(Call { words: splitter.words, folder: folder_before(&line[..at]) });
        }
    }
    found
}

/// Starts and texts of what may be a program's name: runs of its characters behind a blank, quote or operator.
fn names(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let takes = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].find(takes)?;
        let len = line[start..].find(|c| !takes(c)).unwrap_or(line.len() - start);
        at = start + len;
        Some((start, &line[start..at]))
    })
    .filter(move |(start, name)| {
        let before = line[..*start].chars().next_back();
        let after = line[start + name.len()..].chars().next();
        before.is_none_or(|c| {
            c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '(' | '@' | ';' | '&' | '|' | '!' | '[')
        }) && after.is_none_or(|c| c.is_whitespace() || matches!(c, '\\' | '"' | '\''))
    })
}

/// Which quote is open at a place of a line, read from left to right.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    escaped: bool,
    read: usize,
}

impl Quotes {
    fn read(&mut self, line: &str, to: usize) {
        for c in line[self.read..to].chars() {
            match (self.open, c) {
                _ if self.escaped => self.escaped = false,
                (_, '\\') => self.escaped = true,
                (None, '"' | '\'') => self.open = Some(c),
                (Some(quote), c) if c == quote => self.open = None,
                _ => {}
            }
        }
        self.read = to;
    }
}

/// Whether `before` opens a list such as `script: [` and does not close it. A bracket of the shell stands behind no colon.
fn is_in_flow_list(before: &str) -> bool {
    before.rfind(": [").is_some_and(|at| !before[at..].contains(']'))
}

/// The folder of the last `cd folder &&` in `before`, of which only the end is looked at.
fn folder_before(before: &str) -> Option<String> {
    let near = before.len().saturating_sub(300);
    let start = (near..=before.len()).find(|at| before.is_char_boundary(*at))?;
    let mut folders = before[start..].split(['&', ';']).filter_map(|part| {
        let (lead, folder) = part.trim().rsplit_once("cd ")?;
        (lead.is_empty() || lead.ends_with([' ', '"', '\'', '@', '(']))
            .then(|| folder.trim().trim_matches(['"', '\'']))
    });
    folders.next_back().filter(|folder| !folder.is_empty() && !folder.contains(' ')).map(str::to_owned)
}

/// The words of a text that is one command, as compose files split it.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut splitter = Splitter { text, at: 0, outer: None, flow: false, make: false, words: Vec::new() };
    while splitter.at < text.len() && splitter.words.len() < MAX_WORDS {
        if let Some(word) = splitter.word(false) {
            splitter.words.push(word);
        } else {
            splitter.at += splitter.rest().chars().next().map_or(1, char::len_utf8);
        }
    }
    splitter.words.into_iter().map(|word| word.value).collect()
}

struct Splitter<'a> {
    text: &'a str,
    at: usize,
    outer: Option<char>,
    /// In a list of YAML in brackets, which ends plain text at `]` and at a comma.
    flow: bool,
    make: bool,
    words: Vec<Sited<String>>,
}

impl Splitter<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn run(&mut self) {
        while self.words.len() < MAX_WORDS {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            self.at += blank;
            let continued = self.continuation();
            if continued > 0 {
                self.at += continued;
                continue;
            }
            // A comment, or the end: an operator, the line, the quote around it all.
            if self.rest().starts_with('#') && blank > 0 {
                return;
            }
            match self.word(true) {
                Some(word) => self.words.push(word),
                None => return,
            }
        }
    }

    /// Bytes of a backslash and line end, if the text goes on behind one.
    fn continuation(&self) -> usize {
        ["\\\n", "\\\r\n"].iter().find(|mark| self.rest().starts_with(**mark)).map_or(0, |mark| mark.len())
    }

    /// One word; nothing at an operator or an end. With `shell` false operators are characters like others.
    fn word(&mut self, shell: bool) -> Option<Sited<String>> {
        let start = self.at;
        let mut value = String::new();
        let mut quote: Option<char> = None;
        while let Some(c) = self.rest().chars().next() {
            let len = c.len_utf8();
            if self.continuation() > 0 && quote.is_none() {
                break;
            }
            // Inside of an outer quote the inner ones are escaped.
            let escaped_quote = self.outer == Some('"') && self.rest().starts_with("\\\"");
            match (quote, c) {
                _ if escaped_quote => {
                    quote = if quote == Some('"') { None } else { Some('"') };
                    self.at += 2;
                    continue;
                }
                (_, c) if self.outer == Some(c) => break,
                (Some(open), c) if c == open => quote = None,
                (Some('"'), '\\') if self.rest()[1..].starts_with(['"', '\\', '$', '`']) => {
                    value.extend(self.rest()[1..].chars().next().map(literal));
                    self.at += 2;
                    continue;
                }
                (Some('"') | None, '$') if self.rest()[1..].starts_with(['{', '(']) => {
                    let open = if self.rest()[1..].starts_with('{') { ('{', '}') } else { ('(', ')') };
                    let end = 2 + balanced(&self.rest()[2..], open.0, open.1);
                    value.push_str(&self.text[self.at..self.at + end]);
                    self.at += end;
                    continue;
                }
                (Some(open), c) => {
                    // A quote that is not closed on its line was none.
                    if c == '\n' {
                        break;
                    }
                    let literal = c == '$' && open == '\'' && !self.make && !self.rest().starts_with("${{");
                    value.push(if literal { DOLLAR } else { c });
                }
                (None, '"' | '\'') => quote = Some(c),
                (None, c) if c.is_whitespace() => break,
                (None, '\\') => {
                    value.extend(self.rest()[1..].chars().next().map(literal));
                    let next = self.rest()[1..].chars().next().map_or(0, char::len_utf8);
                    self.at += 1 + next;
                    continue;
                }
                (None, ';' | '&' | '|' | ')' | '<' | '>') if shell => {
                    // `2>`: the number belongs to the redirection.
                    let number = c == '>' && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                    if number {
                        return None;
                    }
                    break;
                }
                (None, '`') if shell => break,
                (None, ']') if self.flow => break,
                (None, ',') if self.flow && self.rest()[1..].starts_with(char::is_whitespace) => break,
                (None, c) => value.push(c),
            }
            self.at += len;
        }
        (self.at > start).then(|| Sited::new(value, Span::new(start as u32, self.at as u32)))
    }
}

/// A character that a backslash keeps as it is.
fn literal(c: char) -> char {
    if c == '$' { DOLLAR } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let calls = calls(text, false, |name| name == "docker");
        let show = |call: Call| {
            let words: Vec<_> = call.words.iter().map(|word| word.value.as_str()).collect();
            let folder = call.folder.map(|folder| format!("{folder}: ")).unwrap_or_default();
            format!("{folder}{}", words.join("|"))
        };
        calls.into_iter().map(show).collect()
    }

    #[test]
    fn commands_in_all_kinds_of_text() {
        let table: &[(&str, &[&str])] = &[
            ("docker build -t a .\n", &["docker|build|-t|a|."]),
            ("\t@docker build \\\n\t  -t $(IMAGE) \\\r\n  .\n", &["docker|build|-t|$(IMAGE)|."]),
            (
                "    - run: docker build -t \"a b\" . && docker push x\n",
                &["docker|build|-t|a b|.", "docker|push|x"],
            ),
            ("  sh 'docker run --rm x sh -c \"a; b\"'\n", &["docker|run|--rm|x|sh|-c|a; b"]),
            ("\"build\": \"docker run -e \\\"A=b c\\\" x\",\n", &["docker|run|-e|A=b c|x"]),
            ("cd web && docker build .\n", &["web: docker|build|."]),
            ("if ! docker run x > /dev/null 2>&1; then\n", &["docker|run|x"]),
            ("docker run x 2>&1 | tee\n", &["docker|run|x"]),
            ("X=$(docker run x cat y)\n", &["docker|run|x|cat|y"]),
            (
                "docker run ${{ env.IMAGE }}:${TAG:-a b} $(echo x y) z # c\n",
                &["docker|run|${{ env.IMAGE }}:${TAG:-a b}|$(echo x y)|z"],
            ),
            ("docker run -v \"$PWD\":/x y\n", &["docker|run|-v|$PWD:/x|y"]),
            ("# docker build .\n// docker build .\n", &[]),
            ("apt install docker-ce; my-docker x; docker.io/x; a/docker\n", &[]),
            ("docker\n", &["docker"]),
            (
                "script: [docker build -t a ., docker push a, \"docker run a b, c]\"]\n",
                &["docker|build|-t|a|.", "docker|push|a", "docker|run|a|b,|c]"],
            ),
            ("script: [make]\nif: [ -n x ] && docker run a,b [c]\n", &["docker|run|a,b|[c]"]),
            ("sudo docker exec -it x sh\n", &["docker|exec|-it|x|sh"]),
            ("docker build 'unclosed\nnext\n", &["docker|build|unclosed"]),
        ];
        for (text, expected) in table {
            assert_eq!(found(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn words_know_their_bytes() {
        let text = "x: docker run \\\n  'a b' c";
        let call = &calls(text, false, |name| name == "docker")[0];
        assert_eq!(&text[call.words[2].span.range()], "'a b'");
        assert_eq!(&text[call.span().range()], &text[3..]);
    }

    #[test]
    fn compose_commands_are_split_without_a_shell() {
        assert_eq!(split("sh -c \"a && b\""), ["sh", "-c", "a && b"]);
        assert_eq!(split("a && b\n 'c d' ''"), ["a", "&&", "b", "c d", ""]);
        assert!(split("  ").is_empty());
    }

    #[test]
    fn work_is_bounded() {
        let many = "docker x; ".repeat(100_000);
        assert_eq!(calls(&many, false, |name| name == "docker").len(), MAX_CALLS);
        let open = "docker $(".repeat(50_000);
        assert!(!calls(&open, false, |name| name == "docker").is_empty());
        let quotes = "docker \"".repeat(50_000);
        assert!(!calls(&quotes, false, |name| name == "docker").is_empty());
    }
}
