//! What names and values of secrets look like. What a secret is, is told; the secret itself never is.

/// Parts of variable names that stand before secrets.
const SECRET_WORDS: [&str; 14] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "SECRET_KEY",
    "MASTER_KEY",
    "ENCRYPTION_KEY",
    "SECRET_KEY_BASE",
    "CREDENTIALS",
];
/// Words in names of switches, and of what everybody may know.
const HARMLESS_WORDS: [&str; 16] = [
    "ALLOW", "DISABLE", "DISABLED", "EMPTY", "ENABLE", "ENABLED", "NO", "PUBLIC", "RANDOM", "REQUIRE",
    "REQUIRED", "SKIP", "USE", "WITHOUT", "MIN", "MAX",
];
/// Parts of values that nobody would use for real.
const PLACEHOLDERS: [&str; 12] = [
    "please",
    "insert",
    "changeme",
    "change-me",
    "change_me",
    "example",
    "placeholder",
    "xxx",
    "your",
    "dummy",
    "todo",
    "replace",
];
/// Passwords of examples and of databases that live for one test.
const TEST_VALUES: [&str; 12] = [
    "password", "passwd", "pass", "secret", "test", "testing", "postgres", "user", "username", "mysql",
    "token", "guest",
];

/// Whether a variable of this name holds a secret: its last words say so, and none says the opposite.
pub(crate) fn names_secret(name: &str) -> bool {
    let name = name.trim().trim_start_matches("export ");
    if !SECRET_WORDS.iter().any(|word| ends_with(name.as_bytes(), word.as_bytes())) {
        return false;
    }
    let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let last = |word: &str| {
        name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('_'))
            // `dbPassword`, `MYPASSWORD`: long words need no separator.
            || (word.len() > 7 && name.ends_with(word))
    };
    // What a browser gets is no secret.
    let is_public =
        ["REACT_APP_", "NEXT_PUBLIC_", "VITE_", "NUXT_PUBLIC_"].iter().any(|start| name.starts_with(start));
    !is_public
        && SECRET_WORDS.iter().any(|word| last(word))
        && !name.split('_').any(|word| HARMLESS_WORDS.contains(&word))
}

/// Whether a name ends with a word in capitals, whatever its letter case and what separates its words.
fn ends_with(name: &[u8], word: &[u8]) -> bool {
    let as_written = |b: &u8| if matches!(b, b'-' | b'.') { b'_' } else { b.to_ascii_uppercase() };
    name.len() >= word.len() && name.iter().rev().map(as_written).zip(word.iter().rev()).all(|(a, b)| a == *b)
}

/// Whether a value is more than a blank, a reference to something else or a word that is to be replaced.
pub(crate) fn is_real(value: &str) -> bool {
    let value = value.trim().trim_end_matches(',').trim_matches(['"', '\'']);
    let lower = value.to_ascii_lowercase();
    let is_switch = matches!(lower.as_str(), "true" | "false" | "yes" | "no" | "none" | "null" | "0" | "1");
    // `xxxxxx`, `0000-0000`: nobody's.
    let mut letters = value.bytes().filter(u8::is_ascii_alphanumeric);
    let first = letters.next();
    let is_varied = letters.any(|b| Some(b) != first);
    value.len() > 3
        && is_varied
        && !is_switch
        && !value.starts_with(['$', '<', '{', '/', '#'])
        && !PLACEHOLDERS.iter().any(|part| lower.contains(part))
}

/// `https://user:password@host`.
pub(crate) fn has_login(text: &str) -> bool {
    // Nearly all have none: one character is found faster than three.
    text.contains('@')
        && text.match_indices("://").any(|(at, _)| {
            let authority = text[at + 3..].split(['/', '\n', ' ', '"']).next().unwrap_or_default();
            let login = authority.rsplit_once('@').map(|(login, _)| login);
            login.and_then(|login| login.split_once(':')).is_some_and(|(_, password)| is_real(password))
        })
}

/// The same, where neither the password nor the host is one of a test.
pub(crate) fn has_real_login(text: &str) -> bool {
    let tested = |part: &str| TEST_VALUES.contains(&part.to_ascii_lowercase().as_str());
    has_login(text)
        && text.match_indices("://").any(|(at, _)| {
            let authority = text[at + 3..].split(['/', '\n', ' ', '"', '\'']).next().unwrap_or_default();
            let Some((login, host)) = authority.rsplit_once('@') else { return false };
            let host = host.split(':').next().unwrap_or_default();
            let (user, password) = login.split_once(':').unwrap_or(("", ""));
            let is_local = host.is_empty()
                || !host.contains('.')
                || host.starts_with("127.")
                || host.contains("example");
            !password.contains('$') && is_real(password) && !tested(password) && user != password && !is_local
        })
}

