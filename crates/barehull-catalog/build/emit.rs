//! Writes the tables as Rust: every list a borrowed slice, every text a literal.

use crate::schema::{
    ComponentEntry, ConfigEntry, Date, Ecosystem, EnvEntry, EolTable, Family, ImageEntry, Language, Libc,
    Likeness, List, OsEntry, PackageRow, PackageTable, Release, ReleaseChoice, Replacement, Role,
    RuntimeLibraryTable, Standalone, StartScript, Tables, TagPattern, Text, Tool, ToolImage, Variant,
    VersionRange,
};
use std::fmt::Write;

/// The source of `TABLES`.
pub fn tables(tables: &Tables) -> String {
    let mut out = String::from("pub(crate) static TABLES: Tables = ");
    tables.emit(&mut out);
    out.push_str(";\n");
    out
}

/// A value that can write itself as a constant expression.
trait Emit {
    fn emit(&self, out: &mut String);
}

/// Writes `Name { field: value, ... }`.
fn fields(out: &mut String, name: &str, values: &[(&str, &dyn Emit)]) {
    out.push_str(name);
    out.push_str(" { ");
    for (field, value) in values {
        out.push_str(field);
        out.push_str(": ");
        value.emit(out);
        out.push_str(", ");
    }
    out.push('}');
}

/// Implements `Emit` field by field; the struct's fields all have to be named.
macro_rules! emit_struct {
    ($($name:ident { $($field:ident),* $(,)? })*) => {$(
        impl Emit for $name {
            fn emit(&self, out: &mut String) {
                let Self { $($field),* } = self;
                fields(out, stringify!($name), &[$((stringify!($field), $field as &dyn Emit)),*]);
            }
        }
    )*};
}

/// Implements `Emit` for enums without data: their `Debug` is the variant's name.
macro_rules! emit_enum {
    ($($name:ident)*) => {$(
        impl Emit for $name {
            fn emit(&self, out: &mut String) {
                write!(out, "{}::{self:?}", stringify!($name)).expect("writing to a string");
            }
        }
    )*};
}

emit_enum!(Role Family Libc Ecosystem);

emit_struct! {
    Tables {
        tools, multi_call, os, images, image_patterns, mirrors, packages, eol, runtime_libraries, replacements,
        tool_images, standalone,
    }
    Tool { name, role, versioned }
    OsEntry { family, source, date, libc, merged_usr, merged_usr_since, usual, releases, aliases, packages_like }
    Likeness { family, releases }
    Release { release, codename }
    ImageEntry {
        name, source, date, language, eol, architectures, versions, verified_versions, start_script, config, components,
        variants,
    }
    Language { name, interpreter, version }
    StartScript { name, needs, hands_over }
    VersionRange { from, to }
    Variant {
        tags, from, os, release, verified, packages, components, without, config, minimal, debug_of, libc,
        merged_usr, eol, since, before,
    }
    ReleaseChoice { since, is }
    ComponentEntry { path, package, role, since, before }
    ConfigEntry { env, entrypoint, cmd, user, workdir, expose, volumes, shell, stop_signal, healthcheck }
    EnvEntry { name, value, since, before }
    PackageTable { family, releases, strings, ends, rows, lists }
    PackageRow { name, verified, releases, at }
    EolTable { product, cycles }
    RuntimeLibraryTable { family, releases, verified, packages }
    Replacement { image, source, date, ecosystem, preference, versions, libc, libraries, conditions }
    Standalone { package, family, releases, source, date, programs, with, made }
    ToolImage { name, image, source, date, programs }
    Date { year, month, day }
}

impl Emit for Text {
    fn emit(&self, out: &mut String) {
        write!(out, "Cow::Borrowed({:?})", self.as_ref()).expect("writing to a string");
    }
}

impl Emit for TagPattern {
    fn emit(&self, out: &mut String) {
        write!(out, "TagPattern::constant({:?})", self.as_str()).expect("writing to a string");
    }
}

impl<T: Emit + Clone> Emit for List<T> {
    fn emit(&self, out: &mut String) {
        out.push_str("Cow::Borrowed(&[");
        for value in self.iter() {
            value.emit(out);
            out.push_str(", ");
        }
        out.push_str("])");
    }
}

impl<T: Emit> Emit for Option<T> {
    fn emit(&self, out: &mut String) {
        match self {
            Some(value) => {
                out.push_str("Some(");
                value.emit(out);
                out.push(')');
            }
            None => out.push_str("None"),
        }
    }
}

impl<A: Emit, B: Emit> Emit for (A, B) {
    fn emit(&self, out: &mut String) {
        out.push('(');
        self.0.emit(out);
        out.push_str(", ");
        self.1.emit(out);
        out.push(')');
    }
}

/// Numbers and booleans are written as Rust writes them.
macro_rules! emit_plain {
    ($($name:ident)*) => {$(
        impl Emit for $name {
            fn emit(&self, out: &mut String) {
                write!(out, "{self}").expect("writing to a string");
            }
        }
    )*};
}

emit_plain!(bool u8 u16 u32);
