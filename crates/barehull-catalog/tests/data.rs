//! The data is whole and consistent.

// The build's own check of source and date.
#[path = "../build/check.rs"]
mod check;

use barehull_catalog::schema::{self, CatalogFile, Tables};
use barehull_catalog::{Catalog, Ecosystem, ImageRef, Role};
use std::path::{Path, PathBuf};
use std::{collections::BTreeSet, fs};

/// Every data file with its text.
fn files() -> Vec<(PathBuf, CatalogFile)> {
    let mut pending = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("data")];
    let mut files = Vec::new();
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let file = serde_yaml::from_str(&fs::read_to_string(&path).unwrap());
                files
                    .push((path.clone(), file.unwrap_or_else(|error| panic!("{}: {error}", path.display()))));
            }
        }
    }
    files
}

#[test]
fn every_entry_has_source_and_date() {
    for (path, file) in files() {
        assert_eq!(check::provenance(&file), [""; 0], "{}", path.display());
    }
}

#[test]
fn an_entry_without_source_or_date_is_refused() {
    let table = [
        ("date: 2026-01-01", "source"),
        ("source: https://example.org", "date"),
        ("source: from memory\n    date: 2026-01-01", "source"),
        ("source: \"apt: \"\n    date: 2026-01-01", "source"),
    ];
    for (given, missing) in table {
        let yaml = format!("eol:\n  - product: x\n    cycles: {{}}\n    {given}\n");
        let file: CatalogFile = serde_yaml::from_str(&yaml).unwrap();
        let problems = check::provenance(&file);
        assert!(problems.len() == 1 && problems[0].contains(missing), "{given}: {problems:?}");
    }
}

#[test]
fn names_are_unique_and_executables_have_roles() {
    let mut all = CatalogFile::default();
    for (_, file) in files() {
        all.extend(file);
    }
    let tables = Tables::from_file(all, &Tables::EMPTY).unwrap();
    assert!(tables.tools.is_sorted_by(|a, b| a.name < b.name));
    assert!(tables.images.is_sorted_by(|a, b| a.name.as_str() < b.name.as_str()));
    assert!(tables.tools.len() > 300, "{} tools", tables.tools.len());
    let roles: BTreeSet<Role> = tables.tools.iter().map(|tool| tool.role).collect();
    assert_eq!(roles.len(), Role::ALL.len());
    // Interpreters and coreutils are no tools of an attacker's.
    for name in ["python3", "node", "perl", "ruby", "java", "php", "ls", "cat", "env", "tar", "gosu", "tini"]
    {
        assert!(tables.tool(name).is_none(), "{name}");
    }
}

#[test]
fn packages_lead_to_packages() {
    let sets: Vec<_> = files().into_iter().flat_map(|(_, file)| file.packages).collect();
    let mut unknown = BTreeSet::new();
    for table in schema::PackageTable::from_sets(&sets).unwrap() {
        let family = table.family.unwrap();
        for row in table.rows.iter() {
            let lists = table.lists(row);
            for release in (0..table.releases.len()).filter(|release| row.releases >> release & 1 == 1) {
                let missing =
                    lists.depends().chain(lists.recommends()).filter(|e| table.find(e, release).is_none());
                unknown.extend(
                    missing.map(|edge| format!("{family}: {} leads to {edge}", table.string(row.name))),
                );
            }
        }
    }
    assert_eq!(unknown, BTreeSet::new());
}

#[test]
fn images_are_built_on_images_and_packages_that_are_known() {
    let catalog = Catalog::builtin();
    for (path, file) in files() {
        for image in &file.images {
            for variant in image.variants.iter() {
                let Some(from) = variant.from.as_deref().filter(|from| !from.contains('{')) else { continue };
                let reference: ImageRef =
                    from.parse().unwrap_or_else(|e| panic!("{}: {from}: {e}", path.display()));
                let name = image.name.as_str();
                assert!(catalog.image(&reference).is_some(), "{}: {name} from {from}", path.display());
            }
        }
    }
}

#[test]
fn replacements_are_known_minimal_images() {
    let catalog = Catalog::builtin();
    let ecosystems = [
        Ecosystem::Go,
        Ecosystem::Rust,
        Ecosystem::Native,
        Ecosystem::Node,
        Ecosystem::Python,
        Ecosystem::Java,
        Ecosystem::Dotnet,
        Ecosystem::StaticFiles,
    ];
    for ecosystem in ecosystems {
        assert!(catalog.replacements(ecosystem).next().is_some(), "{ecosystem}");
        for replacement in catalog.replacements(ecosystem) {
            let version = replacement.versions.first().map(AsRef::as_ref);
            let text = replacement.reference(version).unwrap();
            let facts = catalog.image(&text.parse().unwrap()).unwrap_or_else(|| panic!("{text} is unknown"));
            assert_eq!(facts.libc, replacement.libc, "{text}");
            let shells = facts.components.iter().filter(|c| c.component.role == Role::Shell).count();
            assert!(shells == 0 || replacement.preference == "ubi-micro", "{text} has a shell");
            assert_eq!(facts.package_managers().count(), 0, "{text} has a package manager");
        }
    }
}
