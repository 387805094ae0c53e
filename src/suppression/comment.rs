//! Comments that say which findings do not count: our own, and those of other tools.

use barehull_syntax::Span;
use barehull_syntax::dockerfile::{DirectiveName, Dockerfile, Keyword, TokenKind};

use crate::rules::{self, RuleMeta};

/// How far a comment reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The whole file.
    File,
    /// These bytes.
    Span(Span),
}

/// A comment that suppresses findings.
#[derive(Clone, Debug)]
pub(super) struct Comment {
    /// Of which rules; none: of all.
    pub(super) rules: Option<Vec<&'static RuleMeta>>,
    pub(super) reach: Reach,
    /// The comment itself.
    pub(super) at: Span,
    /// What the report says.
    pub(super) why: String,
    /// Whether it is one of ours, of which those that hide nothing are reported.
    pub(super) is_own: bool,
    /// Names in a comment of ours that no rule has.
    pub(super) unknown: Vec<String>,
}

/// All of them, in file order.
pub(super) fn comments(dockerfile: &Dockerfile) -> Vec<Comment> {
    let Some(text) = dockerfile.text() else { return Vec::new() };
    // Most files have none.
    if !text.match_indices('#').any(|(at, _)| may_suppress(&text[at..])) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for directive in dockerfile.directives().iter().filter(|d| d.name == DirectiveName::Check) {
        found.extend(of_buildkit(directive.value.text(), directive.span));
    }
    for token in dockerfile.tokens().filter(|token| token.kind == TokenKind::Comment) {
        let written = text[token.span.range()].trim_start_matches('#').trim();
        found.extend(read(written, token.span, dockerfile));
    }
    found
}

/// Whether a comment, or what looks like one, starts as those that suppress do.
fn may_suppress(comment: &str) -> bool {
    let text = comment.trim_start_matches(['#', ' ', '\t']);
    let starts = ["barehull:", "hadolint ", "checkov:", "trivy:", "kics-scan "];
    starts.iter().any(|start| text.starts_with(start))
        || text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("check"))
}

/// `# check=skip=A,B;error=true`.
fn of_buildkit(value: &str, at: Span) -> Option<Comment> {
    let names = value.split(';').find_map(|part| part.trim().strip_prefix("skip="))?;
    let all = names.trim().eq_ignore_ascii_case("all");
    let rules = if all { with_tool("buildkit") } else { equivalents(names) };
    Some(Comment::foreign(rules, Reach::File, at, "check=skip"))
}

fn read(text: &str, at: Span, dockerfile: &Dockerfile) -> Option<Comment> {
    let next = || next_instruction(dockerfile, at).map(Reach::Span);
    if let Some(rest) = text.strip_prefix("barehull:") {
        return own(rest.trim(), at, next());
    }
    if let Some(rest) = text.strip_prefix("hadolint ") {
        let rest = rest.trim();
        let (rest, reach) = match rest.strip_prefix("global") {
            Some(rest) => (rest.trim(), Some(Reach::File)),
            None => (rest, next()),
        };
        let names = rest.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
        let names: String = names.chars().take_while(|c| !matches!(c, '#')).collect();
        return Some(Comment::foreign(equivalents(&names), reach?, at, "hadolint ignore"));
    }
    if let Some(rest) = text.strip_prefix("checkov:skip=") {
        let name = rest.split(':').next()?;
        return Some(Comment::foreign(equivalents(name), Reach::File, at, "checkov:skip"));
    }
    if let Some(rest) = text.strip_prefix("trivy:ignore:") {
        let name = rest.split_whitespace().next()?;
        return Some(Comment::foreign(equivalents(name), Reach::File, at, "trivy:ignore"));
    }
    let command = text.strip_prefix("kics-scan ")?.trim();
    if let Some(names) = command.strip_prefix("disable=") {
        return Some(Comment::foreign(equivalents(names), Reach::File, at, "kics-scan disable"));
    }
    let reach = match command {
        "ignore" => Reach::File,
        "ignore-block" => Reach::Span(block(dockerfile, at)?),
        "ignore-line" => next()?,
        _ => return None,
    };
    let mut comment = Comment::foreign(Vec::new(), reach, at, "kics-scan ignore");
    comment.rules = None;
    Some(comment)
}

