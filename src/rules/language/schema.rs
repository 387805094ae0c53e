//! The language that rules are written in, as YAML reads it: the same types hold the built-in rules (borrowed,
//! constant) and a user's (owned). `build.rs` includes this file, so nothing here may depend on the rest of the crate.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::regular::Regular;

/// Text that is constant in built-in rules and owned in a user's.
pub type Text = Cow<'static, str>;
/// A list that is constant in built-in rules and owned in a user's.
pub type List<T> = Cow<'static, [T]>;

/// A comparison with a text.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// The very text.
    Exact(Text),
    /// `text*`.
    Prefix(Text),
    /// `*text`.
    Suffix(Text),
    /// `*text*`.
    Contains(Text),
    /// `*`: any text, but there must be one.
    Any,
    /// `/expression/`; a user's rules only.
    Regular(Regular),
}

impl Pattern {
    /// Reads a pattern as it is written.
    ///
    /// # Errors
    /// If an asterisk stands in the middle, or the expression cannot be read.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > 2 && text.starts_with('/') && text.ends_with('/') {
            return Regular::new(&text[1..text.len() - 1]).map(Self::Regular);
        }
        let (starts, ends) = (text.starts_with('*'), text.len() > 1 && text.ends_with('*'));
        let inner = text.trim_start_matches('*').trim_end_matches('*');
        if inner.contains('*') {
            return Err(format!(
                "`{text}`: an asterisk stands at the start or the end; write a regular expression between slashes"
            ));
        }
        let inner = || Text::Owned(inner.to_owned());
        Ok(match (starts, ends) {
            (true, _) if text.chars().all(|c| c == '*') => Self::Any,
            (true, true) => Self::Contains(inner()),
            (true, false) => Self::Suffix(inner()),
            (false, true) => Self::Prefix(inner()),
            (false, false) => Self::Exact(inner()),
        })
    }
}

/// An instruction, or a part of one, that a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Each FROM.
    From,
    /// Each RUN as a whole.
    Run,
    /// Each command that a RUN executes.
    Command,
    /// Each package that a RUN installs by name.
    Package,
    /// Each COPY.
    Copy,
    /// Each ADD.
    Add,
    /// Each variable of an ENV.
    Env,
    /// Each variable of an ARG.
    Arg,
    /// Each label.
    Label,
    /// Each port of an EXPOSE.
    Expose,
    /// Each USER.
    User,
    /// Each WORKDIR.
    Workdir,
    /// Each CMD.
    Cmd,
    /// Each ENTRYPOINT.
    Entrypoint,
    /// Each HEALTHCHECK.
    Healthcheck,
    /// Each SHELL.
    Shell,
    /// Each VOLUME.
    Volume,
    /// Each STOPSIGNAL.
    Stopsignal,
    /// Each MAINTAINER.
    Maintainer,
    /// Each ONBUILD.
    Onbuild,
    /// Each final stage as it ends.
    Stage,
}

impl Trigger {
    /// How many there are.
    pub const COUNT: usize = Self::Stage as usize + 1;
}

/// Where an instruction must stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// In a final stage, or one that it is built from: its result is shipped.
    #[default]
    Final,
    /// In any stage that somebody needs.
    Any,
}

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "named as the effects of the model")]
pub enum EffectName {
    Install,
    InstallFiles,
    Uninstall,
    RefreshLists,
    Upgrade,
    CleanCache,
    LanguageInstall,
    Fetch,
    Write,
    Remove,
    Chmod,
    Chown,
    Unpack,
    Account,
    Spawn,
    Unknown,
}

/// Where COPY and ADD take files from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "named as the sources of the model")]
pub enum Origin {
    Context,
    Stage,
    Image,
    Remote,
    Heredoc,
}

/// Modes of files that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Programs run as their owner or group.
    Setuid,
    /// Everybody may write.
    WorldWritable,
}

