use super::{Date, Family, Libc, List, Role, TagPattern, Text, compare_versions};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::cmp::Ordering;
use std::fmt;

/// A repository of images and how its tags are read.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageEntry {
    /// The repository, `docker.io/library/` left out; may hold captures.
    pub name: TagPattern,
    /// Where the facts are from.
    #[serde(default)]
    pub source: Text,
    /// When they were read.
    #[serde(default)]
    pub date: Option<Date>,
    /// Only for images of a language.
    #[serde(default)]
    pub language: Option<Language>,
    /// The product whose cycle is the version.
    #[serde(default)]
    pub eol: Option<Text>,
    /// As in Go's GOARCH, variants behind a slash: `arm/v7`.
    #[serde(default)]
    pub architectures: List<Text>,
    /// Words of a tag that stand for a version.
    #[serde(default, deserialize_with = "super::tag::words")]
    pub versions: List<(Text, Text)>,
    /// The versions whose contents were compared with the source.
    #[serde(default)]
    pub verified_versions: Option<VersionRange>,
    /// The script that ENTRYPOINT names, where somebody read it.
    #[serde(default)]
    pub start_script: Option<StartScript>,
    /// What every variant sets.
    #[serde(default)]
    pub config: ConfigEntry,
    /// What every variant has.
    #[serde(default)]
    pub components: List<ComponentEntry>,
    /// The first one that matches the tag counts.
    pub variants: List<Variant>,
}

/// A language and what runs it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// `node`, `python`, `go`, ...
    pub name: Text,
    /// The interpreter's path, for languages that have one.
    #[serde(default)]
    pub interpreter: Option<Text>,
    /// The version where neither name nor tag says it.
    #[serde(default)]
    pub version: Option<Text>,
}

/// An entrypoint script of an image.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartScript {
    /// Its name, without the folder.
    pub name: Text,
    /// What it starts that has a role: its shell, clients.
    pub needs: List<Text>,
    /// Whether it does nothing for a command that CMD names but start it.
    #[serde(default)]
    pub hands_over: bool,
}

/// Versions from one to another, both included as far as they are written (`25` includes `25.3`).
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionRange {
    /// The oldest.
    pub from: Text,
    /// The newest.
    pub to: Text,
}

impl VersionRange {
    /// Whether the version lies inside.
    pub fn contains(&self, version: &str) -> bool {
        compare_versions(version, &self.from) != Ordering::Less
            && compare_versions(version, &self.to) != Ordering::Greater
    }
}

/// Tags of one make.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Their patterns.
    pub tags: List<TagPattern>,
    /// The image whose contents and configuration these have, too.
    #[serde(default)]
    pub from: Option<Text>,
    /// The family, where there is no `from`.
    #[serde(default)]
    pub os: Option<Family>,
    /// The release when the tag names none.
    #[serde(default, deserialize_with = "release_choices")]
    pub release: List<ReleaseChoice>,
    /// Whether the contents were compared, whole, with the source.
    #[serde(default)]
    pub verified: bool,
    /// Packages of the distribution.
    #[serde(default)]
    pub packages: List<Text>,
    /// Executables outside packages.
    #[serde(default)]
    pub components: List<ComponentEntry>,
    /// Packages and paths of `from` that are not there.
    #[serde(default)]
    pub without: List<Text>,
    /// Over the image's.
    #[serde(default)]
    pub config: ConfigEntry,
    /// No shell and no package manager.
    #[serde(default)]
    pub minimal: bool,
    /// For a debug variant: its production reference.
    #[serde(default)]
    pub debug_of: Option<Text>,
    /// Where it differs from the family's.
    #[serde(default)]
    pub libc: Option<Libc>,
    /// Whether `/bin` and `/sbin` are links into `/usr`, where that differs from the family's.
    #[serde(default)]
    pub merged_usr: Option<bool>,
    /// Where it differs from the image's.
    #[serde(default)]
    pub eol: Option<Text>,
    /// The oldest version it is true of.
    #[serde(default)]
    pub since: Option<Text>,
    /// The version from which on it is no longer.
    #[serde(default)]
    pub before: Option<Text>,
}

/// The release for versions from `since` on.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseChoice {
    /// The oldest version; none: any.
    #[serde(default)]
    pub since: Option<Text>,
    /// The release.
    pub is: Text,
}

/// An executable that no package brings.
#[derive(Clone, Debug)]
pub struct ComponentEntry {
    /// Its path.
    pub path: Text,
    /// The package it came with, where there is one.
    pub package: Option<Text>,
    /// Its role, where its name does not say it.
    pub role: Option<Role>,
    /// The oldest version of the image that has it.
    pub since: Option<Text>,
    /// The version from which on it is gone.
    pub before: Option<Text>,
}

