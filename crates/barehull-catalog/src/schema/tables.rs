use super::{
    CatalogFile, Date, EolProduct, Family, ImageEntry, List, OsEntry, PackageTable, Replacement, Role,
    RuntimeLibrarySet, Standalone, Text, ToolImage, compare_versions,
};
use std::collections::BTreeSet;
use std::fmt;

/// Everything the catalog knows, sorted for look-up.
#[derive(Clone, Debug)]
pub struct Tables {
    /// By name.
    pub tools: List<Tool>,
    /// Binary and the names it answers to, by binary.
    pub multi_call: List<(Text, List<Text>)>,
    /// One a family.
    pub os: List<OsEntry>,
    /// Names without captures, by name.
    pub images: List<ImageEntry>,
    /// Names with captures, in the order of the data.
    pub image_patterns: List<ImageEntry>,
    /// Prefix and what it stands for.
    pub mirrors: List<(Text, Text)>,
    /// One a family.
    pub packages: List<PackageTable>,
    /// By product.
    pub eol: List<EolTable>,
    /// In the order of the data.
    pub runtime_libraries: List<RuntimeLibraryTable>,
    /// In the order of the data.
    pub replacements: List<Replacement>,
    /// In the order of the data.
    pub tool_images: List<ToolImage>,
    /// In the order of the data.
    pub standalone: List<Standalone>,
}

/// An executable.
#[derive(Clone, Debug)]
pub struct Tool {
    /// What it is called.
    pub name: Text,
    /// Why it matters.
    pub role: Role,
    /// Whether versions and targets may stand around the name.
    pub versioned: bool,
}

/// A product's cycles, oldest first.
#[derive(Clone, Debug)]
pub struct EolTable {
    /// The product.
    pub product: Text,
    /// Cycle and last day.
    pub cycles: List<(Text, Option<Date>)>,
}

/// What `-dev` packages need at run time.
#[derive(Clone, Debug)]
pub struct RuntimeLibraryTable {
    /// The family.
    pub family: Family,
    /// The releases it is true of.
    pub releases: List<Text>,
    /// Whether it was compared with its source.
    pub verified: bool,
    /// By development package.
    pub packages: List<(Text, List<Text>)>,
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key of the file: `tools`, `images`, ...
    pub section: &'static str,
    /// The entry's name.
    pub entry: String,
    /// What is wrong, to follow the name in a sentence.
    pub message: String,
}