macro_rules! held {
    (Patterns) => { List<Pattern> };
    (Switch) => { bool };
    (Number) => { u16 };
    (Groups) => { List<Test> };
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
    All "all" Groups "Every one of these holds."
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
    FixedId "fixed-id" Switch "Whether the user that is made has a number given."
    Certain "certain" Switch "Whether it happens whenever the instruction succeeds."
    Raised "sudo" Switch "Whether `sudo` or its like runs it."
    Variable "variable" Patterns "A variable that is set for this command alone."
    Mode "mode" Modes "The modes that it gives to files."
    Removes "removes" Patterns "A path that it removes."
    Has "run-has" Groups "One of these holds of some command of the same RUN (and a command behind another by `after`)."
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
            _ => Self::All(Cow::Owned(tests.0)),
        }
    }
}

/// A pattern as it is written.
struct PatternText(Pattern);

impl<'de> Deserialize<'de> for PatternText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Pattern::read(&text).map(Self).map_err(de::Error::custom)
    }
}

/// One value, or a list of them.
#[derive(Debug)]
pub struct Many<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ManyVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
            type Value = Many<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or a list of values")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Many<T>, E> {
                T::deserialize(de::value::StrDeserializer::new(text)).map(|one| Many(vec![one]))
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Many<T>, M::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|one| Many(vec![one]))
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Many<T>, S::Error> {
                let mut all = Vec::new();
                while let Some(one) = seq.next_element()? {
                    all.push(one);
                }
                Ok(Many(all))
            }
        }

        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

/// A part of what a rule found, to be put into a message or a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The image, as written, arguments resolved.
    Image,
    /// The image's tag.
    Tag,
    /// The image's registry.
    Registry,
    /// `--platform`.
    Platform,
    /// The name of a variable, label or package.
    Name,
    /// Its value; the port of EXPOSE.
    Value,
    /// The instruction's arguments.
    Text,
    /// The instruction's keyword.
    Instruction,
    /// The program.
    Command,
    /// Its first argument that is no option.
    Subcommand,
    /// The option or argument that was asked for.
    Arg,
    /// The source that was asked for.
    Source,
    /// The destination of COPY or ADD.
    Dest,
    /// The user of the stage.
    User,
    /// What `group` puts together: the names, or values.
    All,
}

const FIELDS: &[(&str, Field)] = &[
    ("image", Field::Image),
    ("tag", Field::Tag),
    ("registry", Field::Registry),
    ("platform", Field::Platform),
    ("name", Field::Name),
    ("value", Field::Value),
    ("text", Field::Text),
    ("instruction", Field::Instruction),
    ("command", Field::Command),
    ("subcommand", Field::Subcommand),
    ("arg", Field::Arg),
    ("source", Field::Source),
    ("dest", Field::Dest),
    ("user", Field::User),
    ("all", Field::All),
];

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(Text),
    /// What was found.
    Field(Field),
}

/// Text with `{name}` for what was found; `{{` and `}}` are braces.
#[derive(Clone, Debug, Default)]
pub struct Template(pub List<Piece>);

impl Template {
    /// Reads a template as it is written.
    ///
    /// # Errors
    /// If a field is not known or a brace is left open.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(brace) = rest.find(['{', '}']) {
            plain.push_str(&rest[..brace]);
            rest = &rest[brace..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                plain.push_str(&rest[..1]);
                rest = &rest[2..];
                continue;
            }
            let close = rest.find('}').filter(|_| rest.starts_with('{'));
            let close = close.ok_or_else(|| format!("`{text}`: a brace alone is written twice"))?;
            let name = &rest[1..close];
            let field = FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
            let field = field.ok_or_else(|| {
                let known: Vec<&str> = FIELDS.iter().map(|(known, _)| *known).collect();
                format!("`{{{name}}}` is nothing that can be put in; there are {}", known.join(", "))
            })?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(Text::Owned(std::mem::take(&mut plain))));
            }
            pieces.push(Piece::Field(field));
            rest = &rest[close + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(Text::Owned(plain)));
        }
        Ok(Self(Cow::Owned(pieces)))
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).map_err(de::Error::custom)
    }
}

/// How far a fix can be trusted; see `finding::Level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "named as the levels of fixes")]
pub enum FixLevel {
    Safe,
    Review,
    Sketch,
}

