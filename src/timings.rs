//! How long each part of an analysis takes, summed over files and threads: what `--timings` shows.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A part of an analysis. None holds another, so that they can be added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The Dockerfile is read.
    Read,
    /// The project is searched for what uses the image; once for all its Dockerfiles.
    Project,
    /// Bytes become instructions.
    Parse,
    /// Instructions become stages, commands and effects.
    Model,
    /// What the start and the project need of the image.
    Needs,
    /// What the application's sources show.
    Evidence,
    /// The tools of the final images.
    Surface,
    /// Rules that are data.
    RulesAsData,
    /// Coded rules.
    CodedRules,
    /// Files that COPY names are looked for in the build context.
    Context,
    /// Comments that hide findings, and the findings' order.
    Suppressions,
    /// Recipes look for a rewrite.
    Recipes,
    /// Rules propose fixes.
    RuleFixes,
    /// Fixes are applied in memory and checked; the look at the result counts as any other.
    Proofs,
    /// Findings become text.
    Report,
}

impl Phase {
    /// All of them, in the order in which they come.
    pub const ALL: [Self; 15] = [
        Self::Read,
        Self::Project,
        Self::Parse,
        Self::Model,
        Self::Needs,
        Self::Evidence,
        Self::Surface,
        Self::RulesAsData,
        Self::CodedRules,
        Self::Context,
        Self::Suppressions,
        Self::Recipes,
        Self::RuleFixes,
        Self::Proofs,
        Self::Report,
    ];

    /// What it is called in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Project => "project",
            Self::Parse => "parse",
            Self::Model => "model",
            Self::Needs => "needs",
            Self::Evidence => "evidence",
            Self::Surface => "surface",
            Self::RulesAsData => "rules: data",
            Self::CodedRules => "rules: code",
            Self::Context => "build context",
            Self::Suppressions => "rules: comments",
            Self::Recipes => "recipes",
            Self::RuleFixes => "fixes of rules",
            Self::Proofs => "proofs",
            Self::Report => "report",
        }
    }
}

/// The sum for each phase.
#[derive(Debug, Default)]
pub struct Timings {
    nanoseconds: [AtomicU64; Phase::ALL.len()],
}

impl Timings {
    /// What a phase took, of all files together.
    pub fn of(&self, phase: Phase) -> Duration {
        Duration::from_nanos(self.nanoseconds[phase as usize].load(Ordering::Relaxed))
    }

    /// Does `work`, and adds the time it takes to its phase where somebody wants to know.
    pub fn measure<T>(timings: Option<&Self>, phase: Phase, work: impl FnOnce() -> T) -> T {
        let Some(timings) = timings else { return work() };
        let start = Instant::now();
        let done = work();
        let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        timings.nanoseconds[phase as usize].fetch_add(took, Ordering::Relaxed);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_adds_up_and_leaves_the_others_alone() {
        let timings = Timings::default();
        let pause = Duration::from_millis(2);
        for _ in 0..2 {
            Timings::measure(Some(&timings), Phase::Parse, || std::thread::sleep(pause));
        }
        assert_eq!(Timings::measure(None, Phase::Model, || 7), 7);
        for phase in Phase::ALL {
            assert_eq!(timings.of(phase) >= 2 * pause, phase == Phase::Parse, "{}", phase.name());
        }
    }

    #[test]
    fn all_phases_stand_in_their_order() {
        for (at, phase) in Phase::ALL.into_iter().enumerate() {
            assert_eq!(phase as usize, at);
        }
    }
}
