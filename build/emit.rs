//! Writes matchers as constant expressions.

use crate::schema::{Change, FixTemplate, Group, Held, Matcher, Part, Pattern, Piece, Template, Test, Text};

/// A value that can write itself as a constant expression.
pub trait Emit {
    fn emit(&self) -> String;
}

fn list<T: Emit>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(Emit::emit).collect();
    format!("Cow::Borrowed(&[{}])", items.join(", "))
}

fn text(text: &Text) -> String {
    format!("Cow::Borrowed({text:?})")
}

impl Emit for Pattern {
    fn emit(&self) -> String {
        match self {
            Self::Exact(t) => format!("Pattern::Exact({})", text(t)),
            Self::Prefix(t) => format!("Pattern::Prefix({})", text(t)),
            Self::Suffix(t) => format!("Pattern::Suffix({})", text(t)),
            Self::Contains(t) => format!("Pattern::Contains({})", text(t)),
            Self::Any => "Pattern::Any".to_owned(),
            Self::Regular(never) => match *never {},
        }
    }
}

impl Emit for Test {
    fn emit(&self) -> String {
        let (variant, held) = self.parts();
        let held = match held {
            Held::Patterns(items) => list(items),
            Held::Switch(is_so) => is_so.to_string(),
            Held::Number(number) => number.to_string(),
            Held::Groups(items) => list(items),
            Held::Group(Group { needs, tests }) => {
                format!("Group {{ needs: {needs:?}, tests: {} }}", list(tests))
            }
            Held::Effects(items) => words("EffectName", items),
            Held::Origins(items) => words("Origin", items),
            Held::Modes(items) => words("Mode", items),
        };
        format!("Test::{variant}({held})")
    }
}

fn words<T: std::fmt::Debug>(name: &str, items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("{name}::{item:?}")).collect();
    format!("Cow::Borrowed(&[{}])", items.join(", "))
}

impl Emit for Template {
    fn emit(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(t) => format!("Piece::Text({})", text(t)),
            Piece::Field(field) => format!("Piece::Field(Field::{field:?})"),
        };
        let pieces: Vec<String> = self.0.iter().map(piece).collect();
        format!("Template(Cow::Borrowed(&[{}]))", pieces.join(", "))
    }
}

impl Emit for Change {
    fn emit(&self) -> String {
        let with = |name: &str, part: &Part, with: &Template| {
            format!("Change::{name}(Part::{part:?}, {})", with.emit())
        };
        match self {
            Self::Replace(part, text) => with("Replace", part, text),
            Self::Delete(part) => format!("Change::Delete(Part::{part:?})"),
            Self::InsertBefore(part, text) => with("InsertBefore", part, text),
            Self::InsertAfter(part, text) => with("InsertAfter", part, text),
        }
    }
}

impl Emit for FixTemplate {
    fn emit(&self) -> String {
        let Self { level, title, assumes, change } = self;
        format!(
            "FixTemplate {{ level: FixLevel::{level:?}, title: {}, assumes: {}, change: {} }}",
            title.emit(),
            list(assumes),
            change.emit()
        )
    }
}

impl Emit for Matcher {
    fn emit(&self) -> String {
        let Self { on, reach, tests, needs, group, message, key, fix } = self;
        let fix = fix.as_ref().map_or("None".to_owned(), |fix| format!("Some({})", fix.emit()));
        format!(
            "Matcher {{ on: Trigger::{on:?}, reach: Reach::{reach:?}, tests: {}, needs: {needs:?}, group: {group}, \
             message: {}, key: {}, fix: {fix} }}",
            list(tests),
            message.emit(),
            key.emit()
        )
    }
}