/// A part of the file that a fix changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The whole instruction; deleted with its line break.
    Instruction,
    /// Its keyword.
    Keyword,
    /// Its arguments.
    Text,
    /// The program of the command.
    Command,
    /// The command's first argument that is no option.
    Subcommand,
    /// The option or argument that was asked for.
    Arg,
    /// The value of a variable or label, the port of EXPOSE.
    Value,
}

/// What is done to it.
#[derive(Clone, Debug)]
pub enum Change {
    /// `with` takes its place.
    Replace(Part, Template),
    /// It goes, with the blanks before it.
    Delete(Part),
    /// A text in front of it; in front of an instruction a line.
    InsertBefore(Part, Template),
    /// A text behind it; behind an instruction a line.
    InsertAfter(Part, Template),
}

/// How a finding is mended.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(try_from = "FixText")]
pub struct FixTemplate {
    /// How far it can be trusted.
    pub level: FixLevel,
    /// What it does, in the imperative.
    pub title: Template,
    /// What it relies on.
    pub assumes: List<Template>,
    /// The change.
    pub change: Change,
}

/// A fix as it is written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FixText {
    level: FixLevel,
    title: Template,
    #[serde(default)]
    assumes: Vec<Template>,
    #[serde(default)]
    replace: Option<Part>,
    #[serde(default)]
    delete: Option<Part>,
    #[serde(default)]
    insert_before: Option<Part>,
    #[serde(default)]
    insert_after: Option<Part>,
    #[serde(default)]
    with: Option<Template>,
}

impl TryFrom<FixText> for FixTemplate {
    type Error = &'static str;

    fn try_from(text: FixText) -> Result<Self, Self::Error> {
        let FixText { level, title, assumes, replace, delete, insert_before, insert_after, with } = text;
        let change = match (replace, delete, insert_before, insert_after, with) {
            (Some(part), None, None, None, Some(with)) => Change::Replace(part, with),
            (None, Some(part), None, None, None) => Change::Delete(part),
            (None, None, Some(part), None, Some(with)) => Change::InsertBefore(part, with),
            (None, None, None, Some(part), Some(with)) => Change::InsertAfter(part, with),
            _ => {
                return Err(
                    "a fix has one of `replace`, `delete`, `insert-before` and `insert-after`, and `with` but \
                            for `delete`",
                );
            }
        };
        if level != FixLevel::Safe && assumes.is_empty() && level == FixLevel::Review {
            return Err("a fix at level review says what it `assumes`");
        }
        Ok(Self { level, title, assumes: Cow::Owned(assumes), change })
    }
}

/// What a rule looks for, and what it says.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// What it looks at.
    pub on: Trigger,
    /// Where that must stand.
    pub reach: Reach,
    /// What must hold of it.
    pub tests: List<Test>,
    /// One finding for an instruction, however often it holds there.
    pub group: bool,
    /// What the finding says.
    pub message: Template,
    /// What tells the finding from others of the rule in the same stage.
    pub key: Template,
    /// How it is mended.
    pub fix: Option<FixTemplate>,
}

/// One item of `match`, as it is written.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchText {
    on: Trigger,
    #[serde(default)]
    stage: Reach,
    #[serde(default, rename = "when")]
    tests: Tests,
    #[serde(default)]
    group: bool,
    #[serde(default)]
    message: Option<Template>,
    #[serde(default)]
    key: Option<Template>,
    #[serde(default)]
    fix: Option<FixTemplate>,
}

impl MatchText {
    /// The matcher, with the rule's message and key where it has none of its own.
    ///
    /// # Errors
    /// If neither says anything, or nothing is asked.
    pub fn compile(
        self,
        message: Option<&Template>,
        shared_key: Option<&Template>,
    ) -> Result<Matcher, &'static str> {
        let Self { on, stage: reach, tests: Tests(tests), group, message: own, key, fix } = self;
        let key = key.or_else(|| shared_key.cloned());
        let message = own.or_else(|| message.cloned()).ok_or("`message` is missing")?;
        if tests.is_empty() && !matches!(on, Trigger::Maintainer | Trigger::Onbuild) {
            return Err("`when` is missing: the rule would hold of everything");
        }
        let key = key.unwrap_or_else(|| message.clone());
        Ok(Matcher { on, reach, tests: Cow::Owned(tests), group, message, key, fix })
    }
}
