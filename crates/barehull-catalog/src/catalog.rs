use crate::image::Extent;
use crate::packages::PackageSet;
use crate::schema::{
    CatalogFile, Date, Ecosystem, Family, ImageRef, OsEntry, Release, Replacement, Role, Standalone, Tables,
    Tool, ToolImage, compare_versions,
};
use crate::{CatalogError, ImageFacts, Libc, generated, image};

/// All that is known: the built-in tables, and over them those of a user's file.
#[derive(Clone, Debug)]
pub struct Catalog {
    user: Tables,
}

static BUILTIN: Catalog = Catalog { user: Tables::EMPTY };

/// A distribution and its release.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Os {
    /// The family.
    pub family: Family,
    /// The release's number: `12`, `24.04`; `None` for rolling ones and where it is unknown.
    pub release: Option<String>,
    /// The release's name: `bookworm`.
    pub codename: Option<String>,
}

/// `Debian 12`.
impl std::fmt::Display for Os {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.family.title())?;
        self.release.as_ref().map_or(Ok(()), |release| write!(f, " {release}"))
    }
}

/// The end of a product's release cycle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Eol {
    /// The last day of support.
    pub date: Date,
    /// The product as the data names it: `nodejs`.
    pub product: String,
    /// The cycle: `22`.
    pub cycle: String,
}

/// The run-time packages behind a development package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeLibrary {
    /// Their names; empty: headers or static libraries only.
    pub packages: Vec<String>,
    /// Whether it was compared with the distribution's metadata for this very release.
    pub verified: bool,
}

impl Catalog {
    /// What is compiled in.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The built-in catalog under a user's entries, which count before the built-in ones of the same name.
    ///
    /// # Errors
    /// If the text is no YAML of the form that `data/README.md` describes; names the entry and the line.
    pub fn with_user_file(yaml: &str) -> Result<Self, CatalogError> {
        let file: CatalogFile =
            serde_yaml::from_str(yaml).map_err(|error| CatalogError::of_yaml(yaml, &error))?;
        let user =
            Tables::from_file(file, &generated::TABLES).map_err(|p| CatalogError::of_problem(yaml, &p))?;
        Ok(Self { user })
    }

    /// The user's tables, then the built-in ones.
    pub(crate) fn tables(&self) -> [&Tables; 2] {
        [&self.user, &generated::TABLES]
    }

    /// The role of an executable, by its name (`gcc`, `gcc-12`, `x86_64-linux-gnu-gcc`).
    pub fn role_of(&self, name: &str) -> Option<Role> {
        self.tool(name).map(|tool| tool.role)
    }

