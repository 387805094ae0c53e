//! "Did you mean ...?"

use super::instruction::Keyword;

/// Words this many edits apart or more are not alike.
const TOO_FAR: usize = 3;

/// The option closest to `word`, if it is close.
pub(super) fn closest<'a>(word: &str, options: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().take(64).count();
    options
        .filter(|option| option.len().abs_diff(length) < TOO_FAR)
        .map(|option| (strsim::levenshtein(word, option), option))
        .filter(|(distance, _)| *distance < TOO_FAR)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, option)| option)
}

/// The instruction closest to `word`, in its letter case: lower if all of the word is.
pub(super) fn instruction(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let names: Vec<String> = Keyword::ALL.iter().map(|(_, name)| name.to_lowercase()).collect();
    let found = closest(&lower, names.iter().map(String::as_str))?;
    let is_upper = word != lower && word == word.to_uppercase();
    Some(if is_upper { found.to_uppercase() } else { found.to_owned() })
}

/// The suggestion as BuildKit words it.
pub(super) fn hint(option: Option<&str>) -> String {
    option.map_or_else(String::new, |option| format!(" (did you mean {option}?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_words_are_suggested_in_the_same_letter_case() {
        assert_eq!(instruction("NOPE").as_deref(), Some("COPY"));
        assert_eq!(instruction("Frm").as_deref(), Some("from"));
        assert_eq!(instruction("ENTRYPOIN").as_deref(), Some("ENTRYPOINT"));
        assert_eq!(instruction("APT-GET"), None);
        assert_eq!(instruction(""), None);
    }
}
