//! What a matcher needs, in bits: most are passed over by two comparisons.

use super::{EffectName, Pattern, Test, Trigger};

impl EffectName {
    /// Its bit among what a command does.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// What a command must do, and be called, for a matcher to hold of it: most of them are passed over by two comparisons
/// of bits. Of a place: what its commands do and are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// One of these: bits of effects, [`Needs::RAISED`], [`Needs::VARIABLES`].
    pub effects: u32,
    /// One of these: bits of names.
    pub names: u32,
}

impl Needs {
    /// Nothing: it may hold anywhere.
    pub const NOTHING: Self = Self { effects: u32::MAX, names: u32::MAX };
    /// What every place has.
    pub const EMPTY: Self = Self { effects: 1 << 31, names: 1 << 31 };
    /// `sudo` runs it.
    pub const RAISED: u32 = 1 << 30;
    /// Variables are set for it alone.
    pub const VARIABLES: u32 = 1 << 29;

    /// The bit of a name; several names share one.
    pub const fn of_name(name: &str) -> u32 {
        let bytes = name.as_bytes();
        let (mut sum, mut at) = (bytes.len(), 0);
        while at < bytes.len() {
            sum = sum.wrapping_mul(31).wrapping_add(bytes[at] as usize);
            at += 1;
        }
        1 << (sum % 31)
    }

    /// What two places have together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self { effects: self.effects | other.effects, names: self.names | other.names }
    }

    /// Whether a matcher that needs this may hold at a place.
    pub const fn may_hold(self, place: Self) -> bool {
        self.effects & place.effects != 0 && self.names & place.names != 0
    }

    /// Of one condition on a command, a RUN or a package.
    fn of(test: &Test, on: Trigger) -> Self {
        const MANAGERS: [EffectName; 7] = [
            EffectName::Install,
            EffectName::InstallFiles,
            EffectName::Uninstall,
            EffectName::RefreshLists,
            EffectName::Upgrade,
            EffectName::CleanCache,
            EffectName::LanguageInstall,
        ];
        const INSTALLS: [EffectName; 2] = [EffectName::Install, EffectName::LanguageInstall];
        let effects = |names: &[EffectName]| Self {
            effects: names.iter().fold(0, |bits, name| bits | name.bit()),
            ..Self::NOTHING
        };
        match test {
            Test::All(group) => Self::of_all(&group.tests, on),
            Test::Either(tests) => Self::of_one(tests, on),
            // Of another command than the one that is looked at.
            Test::Has(asked) if on == Trigger::Run => asked.needs,
            Test::Command(patterns) => {
                let bit = |pattern: &Pattern| match pattern {
                    Pattern::Exact(name) => Self::of_name(name),
                    _ => u32::MAX,
                };
                Self { names: patterns.iter().fold(0, |bits, pattern| bits | bit(pattern)), ..Self::NOTHING }
            }
            Test::Effect(names) => effects(names),
            Test::Manager(_) => effects(&MANAGERS),
            Test::Operands(_) | Test::Global(_) | Test::Recommends(_) => effects(&INSTALLS),
            Test::FixedId(_) => effects(&[EffectName::Account]),
            Test::Removes(_) => effects(&[EffectName::Remove]),
            Test::Mode(_) => effects(&[EffectName::Chmod]),
            Test::Raised(true) => Self { effects: Self::RAISED, ..Self::NOTHING },
            Test::Variable(_) => Self { effects: Self::VARIABLES, ..Self::NOTHING },
            _ => Self::NOTHING,
        }
    }

    /// All of them hold: the one that asks for least counts.
    pub(super) fn of_all(tests: &[Test], on: Trigger) -> Self {
        let fewer = |a: u32, b: u32| if b.count_ones() < a.count_ones() { b } else { a };
        tests.iter().map(|test| Self::of(test, on)).fold(Self::NOTHING, |all, one| Self {
            effects: fewer(all.effects, one.effects),
            names: fewer(all.names, one.names),
        })
    }

    /// One of them holds.
    pub(super) fn of_one(tests: &[Test], on: Trigger) -> Self {
        let none = Self { effects: 0, names: 0 };
        tests.iter().map(|test| Self::of(test, on)).fold(none, Self::with)
    }
}
