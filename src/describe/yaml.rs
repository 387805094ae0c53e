//! The entry as YAML that `--catalog` reads. Everything that an image says is quoted unless it is plainly a word.

use std::fmt::Write as _;

use barehull_catalog::schema::{ComponentEntry, Language, Variant};
use barehull_catalog::{ConfigEntry, Role, Text};

use super::Description;

/// Words that YAML of some version takes for something else than text.
const RESERVED: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];

impl Description {
    /// A whole file for `--catalog`, with comments.
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        for line in self.head.iter().chain(&self.remarks) {
            let _ = writeln!(out, "# {}", visible(line));
        }
        let entry = &self.entry;
        let _ = writeln!(out, "images:\n  - name: {}", word(entry.name.as_str()));
        if let Some(language) = &entry.language {
            let _ = writeln!(out, "    language: {}", language_of(language));
        }
        if let Some(eol) = &entry.eol {
            let _ = writeln!(out, "    eol: {}", word(eol));
        }
        if !entry.architectures.is_empty() {
            let _ = writeln!(out, "    architectures: {}", list(&entry.architectures));
        }
        out.push_str("    variants:\n");
        for variant in entry.variants.iter() {
            self.write_variant(&mut out, variant);
        }
        out
    }

    fn write_variant(&self, out: &mut String, variant: &Variant) {
        let tags: Vec<String> = variant.tags.iter().map(|tag| word(tag.as_str())).collect();
        let _ = writeln!(out, "      - tags: [{}]", tags.join(", "));
        let mut set = |key: &str, value: String| {
            let _ = writeln!(out, "        {key}: {value}");
        };
        if let Some(os) = variant.os {
            set("os", os.as_str().to_owned());
        }
        if let Some(release) = variant.release.first() {
            set("release", word(&release.is));
        }
        if let Some(libc) = variant.libc {
            set("libc", libc.as_str().to_owned());
        }
        if let Some(merged) = variant.merged_usr {
            set("merged_usr", merged.to_string());
        }
        for (key, holds) in [("minimal", variant.minimal), ("verified", variant.verified)] {
            if holds {
                set(key, "true".to_owned());
            }
        }
        write_config(out, &variant.config);
        self.write_components(out, &variant.components);
    }

    fn write_components(&self, out: &mut String, components: &[ComponentEntry]) {
        if components.is_empty() {
            return;
        }
        out.push_str("        components:\n");
        let mut group: Option<Role> = None;
        for (component, role) in components.iter().zip(&self.roles) {
            if group.replace(*role) != Some(*role) {
                let _ = writeln!(out, "          # {role}");
            }
            let _ = writeln!(out, "          - {}", component_of(component));
        }
    }
}

fn language_of(language: &Language) -> String {
    let mut fields = vec![format!("name: {}", word(&language.name))];
    fields.extend(language.interpreter.as_ref().map(|path| format!("interpreter: {}", word(path))));
    fields.extend(language.version.as_ref().map(|version| format!("version: {}", word(version))));
    format!("{{ {} }}", fields.join(", "))
}

fn component_of(component: &ComponentEntry) -> String {
    let mut fields = vec![format!("path: {}", word(&component.path))];
    fields.extend(component.package.as_ref().map(|package| format!("package: {}", word(package))));
    fields.extend(component.role.map(|role| format!("role: {role}")));
    match fields.as_slice() {
        [_] => word(&component.path),
        _ => format!("{{ {} }}", fields.join(", ")),
    }
}

fn write_config(out: &mut String, config: &ConfigEntry) {
    let mut lines = Vec::new();
    if !config.env.is_empty() {
        lines.push("env:".to_owned());
        lines.extend(config.env.iter().map(|variable| {
            let value = variable.value.as_ref().map_or_else(|| "~".to_owned(), |value| quoted(value));
            format!("  {}: {value}", word(&variable.name))
        }));
    }
    let mut set = |key: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{key}: {value}")));
    };
    let text = |value: &Option<Text>| value.as_deref().map(word);
    let some = |values: &[Text]| (!values.is_empty()).then(|| list(values));
    set("entrypoint", config.entrypoint.as_deref().map(list));
    set("cmd", config.cmd.as_deref().map(list));
    set("user", text(&config.user));
    set("workdir", text(&config.workdir));
    set("expose", some(&config.expose));
    set("volumes", some(&config.volumes));
    set("shell", config.shell.as_deref().map(list));
    set("stop_signal", text(&config.stop_signal));
    set("healthcheck", config.healthcheck.as_deref().map(list));
    if !lines.is_empty() {
        out.push_str("        config:\n");
        for line in lines {
            let _ = writeln!(out, "          {line}");
        }
    }
}

fn list(values: &[Text]) -> String {
    let words: Vec<String> = values.iter().map(|value| word(value)).collect();
    format!("[{}]", words.join(", "))
}

/// Text, in quotes unless every YAML reader takes it for text.
fn word(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '+' | '-');
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_'));
    let is_reserved = RESERVED.contains(&text.to_ascii_lowercase().as_str());
    if starts_well && text.chars().all(is_safe) && !is_reserved { text.to_owned() } else { quoted(text) }
}

/// In double quotes, on one line, with escapes for everything that YAML does not allow or nobody could see.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_plain(c) => out.push(c),
            c => push_escape(&mut out, c),
        }
    }
    out.push('"');
    out
}

/// A line of a comment, with the same escapes.
fn visible(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if is_plain(c) { out.push(c) } else { push_escape(&mut out, c) }
    }
    out
}

/// Whether a character may stand as it is: what YAML calls printable, without line breaks and what looks like nothing.
fn is_plain(c: char) -> bool {
    !crate::report::escape::is_hostile(c) && !matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

fn push_escape(out: &mut String, c: char) {
    let code = u32::from(c);
    let _ = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_an_image_says_is_read_back(text in any::<String>(), other in "[-a-z0-9.:{}\\[\\]#&*!|>'\"%@`, \n\t~?\u{85}\u{2028}\u{feff}]*") {
            for text in [text, other] {
                let yaml = format!("# {}\nkey: [{}, {{ a: {} }}]\nvalue: {}\n", visible(&text), word(&text), word(&text), quoted(&text));
                let read: serde_yaml::Value = serde_yaml::from_str(&yaml).expect(&yaml);
                prop_assert_eq!(read["key"][0].as_str(), Some(text.as_str()));
                prop_assert_eq!(read["key"][1]["a"].as_str(), Some(text.as_str()));
                prop_assert_eq!(read["value"].as_str(), Some(text.as_str()));
            }
        }
    }

    #[test]
    fn only_words_go_without_quotes() {
        for (text, expected) in [
            ("/usr/bin/curl", "/usr/bin/curl"),
            ("g++", "g++"),
            ("No", "\"No\""),
            ("1.0", "\"1.0\""),
            ("a: b", "\"a: b\""),
            ("", "\"\""),
            ("\u{1b}[2J\u{202e}", "\"\\x1b[2J\\u202e\""),
        ] {
            assert_eq!(word(text), expected);
        }
    }
}