impl Problem {
    pub(super) fn new(section: &'static str, entry: &str, message: String) -> Self {
        Self { section, entry: entry.to_owned(), message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` {}", self.section, self.entry, self.message)
    }
}

impl Tables {
    /// No entries.
    pub const EMPTY: Self = Self {
        tools: List::Borrowed(&[]),
        multi_call: List::Borrowed(&[]),
        os: List::Borrowed(&[]),
        images: List::Borrowed(&[]),
        image_patterns: List::Borrowed(&[]),
        mirrors: List::Borrowed(&[]),
        packages: List::Borrowed(&[]),
        eol: List::Borrowed(&[]),
        runtime_libraries: List::Borrowed(&[]),
        replacements: List::Borrowed(&[]),
        tool_images: List::Borrowed(&[]),
        standalone: List::Borrowed(&[]),
    };

    /// The tables of a file, checked: nothing is there twice, every executable that images and packages bring has
    /// a role here or in `base`.
    pub fn from_file(file: CatalogFile, base: &Tables) -> Result<Self, Problem> {
        let packages = PackageTable::from_sets(&file.packages)?;
        let (image_patterns, images): (Vec<_>, Vec<_>) =
            file.images.into_iter().partition(|image| !image.name.is_literal());
        let multi_call = file.multi_call.into_iter().map(|binary| (binary.name, binary.applets)).collect();
        let tables = Self {
            tools: sorted("tools", tools(&file.tools), |tool| &tool.name)?,
            multi_call: sorted("multi_call", multi_call, |(name, _)| name)?,
            os: file.os.into(),
            images: sorted("images", images, |image| image.name.as_str())?,
            image_patterns: image_patterns.into(),
            mirrors: file.mirrors.into_iter().map(|mirror| (mirror.from, mirror.to)).collect(),
            packages: packages.into(),
            eol: sorted("eol", file.eol.into_iter().map(EolTable::from).collect(), |p| &p.product)?,
            runtime_libraries: file.runtime_libraries.into_iter().map(Into::into).collect::<Vec<_>>().into(),
            replacements: file.replacements.into(),
            tool_images: file.tool_images.into(),
            standalone: file.standalone.into(),
        };
        tables.check_families()?;
        tables.check_roles(base)?;
        Ok(tables)
    }

    /// An executable: by its name, else by its name without the version and target around it. `.exe` and the letter
    /// case of what ends in it do not count.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        let end = name.len().saturating_sub(4);
        let lower_case;
        let name = match name.get(end..) {
            Some(extension) if extension.eq_ignore_ascii_case(".exe") => {
                lower_case = name[..end].to_ascii_lowercase();
                &lower_case
            }
            _ => name,
        };
        let find = |name: &str| {
            let at = self.tools.binary_search_by(|tool| tool.name.as_ref().cmp(name)).ok()?;
            Some(&self.tools[at])
        };
        find(name).or_else(|| find(without_version(name)).filter(|tool| tool.versioned))
    }

    fn check_families(&self) -> Result<(), Problem> {
        let mut seen = BTreeSet::new();
        match self.os.iter().find(|os| !seen.insert(os.family)) {
            Some(os) => Err(Problem::new("os", os.family.as_str(), "is there twice".into())),
            None => Ok(()),
        }
    }

    fn check_roles(&self, base: &Tables) -> Result<(), Problem> {
        let unknown = |path: &&str| {
            let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
            let name = name.replace("{minor}", "3.1").replace("{major}", "3").replace("{version}", "3.1.1");
            self.tool(&name).or_else(|| base.tool(&name)).is_none()
        };
        let problem = |section, entry: &str, path: &str| {
            Err(Problem::new(section, entry, format!("brings {path}, which has no role in `tools`")))
        };
        for image in self.images.iter().chain(self.image_patterns.iter()) {
            let components = image.variants.iter().flat_map(|variant| variant.components.iter());
            let by_name =
                components.chain(image.components.iter()).filter(|component| component.role.is_none());
            let paths = by_name.map(|component| component.path.as_ref());
            if let Some(path) = paths.into_iter().find(unknown) {
                return problem("images", image.name.as_str(), path);
            }
        }
        for table in self.packages.iter() {
            for row in table.rows.iter() {
                if let Some(path) = table.lists(row).brings().find(unknown) {
                    return problem("packages", table.string(row.name), path);
                }
            }
        }
        for (name, applets) in self.multi_call.iter() {
            if let Some(applet) = applets.iter().map(AsRef::as_ref).find(unknown) {
                return problem("multi_call", name, applet);
            }
        }
        Ok(())
    }
}

fn tools(groups: &[super::ToolGroup]) -> Vec<Tool> {
    let of_group = |group: &super::ToolGroup| {
        let (role, versioned) = (group.role, group.versioned);
        group.names.iter().map(move |name| Tool { name: name.clone(), role, versioned }).collect::<Vec<_>>()
    };
    groups.iter().flat_map(of_group).collect()
}

/// The rows by name; an error if a name is there twice.
fn sorted<T: Clone>(
    section: &'static str,
    mut rows: Vec<T>,
    name: impl Fn(&T) -> &str,
) -> Result<List<T>, Problem> {
    rows.sort_by(|a, b| name(a).cmp(name(b)));
    match rows.windows(2).find(|pair| name(&pair[0]) == name(&pair[1])) {
        Some(pair) => Err(Problem::new(section, name(&pair[0]), "is there twice".into())),
        None => Ok(rows.into()),
    }
}

impl From<EolProduct> for EolTable {
    fn from(product: EolProduct) -> Self {
        let mut cycles: Vec<_> = product.cycles.into_iter().map(|(c, date)| (Text::Owned(c), date)).collect();
        cycles.sort_by(|(a, _), (b, _)| compare_versions(a, b).then_with(|| a.cmp(b)));
        Self { product: product.product, cycles: cycles.into() }
    }
}

impl From<RuntimeLibrarySet> for RuntimeLibraryTable {
    fn from(set: RuntimeLibrarySet) -> Self {
        let owned = |names: Vec<String>| names.into_iter().map(Text::Owned).collect::<Vec<_>>();
        let packages: Vec<_> =
            set.packages.into_iter().map(|(dev, run)| (Text::Owned(dev), owned(run).into())).collect();
        Self {
            family: set.family,
            releases: owned(set.releases).into(),
            verified: set.verified,
            packages: packages.into(),
        }
    }
}

/// `x86_64-linux-gnu-gcc-12` is gcc, `pip3.11` is pip, `gcc-ar-12` is gcc-ar.
fn without_version(name: &str) -> &str {
    let without_target =
        ["-linux-gnu-", "-linux-gnueabihf-", "-linux-musl-", "-alpine-linux-musl-", "-redhat-linux-"]
            .iter()
            .find_map(|target| name.find(target).map(|at| &name[at + target.len()..]))
            .unwrap_or(name);
    let bare = without_target.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    bare.strip_suffix('-').unwrap_or(bare)
}
