//! Every built-in entry says where its facts are from and when they were read.

use crate::schema::{CatalogFile, Date};

/// One line for each entry without source or date.
pub fn provenance(file: &CatalogFile) -> Vec<String> {
    let tools = file.tools.iter().map(|g| {
        let name = format!("{} ({})", g.role, g.names.first().map_or("", |name| name));
        ("tools", name, &g.source, g.date)
    });
    let multi_call = file.multi_call.iter().map(|b| ("multi_call", b.name.to_string(), &b.source, b.date));
    let os = file.os.iter().map(|os| ("os", os.family.to_string(), &os.source, os.date));
    let images = file.images.iter().map(|i| ("images", i.name.as_str().to_owned(), &i.source, i.date));
    let mirrors = file.mirrors.iter().map(|m| ("mirrors", m.from.to_string(), &m.source, m.date));
    let packages = file.packages.iter().map(|set| {
        ("packages", format!("{} {}", set.family, set.releases.join(", ")), &set.source, set.date)
    });
    let eol = file.eol.iter().map(|p| ("eol", p.product.to_string(), &p.source, p.date));
    let libraries = file.runtime_libraries.iter().map(|set| {
        ("runtime_libraries", format!("{} {}", set.family, set.releases.join(", ")), &set.source, set.date)
    });
    let replacements =
        file.replacements.iter().map(|r| ("replacements", r.image.to_string(), &r.source, r.date));
    let tool_images = file.tool_images.iter().map(|i| ("tool_images", i.name.to_string(), &i.source, i.date));
    let standalone = file.standalone.iter().map(|s| ("standalone", s.package.to_string(), &s.source, s.date));
    tools
        .chain(multi_call)
        .chain(os)
        .chain(images)
        .chain(mirrors)
        .chain(packages)
        .chain(eol)
        .chain(libraries)
        .chain(replacements)
        .chain(tool_images)
        .chain(standalone)
        .filter_map(|(section, name, source, date)| {
            let missing = missing(source, date)?;
            Some(format!("{section}: `{name}` has no {missing}"))
        })
        .collect()
}

fn missing(source: &str, date: Option<Date>) -> Option<&'static str> {
    let sourced =
        ["https://", "apt: "].iter().any(|start| source.len() > start.len() && source.starts_with(start));
    match (sourced, date) {
        (true, Some(_)) => None,
        (false, _) => Some("source (a URL, or `apt: ...`)"),
        (true, None) => Some("date"),
    }
}
