//! What a rule looks for and says.

use std::borrow::Cow;

use super::{FixTemplate, List, Needs, Reach, Template, Test, Tests, Trigger};

/// What a rule looks for, and what it says.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// What it looks at.
    pub on: Trigger,
    /// Where that must stand.
    pub reach: Reach,
    /// What must hold of it.
    pub tests: List<Test>,
    /// What these need of a command.
    pub needs: Needs,
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
        let needs = match on {
            Trigger::Command | Trigger::Run | Trigger::Package => Needs::of_all(&tests, on),
            _ => Needs::NOTHING,
        };
        Ok(Matcher { on, reach, tests: Cow::Owned(tests), needs, group, message, key, fix })
    }
}
