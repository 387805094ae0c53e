//! Project files of MSBuild (`.csproj`, `.fsproj`, `.vbproj`, `Directory.Build.props`), as far as they decide what
//! the published program needs.

use super::super::{BuildContext, Note, ProjectPath};
use super::manifest_text;

/// What project files say together. A property that stands under a condition is no setting: it may not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DotnetProject {
    /// `InvariantGlobalization`.
    pub invariant: Option<bool>,
    /// `PublishAot`.
    pub aot: Option<bool>,
    /// `SelfContained`.
    pub self_contained: Option<bool>,
    /// `RuntimeIdentifier`.
    pub runtime: Option<String>,
    /// Whether it is a web project, or refers to the framework of one.
    pub web: Option<bool>,
}

impl DotnetProject {
    /// Whether a file of this name is one.
    pub fn is_one(name: &str) -> bool {
        let end = name.rsplit_once('.').map(|(_, end)| end);
        matches!(end, Some("csproj" | "fsproj" | "vbproj"))
    }

    /// Reads the project file at `path`; nothing if the builder sees none there.
    pub fn read(context: &BuildContext, path: &ProjectPath) -> Result<Option<Self>, Note> {
        let text = manifest_text(context, path)?;
        Ok(text.map(|text| Self::of(&text)))
    }

    /// The projects that the one at `path` refers to, as paths from its folder.
    pub fn references(context: &BuildContext, path: &ProjectPath) -> Vec<String> {
        const MAX_REFERENCES: usize = 100;
        let Ok(Some(text)) = manifest_text(context, path) else { return Vec::new() };
        let parts = text.split("<ProjectReference").skip(1).take(MAX_REFERENCES);
        let include = parts.filter_map(|part| {
            let value = part.split_once("Include=\"")?.1;
            Some(value.split('"').next()?.replace('\\', "/"))
        });
        include.collect()
    }

    /// What it says, with the settings of `outer` (a `Directory.Build.props`) where it says nothing.
    #[must_use]
    pub fn within(self, outer: Self) -> Self {
        Self {
            invariant: self.invariant.or(outer.invariant),
            aot: self.aot.or(outer.aot),
            self_contained: self.self_contained.or(outer.self_contained),
            runtime: self.runtime.or(outer.runtime),
            web: self.web,
        }
    }

    fn of(text: &str) -> Self {
        let flag = |name: &str| match property(text, name)?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        Self {
            invariant: flag("InvariantGlobalization"),
            aot: flag("PublishAot"),
            self_contained: flag("SelfContained"),
            runtime: property(text, "RuntimeIdentifier").map(str::to_owned),
            web: text
                .contains("<Project")
                .then(|| text.contains("Microsoft.NET.Sdk.Web") || text.contains("AspNetCore")),
        }
    }
}

/// The value of `<name>value</name>`, comments aside; the last one counts.
fn property<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut found = None;
    let mut rest = text;
    loop {
        let comment = rest.find("<!--");
        let Some(at) = rest.find(&open) else { return found };
        if let Some(comment) = comment.filter(|c| *c < at) {
            let Some(end) = rest[comment..].find("-->") else { return found };
            rest = &rest[comment + end..];
            continue;
        }
        let value = &rest[at + open.len()..];
        let Some(end) = value.find(&close) else { return found };
        found = Some(value[..end].trim());
        rest = &value[end..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_conditions_are_none() {
        let text = "<Project Sdk=\"Microsoft.NET.Sdk.Web\">\n<PropertyGroup>\n<!-- <PublishAot>true</PublishAot> -->\n\
            <InvariantGlobalization> True </InvariantGlobalization>\n\
            <SelfContained Condition=\"'$(CI)' == ''\">true</SelfContained>\n\
            <RuntimeIdentifier>linux-musl-x64</RuntimeIdentifier>\n</PropertyGroup></Project>";
        let read = DotnetProject::of(text);
        let runtime = Some("linux-musl-x64".to_owned());
        assert_eq!(
            read,
            DotnetProject { invariant: Some(true), runtime, web: Some(true), ..DotnetProject::default() }
        );
        let outer = DotnetProject { aot: Some(true), invariant: Some(false), ..DotnetProject::default() };
        let both = read.within(outer);
        assert_eq!((both.aot, both.invariant), (Some(true), Some(true)));
    }
}
