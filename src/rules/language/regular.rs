//! Regular expressions of users' rules. Built-in rules compare.

use regex::{Regex, RegexBuilder};

/// Bytes that one expression may take, compiled.
const MAX_COMPILED: usize = 256 << 10;

/// An expression, compiled when the rule is read.
#[derive(Clone, Debug)]
pub struct Regular(Regex);

impl Regular {
    /// Compiles an expression.
    ///
    /// # Errors
    /// If it cannot be read, or is too large.
    pub fn new(source: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(source).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).build();
        built.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => format!("the regular expression /{source}/ is too large"),
            error => {
                let last = error.to_string().lines().last().unwrap_or_default().to_owned();
                format!("the regular expression /{source}/ cannot be read: {last}")
            }
        })
    }

    /// Whether it holds anywhere in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}