/// What an image's configuration sets; absent: inherited.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigEntry {
    /// Variables.
    #[serde(deserialize_with = "environment")]
    pub env: List<EnvEntry>,
    /// ENTRYPOINT; empty: cleared.
    pub entrypoint: Option<List<Text>>,
    /// CMD; empty: cleared.
    pub cmd: Option<List<Text>>,
    /// USER.
    pub user: Option<Text>,
    /// WORKDIR.
    pub workdir: Option<Text>,
    /// EXPOSE: `80/tcp`.
    pub expose: List<Text>,
    /// VOLUME.
    pub volumes: List<Text>,
    /// SHELL.
    pub shell: Option<List<Text>>,
    /// STOPSIGNAL.
    pub stop_signal: Option<Text>,
    /// HEALTHCHECK as in the image: `CMD`, `CMD-SHELL` or `NONE` first.
    pub healthcheck: Option<List<Text>>,
}

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvEntry {
    /// Its name.
    pub name: Text,
    /// Its value; `None`: set, but not to the same in every image of the variant.
    pub value: Option<Text>,
    /// The oldest version of the image that sets it.
    pub since: Option<Text>,
    /// The version from which on it is not set any more.
    pub before: Option<Text>,
}

/// Another repository for the same images.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// Its prefix: `public.ecr.aws/docker/library`.
    pub from: Text,
    /// What it stands for: `docker.io/library`.
    pub to: Text,
    /// Where the fact is from.
    #[serde(default)]
    pub source: Text,
    /// When it was read.
    #[serde(default)]
    pub date: Option<Date>,
}

impl<'de> Deserialize<'de> for ComponentEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Full {
            path: Text,
            #[serde(default)]
            package: Option<Text>,
            #[serde(default)]
            role: Option<Role>,
            #[serde(default)]
            since: Option<Text>,
            #[serde(default)]
            before: Option<Text>,
        }
        struct PathOrFull;
        impl<'de> Visitor<'de> for PathOrFull {
            type Value = ComponentEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path or a mapping with `path`")
            }

            fn visit_str<E: Error>(self, path: &str) -> Result<ComponentEntry, E> {
                let path = path.to_owned().into();
                Ok(ComponentEntry { path, package: None, role: None, since: None, before: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ComponentEntry, A::Error> {
                let full = Full::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(ComponentEntry {
                    path: full.path,
                    package: full.package,
                    role: full.role,
                    since: full.since,
                    before: full.before,
                })
            }
        }
        deserializer.deserialize_any(PathOrFull)
    }
}

/// A release by itself, or a list of choices.
fn release_choices<'de, D: Deserializer<'de>>(deserializer: D) -> Result<List<ReleaseChoice>, D::Error> {
    struct Choices;
    impl<'de> Visitor<'de> for Choices {
        type Value = Vec<ReleaseChoice>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a release in quotes, or a list of `{ since: ..., is: ... }`")
        }

        fn visit_str<E: Error>(self, release: &str) -> Result<Self::Value, E> {
            Ok(vec![ReleaseChoice { since: None, is: release.to_owned().into() }])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut choices = Vec::new();
            while let Some(choice) = seq.next_element()? {
                choices.push(choice);
            }
            Ok(choices)
        }
    }
    deserializer.deserialize_any(Choices).map(List::Owned)
}

/// What a variable is set to: a text, nothing where the value varies, or a mapping that says for which versions.
struct EnvValue {
    is: Option<Text>,
    since: Option<Text>,
    before: Option<Text>,
}

impl<'de> Deserialize<'de> for EnvValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Full {
            is: Option<Text>,
            #[serde(default)]
            since: Option<Text>,
            #[serde(default)]
            before: Option<Text>,
        }
        struct TextOrFull;
        impl<'de> Visitor<'de> for TextOrFull {
            type Value = EnvValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, `~`, or a mapping with `is`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<EnvValue, E> {
                Ok(EnvValue { is: Some(text.to_owned().into()), since: None, before: None })
            }

            fn visit_unit<E: Error>(self) -> Result<EnvValue, E> {
                Ok(EnvValue { is: None, since: None, before: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EnvValue, A::Error> {
                let full = Full::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(EnvValue { is: full.is, since: full.since, before: full.before })
            }
        }
        deserializer.deserialize_any(TextOrFull)
    }
}

/// A mapping of names to values, in its order.
fn environment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<List<EnvEntry>, D::Error> {
    struct Environment;
    impl<'de> Visitor<'de> for Environment {
        type Value = Vec<EnvEntry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a mapping of variables to values")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries: Self::Value = Vec::new();
            while let Some(name) = map.next_key::<Text>()? {
                if entries.iter().any(|entry| entry.name == name) {
                    map.next_value::<IgnoredAny>()?;
                    return Err(A::Error::custom(format!("`{name}` is there twice")));
                }
                let EnvValue { is: value, since, before } = map.next_value()?;
                entries.push(EnvEntry { name, value, since, before });
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_map(Environment).map(List::Owned)
}
