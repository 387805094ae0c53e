//! Conditions: one line of `tests!` for each.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::many::Many;
use super::pattern::PatternText;
use super::{EffectName, List, Mode, Needs, Origin, Pattern, Trigger};

macro_rules! held {
    (Patterns) => { List<Pattern> };
    (Switch) => { bool };
    (Number) => { u16 };
    (Groups) => { List<Test> };
    (Commands) => { Group };
    (Together) => { Group };
    (Effects) => { List<EffectName> };
    (Origins) => { List<Origin> };
    (Modes) => { List<Mode> };
}

macro_rules! read {
    ($map:ident Patterns) => {
        $map.next_value::<Many<PatternText>>()?.0.into_iter().map(|p| p.0).collect()
    };
    ($map:ident Switch) => {
        $map.next_value()?
    };
    ($map:ident Number) => {
        $map.next_value()?
    };
    ($map:ident Groups) => {
        $map.next_value::<Many<Tests>>()?.0.into_iter().map(Test::from).collect()
    };
    ($map:ident Commands) => {
        Group::one($map.next_value::<Many<Tests>>()?.0.into_iter().map(Test::from).collect())
    };
    ($map:ident Together) => {
        Group::all($map.next_value::<Many<Tests>>()?.0.into_iter().map(Test::from).collect())
    };
    ($map:ident $other:ident) => {
        Cow::Owned($map.next_value::<Many<_>>()?.0)
    };
}

macro_rules! tests {
    ($($variant:ident $key:literal $kind:ident $doc:literal)*) => {
        /// One condition.
        #[derive(Clone, Debug)]
        pub enum Test {
            $(#[doc = $doc] $variant(held!($kind)),)*
        }

        /// Every key of a condition: its name, what it holds, what it asks.
        pub const KEYS: &[(&str, &str, &str)] = &[$(($key, stringify!($kind), $doc)),*];

        impl<'de> Visitor<'de> for TestsVisitor {
            type Value = Tests;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("conditions")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Tests, M::Error> {
                const NAMES: &[&str] = &[$($key),*];
                let mut tests = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    tests.push(match key.as_str() {
                        $($key => Test::$variant(read!(map $kind)),)*
                        unknown => return Err(de::Error::unknown_field(unknown, NAMES)),
                    });
                }
                Ok(Tests(tests))
            }
        }

        impl Test {
            /// The variant's name and what it holds, for who writes or walks tests.
            pub fn parts(&self) -> (&'static str, Held<'_>) {
                match self {
                    $(Self::$variant(held) => (stringify!($variant), Held::from(held)),)*
                }
            }
        }
    };
}

