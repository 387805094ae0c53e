use crate::content::{Content, Unread};
use crate::packages::owners;
use crate::tree::{Entry, Kind, Shadowed};
use crate::{Image, Tree, path};
use barehull_catalog::{Catalog, Component, Inventory, Origin, Role};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Folders of packages' own helpers: `/usr/lib/apt/methods/http` is no client that somebody calls. What lies in a `bin`
/// folder below, or what a tool's link leads to, counts; what a JavaScript package has for itself does not.
const PRIVATE: [&str; 10] = [
    "/usr/lib/",
    "/usr/lib32/",
    "/usr/lib64/",
    "/usr/local/go/pkg/",
    "/usr/local/lib/",
    "/usr/libexec/",
    "/usr/share/",
    "/lib/",
    "/etc/",
    "/var/lib/",
];

/// Links among removed files that are followed.
const MAX_LINKS: usize = 8;

/// The tools in an image: everything that can be executed and has a name with a role in the catalog, links and
/// applets by what they are called, each with the layer that brought it and, where file lists are there, its package.
/// What an upper layer removed and a lower one still carries is *shadowed*.
pub fn inventory(image: &Image, catalog: &Catalog) -> Inventory {
    let tools = present(&image.tree, catalog);
    let hidden = shadowed(&image.tree, catalog, &tools);
    let mut inventory = Inventory::empty(is_usr_merged(&image.tree));
    inventory.limit(image.completeness);
    // A layer with what is gone, a layer that removes it, and what is there.
    for (path, (role, layer)) in &hidden {
        inventory.add(Component::new((*path).to_owned(), *role), origin(image, *layer), None);
    }
    inventory.begin_layer();
    for path in hidden.keys() {
        inventory.remove_path(*path);
    }
    inventory.begin_layer();
    let packages = packages(&image.tree, &tools);
    for (path, tool) in &tools {
        let component = Component::new((*path).to_owned(), tool.role);
        inventory.add(component, origin(image, tool.entry.layer), packages.get(path).cloned());
    }
    inventory
}

/// A tool that is there.
struct Tool<'a> {
    role: Role,
    entry: &'a Entry,
    /// What a link leads to; the entry itself, if it is none.
    file: &'a Entry,
}

fn present<'a>(tree: &'a Tree, catalog: &Catalog) -> BTreeMap<&'a str, Tool<'a>> {
    let mut tools: BTreeMap<&str, Tool<'_>> = BTreeMap::new();
    let mut private = Vec::new();
    for entry in tree.iter() {
        let Some((role, file)) = tool(tree, catalog, entry) else { continue };
        if is_private(&entry.path) {
            private.push((role, entry));
        } else {
            tools.insert(&entry.path, Tool { role, entry, file });
        }
    }
    let reached: BTreeSet<&str> = tools.values().map(|tool| &*tool.file.path).collect();
    private.retain(|(_, entry)| reached.contains(&*entry.path));
    for (role, entry) in private {
        tools.insert(&entry.path, Tool { role, entry, file: entry });
    }
    for (path, tool) in disguised(tree, catalog, &tools) {
        tools.insert(path, tool);
    }
    tools
}

/// The role by the entry's name, and the file that it is or leads to.
fn tool<'a>(tree: &'a Tree, catalog: &Catalog, entry: &'a Entry) -> Option<(Role, &'a Entry)> {
    if !entry.is_executable() && entry.link_target().is_none() {
        return None;
    }
    let role = catalog.role_of(entry.name())?;
    let file = if entry.is_executable() { entry } else { tree.resolve(&entry.path).ok()? };
    can_run(file).then_some((role, file))
}

