//! Files that are named by settings and addresses instead of calls.

use super::Language;
use super::calls::Touches;
use super::pieces::Piece;
use super::syntax::Source;
use super::tokens::{Group, Kind};
use super::uses::Uses;
use super::values::values;

/// Settings of one database.
const MAX_SETTINGS: usize = 32;

/// Looks at a name or a text at `at` that may be a setting or an address.
pub(super) fn read(source: &Source<'_>, at: usize, uses: &mut Uses) {
    let t = &source.tokens;
    let text = t.text(at);
    if let Some(name) = source.dialect.settings.iter().find(|name| **name == text) {
        let equals = match t.kind(at) {
            Some(Kind::Word) => at + 1,
            // `config["UPLOAD_FOLDER"] = ...`
            _ if t.group(at + 1) == Some(Group::Square) => at + 2,
            _ => return,
        };
        if t.is(equals, "=") {
            let value = equals + 1..source.expression_end(equals + 1);
            uses.file(source, value, Touches::MayWrite, name, t.span(at..at + 1));
        }
        return;
    }
    if t.kind(at) != Some(Kind::Text) {
        return;
    }
    if let Some((prefix, touches)) =
        source.dialect.addresses.iter().find(|(prefix, _)| text.starts_with(prefix))
    {
        address(source, at, prefix, *touches, uses);
    } else if source.dialect.language == Language::Python && text.ends_with("backends.sqlite3") {
        django_database(source, at, uses);
    }
}

/// `sqlite:///data/app.db`, `file://migrations`.
fn address(source: &Source<'_>, at: usize, prefix: &'static str, touches: Touches, uses: &mut Uses) {
    let t = &source.tokens;
    let start = t.parent(at).filter(|open| t.opens(*open, Group::Quoted)).unwrap_or(at);
    for mut value in values(source, start..source.expression_end(start)) {
        let Some(Piece::Text(text)) = value.first_mut() else { continue };
        let Some(rest) = text.strip_prefix(prefix) else { continue };
        *text = rest.split('?').next().unwrap_or(rest).to_owned();
        if text.is_empty() {
            value.remove(0);
        }
        uses.path(source, &value, touches, prefix, t.span(at..at + 1));
    }
}

/// `{"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}`.
fn django_database(source: &Source<'_>, at: usize, uses: &mut Uses) {
    let t = &source.tokens;
    let Some(open) = t.parent(at).filter(|open| t.opens(*open, Group::Curly)) else { return };
    for item in t.first_items(open, MAX_SETTINGS) {
        if t.text(item.start) == "NAME" && t.is(item.start + 1, ":") {
            let span = t.span(item.clone());
            uses.file(
                source,
                item.start + 2..item.end,
                Touches::MayWrite,
                "django.db.backends.sqlite3",
                span,
            );
        }
    }
}
