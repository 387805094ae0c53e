//! The patterns of `${x#p}`, `${x%p}` and `${x/p/r}`: `*`, `?` and backslash escapes.

use regex::Regex;

use super::word::ExpandError;

/// `value` without the shortest (or longest) start that `pattern` matches.
pub(super) fn trim_prefix(pattern: &str, value: &str, greedy: bool) -> Result<String, ExpandError> {
    let regex = compile(pattern, greedy, true)?;
    let end = regex.find(value).map_or(0, |found| found.end());
    Ok(value[end..].to_owned())
}

/// `value` without the shortest (or longest) end that `pattern` matches.
pub(super) fn trim_suffix(pattern: &str, value: &str, greedy: bool) -> Result<String, ExpandError> {
    // A shortest match at the end is a shortest match at the start of everything reversed.
    let reversed: String = value.chars().rev().collect();
    let rest = trim_prefix(&reverse(pattern), &reversed, greedy)?;
    Ok(rest.chars().rev().collect())
}

/// `value` with the first match of `pattern`, or all of them, replaced.
pub(super) fn replace(
    pattern: &str,
    value: &str,
    replacement: &str,
    all: bool,
) -> Result<String, ExpandError> {
    let regex = compile(pattern, true, false)?;
    if all {
        // BuildKit uses its regular expressions' replacement here, where `$name` is a group.
        return Ok(regex.replace_all(value, replacement).into_owned());
    }
    Ok(regex.replacen(value, 1, regex::NoExpand(replacement)).into_owned())
}

/// The pattern backwards, each escape staying in front of what it escapes.
fn reverse(pattern: &str) -> String {
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next() } else { None };
        parts.push((c, escaped));
    }
    parts.into_iter().rev().flat_map(|(c, escaped)| [Some(c), escaped]).flatten().collect()
}

fn compile(pattern: &str, greedy: bool, anchored: bool) -> Result<Regex, ExpandError> {
    let invalid = || ExpandError::InvalidPattern(pattern.to_owned());
    let mut regex = String::with_capacity(pattern.len() + 4);
    if anchored {
        regex.push('^');
    }
    // Go's scanner skips a byte-order mark.
    let mut chars = pattern.strip_prefix('\u{FEFF}').unwrap_or(pattern).chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str(if greedy { ".*" } else { ".*?" }),
            '?' => regex.push('.'),
            // `}` and `/` are escaped for the sake of `${...}`, not of the pattern.
            '\\' if matches!(chars.peek(), Some('}' | '/')) => {}
            '\\' => match chars.next() {
                Some(c @ ('*' | '?' | '\\')) => regex.extend(['\\', c]),
                _ => return Err(invalid()),
            },
            _ => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    Regex::new(&regex).map_err(|_| invalid())
}