/// `ignore=RULE[,RULE] reason`, `ignore-file[=RULE[,RULE]] reason`.
fn own(text: &str, at: Span, next: Option<Reach>) -> Option<Comment> {
    let (rest, reach) = match text.strip_prefix("ignore-file") {
        Some(rest) => (rest, Some(Reach::File)),
        None => (text.strip_prefix("ignore")?, next),
    };
    let (names, reason) = match rest.strip_prefix('=') {
        Some(rest) => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        None => ("", rest),
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match rules::meta(name) {
            Some(rule) => known.push(rule),
            None => unknown.push(name.to_owned()),
        }
    }
    let reason = reason.trim();
    let why = if reason.is_empty() { "ignored by a comment".to_owned() } else { reason.to_owned() };
    // `ignore` alone would hide what nobody thought of.
    let rules = (!names.is_empty() || reach != Some(Reach::File)).then_some(known);
    // Behind the last instruction it reaches nothing.
    let reach = reach.unwrap_or(Reach::Span(Span::at(at.end)));
    Some(Comment { rules, reach, at, why, is_own: true, unknown })
}

impl Comment {
    fn foreign(rules: Vec<&'static RuleMeta>, reach: Reach, at: Span, why: &str) -> Self {
        Self { rules: Some(rules), reach, at, why: why.to_owned(), is_own: false, unknown: Vec::new() }
    }

    /// Whether it speaks of a rule.
    pub(super) fn names(&self, rule: &RuleMeta) -> bool {
        match &self.rules {
            // That a file cannot be built is hidden by nobody who does not say so.
            None => rule.id != "invalid-dockerfile" && rule.id != "unused-suppression",
            Some(rules) => rules.iter().any(|known| known.id == rule.id),
        }
    }
}

/// The rules that ask for what these policies of other tools do.
fn equivalents(names: &str) -> Vec<&'static RuleMeta> {
    let names: Vec<String> = names.split(',').map(|name| normalised(name.trim())).collect();
    let asked = |rule: &&RuleMeta| {
        rule.equivalents.iter().any(|(_, known)| names.iter().any(|name| name.eq_ignore_ascii_case(known)))
            // Rules of ours by their own names.
            || names.iter().any(|name| name == rule.id)
    };
    rules::all().iter().filter(asked).collect()
}

/// `DS002`, `AVD-DS-0002`: `DS-0002`.
fn normalised(name: &str) -> String {
    let short = name.strip_prefix("AVD-").unwrap_or(name);
    match short.strip_prefix("DS-").or_else(|| short.strip_prefix("DS")) {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            format!("DS-{digits:0>4}")
        }
        _ => short.to_owned(),
    }
}

fn with_tool(tool: &str) -> Vec<&'static RuleMeta> {
    rules::all().iter().filter(|rule| rule.equivalents.iter().any(|(known, _)| *known == tool)).collect()
}

/// The instruction that a comment stands in or above.
fn next_instruction(dockerfile: &Dockerfile, at: Span) -> Option<Span> {
    dockerfile.instructions().iter().map(|instruction| instruction.span).find(|span| span.end > at.start)
}

/// What KICS takes for a block: the whole stage, where the comment stands above FROM.
fn block(dockerfile: &Dockerfile, at: Span) -> Option<Span> {
    let mut behind =
        dockerfile.instructions().iter().skip_while(|instruction| instruction.span.end <= at.start);
    let first = behind.next()?;
    if first.keyword != Keyword::From {
        return Some(first.span);
    }
    let next = behind.find(|instruction| instruction.keyword == Keyword::From);
    let end = next.map_or(dockerfile.source().len() as u32, |next| next.span.start);
    Some(Span::new(first.span.start, end))
}
