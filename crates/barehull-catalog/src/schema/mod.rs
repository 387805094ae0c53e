//! The catalog's data as written in YAML: the same types hold the built-in tables (borrowed, constant) and a
//! user's file (owned). `build.rs` includes this module, so nothing here may depend on the rest of the crate.
//!
//! `data/README.md` describes the form.

mod date;
mod ecosystem;
mod eol;
mod image;
mod os;
mod package;
mod package_table;
mod reference;
mod replacement;
mod role;
mod standalone;
mod tables;
mod tag;
mod tool;
mod tool_image;
mod version;

pub use date::{Date, DateError};
pub use ecosystem::Ecosystem;
pub use eol::{EolProduct, RuntimeLibrarySet};
pub use image::{
    ComponentEntry, ConfigEntry, EnvEntry, ImageEntry, Language, Mirror, ReleaseChoice, StartScript, Variant,
    VersionRange,
};
pub use os::{Family, Libc, Likeness, OsEntry, Release};
pub use package::{PackageEntry, PackageSetEntry};
pub use package_table::{PackageLists, PackageRow, PackageTable};
pub use reference::{ImageRef, ImageRefError};
pub use replacement::Replacement;
pub use role::Role;
pub use standalone::Standalone;
pub use tables::{EolTable, Problem, RuntimeLibraryTable, Tables, Tool};
pub use tag::{Captures, TagError, TagPattern, TagWords};
pub use tool::{MultiCall, ToolGroup};
pub use tool_image::ToolImage;
pub use version::compare_versions;

use std::borrow::Cow;

/// Text that is constant in the built-in tables and owned in a user's.
pub type Text = Cow<'static, str>;
/// A list that is constant in the built-in tables and owned in a user's.
pub type List<T> = Cow<'static, [T]>;

/// One YAML file: any of these keys.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CatalogFile {
    /// Executable to role.
    pub tools: Vec<ToolGroup>,
    /// Binaries of many names.
    pub multi_call: Vec<MultiCall>,
    /// Families and releases.
    pub os: Vec<OsEntry>,
    /// What references mean.
    pub images: Vec<ImageEntry>,
    /// Repositories under another name.
    pub mirrors: Vec<Mirror>,
    /// Packages of distributions.
    pub packages: Vec<PackageSetEntry>,
    /// End-of-life dates.
    pub eol: Vec<EolProduct>,
    /// What `-dev` packages need at run time.
    pub runtime_libraries: Vec<RuntimeLibrarySet>,
    /// Minimal bases.
    pub replacements: Vec<Replacement>,
    /// Images for work beside an application.
    pub tool_images: Vec<ToolImage>,
    /// Packages whose programs need little beside their own files.
    pub standalone: Vec<Standalone>,
}

impl CatalogFile {
    /// Adds everything of `other`.
    pub fn extend(&mut self, other: Self) {
        self.tools.extend(other.tools);
        self.multi_call.extend(other.multi_call);
        self.os.extend(other.os);
        self.images.extend(other.images);
        self.mirrors.extend(other.mirrors);
        self.packages.extend(other.packages);
        self.eol.extend(other.eol);
        self.runtime_libraries.extend(other.runtime_libraries);
        self.replacements.extend(other.replacements);
        self.tool_images.extend(other.tool_images);
        self.standalone.extend(other.standalone);
    }
}
