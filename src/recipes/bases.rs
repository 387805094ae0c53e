//! Which minimal base the final image gets.

use barehull_catalog::{Ecosystem, Replacement};

use super::RecipeCx;

/// The base a recipe decided for.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Its reference.
    pub reference: String,
    /// Whether it carries the language's run time.
    pub carries_runtime: bool,
    /// Whether it has the run time of C++.
    pub carries_cxx: bool,
    /// Its WORKDIR.
    pub workdir: String,
    /// Its ENTRYPOINT.
    pub entrypoint: Vec<String>,
}

/// The first base for `ecosystem`, in the order the user prefers, that `fits` and that the catalog knows.
pub fn choose(
    cx: &RecipeCx<'_>,
    ecosystem: Ecosystem,
    version: Option<&str>,
    fits: impl Fn(&Replacement) -> bool,
) -> Option<Chosen> {
    let mut offers: Vec<&Replacement> = cx.catalog.replacements(ecosystem).filter(|r| fits(r)).collect();
    let preference = &cx.options.base_preference;
    let usual = |r: &Replacement| usize::from(r.preference != "distroless");
    let rank = |r: &Replacement| {
        preference.iter().position(|p| *p == r.preference).unwrap_or(preference.len() + usual(r))
    };
    offers.sort_by_key(|r| rank(r));
    offers.into_iter().find_map(|offer| {
        let reference = offer.reference(version)?;
        let facts = cx.catalog.image(&reference.parse().ok()?)?;
        let words = |list: &Option<barehull_catalog::List<barehull_catalog::Text>>| {
            list.iter().flat_map(|l| l.iter()).map(|t| t.to_string()).collect()
        };
        Some(Chosen {
            carries_runtime: offer.carries_runtime(),
            carries_cxx: has_cxx(offer),
            workdir: facts.config.workdir.as_deref().unwrap_or("/").to_owned(),
            entrypoint: words(&facts.config.entrypoint),
            reference,
        })
    })
}

/// Whether a base has the run time of C++, as its distribution calls it.
pub fn has_cxx(offer: &Replacement) -> bool {
    offer.libraries.iter().any(|l| matches!(&**l, "libstdc++6" | "libstdc++"))
}