/// Binaries of many programs under a name that says nothing. Where the same file also has a name with a role, that one
/// says it.
fn disguised<'a>(
    tree: &'a Tree,
    catalog: &Catalog,
    tools: &BTreeMap<&'a str, Tool<'a>>,
) -> Vec<(&'a str, Tool<'a>)> {
    let program = |entry: &'a Entry| match &entry.content {
        Content::Elf(program) => program.multi_call.map(|kind| (Arc::as_ptr(program), kind)),
        _ => None,
    };
    let known: BTreeSet<_> = tools.values().filter_map(|tool| Some(program(tool.file)?.0)).collect();
    tree.iter()
        .filter(|entry| entry.is_executable() && !entry.is_hard_link)
        .filter_map(|entry| {
            let (address, kind) = program(entry)?;
            let role = catalog.role_of(kind.name())?;
            (!known.contains(&address)).then_some((&*entry.path, Tool { role, entry, file: entry }))
        })
        .collect()
}

/// Path, role and layer of the tools that only lower layers have.
fn shadowed<'a>(
    tree: &'a Tree,
    catalog: &Catalog,
    tools: &BTreeMap<&str, Tool<'_>>,
) -> BTreeMap<&'a str, (Role, u32)> {
    let gone: BTreeMap<&str, &Entry> =
        tree.shadowed().iter().map(|Shadowed { entry, .. }| (&*entry.path, entry)).collect();
    let leads_to_tool = |entry: &'a Entry| {
        let mut at = entry;
        for _ in 0..MAX_LINKS {
            let Kind::Symlink { target } = &at.kind else { break };
            let folder = path::split(&at.path).map_or("/", |(folder, _)| folder);
            let target =
                if target.starts_with('/') { target.to_string() } else { path::join(folder, target) };
            // Where the folder is gone as well, the path itself is all that is left.
            let real = tree.real_path(&target, true).unwrap_or_else(|_| path::normalize(&target).0);
            let Some(next) = tree.get(&real).or_else(|| gone.get(real.as_str()).copied()) else { break };
            at = next;
        }
        can_run(at)
    };
    tree.shadowed()
        .iter()
        .map(|shadowed| &shadowed.entry)
        .filter(|entry| !tools.contains_key(&*entry.path) && !is_private(&entry.path))
        .filter_map(|entry| {
            let role = catalog.role_of(entry.name())?;
            leads_to_tool(entry).then_some((&*entry.path, (role, entry.layer)))
        })
        .collect()
}

/// The packages of the tools: that of a link, else that of the file behind it.
fn packages<'a>(tree: &Tree, tools: &BTreeMap<&'a str, Tool<'a>>) -> BTreeMap<&'a str, String> {
    let paths = tools.iter().flat_map(|(path, tool)| [*path, &*tool.file.path]);
    let owners = owners(tree, paths);
    tools
        .iter()
        .filter_map(|(path, tool)| {
            let package = owners.get(path).or_else(|| owners.get(&*tool.file.path))?;
            Some((*path, package.clone()))
        })
        .collect()
}

/// Whether it is a regular file that a kernel would start: not data that merely has the permission.
fn can_run(entry: &Entry) -> bool {
    let unknown = [Unread::TooLarge, Unread::Forbidden, Unread::Sparse].map(Content::Unread);
    entry.is_executable()
        && (matches!(entry.content, Content::Elf(_) | Content::Script(_)) || unknown.contains(&entry.content))
}

fn is_private(path: &str) -> bool {
    let in_bin = || path.rsplit('/').nth(1).is_some_and(|folder| matches!(folder, "bin" | "sbin"));
    // Debian's Node packages lie in /usr/share/nodejs.
    let is_javascript = || path.contains("/node_modules/") || path.starts_with("/usr/share/nodejs/");
    PRIVATE.iter().any(|folder| path.starts_with(folder)) && (is_javascript() || !in_bin())
}

/// Whether `/bin` is a link into `/usr`.
pub fn is_usr_merged(tree: &Tree) -> bool {
    tree.get("/bin").is_some_and(|bin| bin.link_target().is_some())
        && tree.resolve("/bin").is_ok_and(|bin| &*bin.path == "/usr/bin")
}

fn origin(image: &Image, layer: u32) -> Origin {
    let created_by =
        image.layers.get(layer as usize).map_or_else(String::new, |layer| layer.created_by.clone());
    Origin::Layer { index: layer, created_by }
}