    /// What is known of an executable, by its name.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tables().into_iter().find_map(|tables| tables.tool(name))
    }

    /// The names with a role that a binary of many names (`busybox`, `toybox`) answers to.
    pub fn multi_call(&self, name: &str) -> Option<&[crate::Text]> {
        self.tables().into_iter().find_map(|tables| {
            let at = tables.multi_call.binary_search_by(|(binary, _)| binary.as_ref().cmp(name)).ok()?;
            Some(tables.multi_call[at].1.as_ref())
        })
    }

    /// What the reference is known to be; `None`: unknown, neither clean nor dirty.
    pub fn image(&self, reference: &ImageRef) -> Option<ImageFacts> {
        image::resolve(self, reference, Extent::Whole)
    }

    /// The same without components, which take most of the time.
    pub fn outline(&self, reference: &ImageRef) -> Option<ImageFacts> {
        image::resolve(self, reference, Extent::Outline)
    }

    /// The name under which entries speak of a reference: that of the repository it mirrors, or its own, shortened.
    pub fn entry_name(&self, reference: &ImageRef) -> String {
        image::original_name(self, reference)
    }

    /// The packages of a distribution's release.
    pub fn packages(&self, os: &Os) -> PackageSet<'_> {
        PackageSet::new(self, os)
    }

    /// The last day of a product's cycle (`nodejs`, `22.3.1`).
    pub fn eol(&self, product: &str, version: &str) -> Option<Date> {
        self.eol_cycle(product, version).map(|eol| eol.date)
    }

    /// The cycle that the version belongs to, with its last day.
    pub(crate) fn eol_cycle(&self, product: &str, version: &str) -> Option<Eol> {
        let cycles = self.tables().into_iter().find_map(|tables| {
            let at = tables.eol.binary_search_by(|table| table.product.as_ref().cmp(product)).ok()?;
            Some(&tables.eol[at].cycles)
        })?;
        let (cycle, date) = cycles
            .iter()
            .filter(|(cycle, _)| starts_with_version(version, cycle))
            .max_by_key(|(cycle, _)| cycle.len())
            // `redis:7` is the newest of the cycles 7.x, which come last.
            .or_else(|| cycles.iter().rfind(|(cycle, _)| starts_with_version(cycle, version)))?;
        Some(Eol { date: (*date)?, product: product.to_owned(), cycle: cycle.clone().into_owned() })
    }

    /// What a program built with this development package needs installed to run.
    pub fn runtime_library(&self, dev_package: &str, os: &Os) -> Option<RuntimeLibrary> {
        let release = os.release.as_deref()?;
        self.tables().into_iter().find_map(|tables| {
            tables
                .runtime_libraries
                .iter()
                .filter(|table| table.family == os.family && table.releases.iter().any(|r| r == release))
                .find_map(|table| {
                    let at =
                        table.packages.binary_search_by(|(dev, _)| dev.as_ref().cmp(dev_package)).ok()?;
                    let packages =
                        table.packages[at].1.iter().map(|name| name.clone().into_owned()).collect();
                    Some(RuntimeLibrary { packages, verified: table.verified })
                })
        })
    }

    /// The minimal bases for an ecosystem: the user's, then the built-in ones, in the order of the data.
    pub fn replacements(&self, ecosystem: Ecosystem) -> impl Iterator<Item = &Replacement> {
        let all = self.tables().into_iter().flat_map(|tables| tables.replacements.iter());
        all.filter(move |replacement| replacement.ecosystem == ecosystem)
    }

    /// The images for work beside an application: the user's, then the built-in ones, smallest first.
    pub fn tool_images(&self) -> impl Iterator<Item = &ToolImage> {
        self.tables().into_iter().flat_map(|tables| tables.tool_images.iter())
    }

    /// The packages of a release whose programs need little beside their own files: the user's, then the built-in ones.
    pub fn standalone(&self, os: &Os) -> impl Iterator<Item = &Standalone> {
        let all = self.tables().into_iter().flat_map(|tables| tables.standalone.iter());
        let is_of = |s: &&Standalone| {
            s.family == os.family
                && os.release.as_ref().is_some_and(|r| s.releases.iter().any(|known| *known == **r))
        };
        all.filter(is_of)
    }

    /// The words that `--base-preference` may order, each once.
    pub fn preferences(&self) -> Vec<&str> {
        let mut words = Vec::new();
        for replacement in self.tables().into_iter().flat_map(|tables| tables.replacements.iter()) {
            if !words.contains(&replacement.preference.as_ref()) {
                words.push(replacement.preference.as_ref());
            }
        }
        words
    }

    /// A family's libc and releases.
    pub fn family(&self, family: Family) -> Option<&OsEntry> {
        self.tables().into_iter().find_map(|tables| tables.os.iter().find(|os| os.family == family))
    }

    /// The distribution by the words of an os-release file (`ID`, `VERSION_ID`).
    pub fn os(&self, family: Family, release: Option<&str>) -> Os {
        let known = release.and_then(|release| self.family(family)?.release(release));
        let number = known.map(|known: &Release| known.release.as_ref()).or(release);
        Os {
            family,
            release: number.map(str::to_owned),
            codename: known.and_then(|known| known.codename.clone()).map(std::borrow::Cow::into_owned),
        }
    }

    /// The C library of a family.
    pub fn libc_of(&self, family: Family) -> Libc {
        self.family(family).map_or(Libc::Glibc, |os| os.libc)
    }

    /// Whether `/bin` and `/sbin` are links into `/usr`.
    pub fn merged_usr(&self, os: &Os) -> bool {
        self.family(os.family).is_some_and(|entry| {
            let since = entry.merged_usr_since.as_deref();
            entry.merged_usr
                && match (since, os.release.as_deref()) {
                    (Some(since), Some(release)) => compare_versions(release, since).is_ge(),
                    _ => true,
                }
        })
    }
}

/// Whether `22.3.1` starts with `22`; `220` does not.
fn starts_with_version(version: &str, start: &str) -> bool {
    version.strip_prefix(start).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}