tests! {
    All "all" Together "Every one of these holds."
    Either "any" Groups "One of these holds."
    Not "not" Groups "None of these holds."
    Image "image" Patterns "The image without registry, tag and digest (`node`, `bitnami/redis`): of FROM its own, elsewhere that at the bottom of the stage."
    Tag "tag" Patterns "The image's tag; `latest` where neither tag nor digest is given."
    Registry "registry" Patterns "The registry: `docker.io`, `ghcr.io`."
    Digest "digest" Switch "Whether the image is pinned by a digest."
    Production "production" Switch "Whether the catalog knows the image as a minimal one for production."
    Debug "debug" Switch "Whether the catalog knows the tag as a variant with a shell for debugging."
    Platform "platform" Patterns "The value of `--platform`, as written."
    Name "name" Patterns "The name: of a variable, a label or a package; letter case does not count."
    Value "value" Patterns "The value of a variable or label, the port of EXPOSE, as written without quotes."
    Is "text" Patterns "The instruction's arguments as one text."
    Legacy "legacy" Switch "Whether a variable or label is written without `=`."
    Command "command" Patterns "The program, without its folder."
    Subcommand "subcommand" Patterns "The first argument that is no option."
    Flag "flag" Patterns "An option of the command: `--name`, also in `--name=value`; `-k`, also in `-fsSLk`."
    Argument "arg" Patterns "An argument of the command, whole."
    Effect "effect" Effects "What the command does, whatever it is called."
    Manager "manager" Patterns "The package manager that it is an install, upgrade or refresh of: `apt`, `apk`, `dnf`, `pip`, `npm`."
    Operands "packages" Switch "Whether an installation names packages; false: a manifest lists them."
    Global "global" Switch "Whether an installation of a language lands beside the interpreter."
    Recommends "recommends" Switch "Whether recommended packages come along."
    Version "version" Switch "Whether a version is asked for."
    Kept "kept" Switch "Whether a package is still there when the stage ends, as far as its commands say."
    Virtual "virtual" Switch "Whether an installation has a name by which it is to be removed (`apk add --virtual`)."
    FixedId "fixed-id" Switch "Whether the user that is made has a number given."
    Certain "certain" Switch "Whether it happens whenever the instruction succeeds."
    Raised "sudo" Switch "Whether `sudo` or its like runs it."
    Variable "variable" Patterns "A variable that is set for this command alone."
    Mode "mode" Modes "The modes that it gives to files."
    Removes "removes" Patterns "A path that it removes."
    Has "run-has" Commands "One of these holds of some command of the same RUN (and a command behind another by `after`)."
    Mount "mount" Patterns "The value of a `--mount` of the RUN."
    From "from" Origins "Where COPY or ADD takes files from."
    Source "source" Patterns "A source of COPY or ADD, variables resolved."
    Dest "dest" Patterns "The destination of COPY or ADD, absolute."
    Option "option" Patterns "A flag of the instruction, without dashes and value: `checksum`."
    First "first" Switch "Whether no instruction of the same kind stands before it in the stage."
    Last "last" Switch "Whether no instruction of the same kind stands behind it in the stage."
    Set "set" Patterns "A variable that ENV sets in the stage, or its base image."
    User "user" Patterns "The user that the stage ends with, without group."
    Root "root" Switch "Whether the stage ends with root as its user."
    HealthCheck "healthcheck" Switch "Whether the stage ends with a health check."
    Labelled "label" Patterns "A label that the stage ends with."
    Role "role" Patterns "A role of a tool in the final image: `shell`, `network-client`, ..."
    PortBelow "port-below" Number "The port of EXPOSE is a number below this one."
    Shell "shell" Patterns "A word of SHELL in the stage."
}

/// Conditions, and what they need of a command to hold together: most groups are passed over by that.
#[derive(Clone, Debug)]
pub struct Group {
    /// What they need.
    pub needs: Needs,
    /// The conditions.
    pub tests: List<Test>,
}

impl Group {
    /// All of them hold.
    fn all(tests: List<Test>) -> Self {
        Self { needs: Needs::of_all(&tests, Trigger::Command), tests }
    }

    /// One of them holds.
    fn one(tests: List<Test>) -> Self {
        Self { needs: Needs::of_one(&tests, Trigger::Command), tests }
    }
}

/// What a test holds.
pub enum Held<'t> {
    /// Comparisons.
    Patterns(&'t [Pattern]),
    /// Yes or no.
    Switch(bool),
    /// A number.
    Number(u16),
    /// Conditions.
    Groups(&'t [Test]),
    /// Conditions with what they need.
    Group(&'t Group),
    /// Effects.
    Effects(&'t [EffectName]),
    /// Sources.
    Origins(&'t [Origin]),
    /// Modes.
    Modes(&'t [Mode]),
}

macro_rules! held_from {
    ($($kind:ident $type:ty, $made:expr;)*) => {$(
        impl<'t> From<&'t $type> for Held<'t> {
            fn from(held: &'t $type) -> Self {
                let made: fn(&'t $type) -> Self = $made;
                made(held)
            }
        }
    )*};
}

held_from! {
    Patterns List<Pattern>, |held| Self::Patterns(held);
    Switch bool, |held| Self::Switch(*held);
    Number u16, |held| Self::Number(*held);
    Groups List<Test>, |held| Self::Groups(held);
    Group Group, |held| Self::Group(held);
    Effects List<EffectName>, |held| Self::Effects(held);
    Origins List<Origin>, |held| Self::Origins(held);
    Modes List<Mode>, |held| Self::Modes(held);
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Default)]
pub struct Tests(pub Vec<Test>);

struct TestsVisitor;

impl<'de> Deserialize<'de> for Tests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TestsVisitor)
    }
}

impl From<Tests> for Test {
    fn from(mut tests: Tests) -> Self {
        match tests.0.len() {
            1 => tests.0.remove(0),
            _ => Self::All(Group::all(Cow::Owned(tests.0))),
        }
    }
}