/// Whether a word is one of those that examples and tests use.
pub(crate) fn is_test_value(value: &str) -> bool {
    TEST_VALUES.contains(&value.to_ascii_lowercase().as_str())
}

/// How tokens of well-known services start, how many characters follow at least, and what they are.
const TOKENS: [(&str, usize, &str); 14] = [
    ("ghp_", 36, "a token of GitHub"),
    ("gho_", 36, "a token of GitHub"),
    ("ghs_", 36, "a token of GitHub"),
    ("github_pat_", 60, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("npm_", 36, "a token of npm"),
    ("pypi-AgEI", 50, "a token of PyPI"),
    ("dckr_pat_", 24, "a token of Docker Hub"),
    ("xoxb-", 24, "a token of Slack"),
    ("xoxp-", 24, "a token of Slack"),
    ("sk_live_", 20, "a key of Stripe"),
    ("AKIA", 16, "an access key of AWS"),
    ("AIza", 35, "a key of Google"),
    ("hf_", 34, "a token of Hugging Face"),
];

/// The shortest of them.
const SHORTEST_TOKEN: usize = 20;

/// The first token of a well-known service in a text: its place and what it is.
pub(crate) fn token_in(text: &str) -> Option<(std::ops::Range<usize>, &'static str)> {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let bytes = text.as_bytes();
    // Where a word starts. Most are short: looked at from behind, they are passed over at once.
    let mut at = 0;
    while let Some(window) = bytes.get(at..at + SHORTEST_TOKEN) {
        if let Some(end) = window.iter().rposition(|b| !is_part(b)) {
            at += end + 1;
            continue;
        }
        let len = bytes[at..].iter().take_while(|b| is_part(b)).count();
        if let Some(what) = token(&text[at..at + len]) {
            return Some((at..at + len, what));
        }
        at += len + 1;
    }
    None
}

/// What a word is, if it is a token.
fn token(word: &str) -> Option<&'static str> {
    TOKENS.iter().find_map(|(start, least, what)| {
        let rest = word.strip_prefix(start)?.as_bytes();
        let upper = rest.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let fits = rest.len() >= *least && (*start != "AKIA" || (rest.len() == *least && upper));
        // `xxxx...`, `0000...`: nobody's.
        let varied = || rest.iter().collect::<std::collections::BTreeSet<_>>().len() > 5;
        (fits && varied()).then_some(*what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_end_with_what_they_are() {
        for (name, expected) in [
            ("DB_PASSWORD", true),
            ("NPM_TOKEN", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("SECRET_KEY_BASE", true),
            ("dbPassword", true),
            ("AWS_ACCESS_KEY_ID", false),
            ("DB_PASSWORD_FILE", false),
            ("TOKENIZERS_PARALLELISM", false),
            ("MYSQL_ALLOW_EMPTY_PASSWORD", false),
            ("GPG_KEY", false),
            ("PUBLIC_TOKEN", false),
            ("REACT_APP_MAPBOX_TOKEN", false),
            ("ANSIBLE_VAULT_PASSWORD_FILE", false),
        ] {
            assert_eq!(names_secret(name), expected, "{name}");
        }
    }

    #[test]
    fn logins_of_tests_are_none() {
        assert!(has_login("https://me:s3cr3t-value@git.example.org/x"));
        assert!(!has_login("https://git.example.org/me:x@y"));
        assert!(has_real_login("https://bob:hunter22@git.corp.io/x"));
        for text in [
            "postgres://u:hunter22@localhost/x",
            "https://u:password@git.corp.io",
            "https://u:$P@git.corp.io",
        ] {
            assert!(!has_real_login(text), "{text}");
        }
        assert_eq!(token_in("a ghp_0123456789abcdefghijklmnopqrstuvwxyz b").map(|t| t.0), Some(2..42));
        assert_eq!(token_in("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), None);
        assert_eq!(token_in("echo npm_config_registry=https://registry.example.com/npm"), None);
    }
}
