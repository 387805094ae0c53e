//! Inventory and needs together: the surface.

use std::collections::BTreeMap;

use barehull_catalog::Inventory;

use super::{Needs, ProgramNeed, Why};
use crate::finding::{Need, Surface, SurfaceEntry};

/// The inventory, grouped by role, with what needs each component.
pub fn surface(inventory: &Inventory, needs: &Needs) -> Surface {
    let unnamed = needs.unnamed.iter().map(|u| Need {
        program: String::new(),
        why: Why::Application.to_string(),
        place: u.place.clone(),
    });
    let completeness = inventory.completeness();
    let mut surface = Surface { groups: BTreeMap::new(), completeness, unnamed: unnamed.collect() };
    for entry in inventory.materialise() {
        let name = entry.component.name();
        let needed_by = needs.of(name).filter(|n| fits(n, &entry.component.path)).map(shown).collect();
        surface.groups.entry(entry.component.role).or_default().push(SurfaceEntry {
            component: entry.component.clone(),
            origin: entry.origin.clone(),
            presence: entry.presence,
            needed_by,
        });
    }
    surface
}

/// Whether a use can mean the file at `path`: a bare name can mean any of that name. `/bin` and `/usr/bin`
/// are one on merged systems, and a name that is nearly right is better shown than missed.
fn fits(need: &ProgramNeed, path: &str) -> bool {
    !need.program.starts_with('/') || plain(&need.program) == plain(path)
}

fn plain(path: &str) -> &str {
    path.strip_prefix("/usr").unwrap_or(path)
}

fn shown(need: &ProgramNeed) -> Need {
    Need { program: need.name().to_owned(), why: need.why.to_string(), place: need.place.clone() }
}
