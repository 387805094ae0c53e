//! Stages whose base an ARG chooses among the stages of the file: another build may stand on another one.

use barehull_syntax::Location;

use super::RecipeCx;
use super::plan::Plan;
use super::shape::mentions;
use crate::model::Base;
use crate::project::outside::{Matched, OutsideUse};

/// ARGs that the builder sets for each platform.
const OF_PLATFORM: [&str; 8] = [
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
];

/// A FROM below the final stage that an ARG makes a stage of.
struct Choice<'a> {
    at: Location,
    base: &'a str,
    /// The ARG, and its value here; nothing for those of the platform.
    argument: Option<(&'a str, Option<&'a str>)>,
}

/// Assumes that nobody builds with another value; blocks where somebody does.
pub fn settle(plan: &mut Plan<'_, '_>) {
    let Some(Choice { at, base, argument }) = choice(plan.cx) else { return };
    let Some((name, value)) = argument else {
        return plan.assume(
            format!("the stages that {base} means for other platforms than linux/amd64 have the same system"),
            Some(at),
        );
    };
    if let Some(used) = another(plan.cx, name, value) {
        let place = plan.cx.place(&used.at);
        let path = &used.at.path;
        return plan.block(
            format!("{path} builds with ARG {name}, and FROM {base} is another stage then: settings of both cannot be written out"),
            place,
        );
    }
    plan.assume(
        format!("nobody builds with another value of ARG {name}: FROM {base} chooses a stage"),
        Some(at),
    );
}

fn choice<'a>(cx: &RecipeCx<'a>) -> Option<Choice<'a>> {
    let dockerfile = &cx.model.dockerfile;
    let below = cx.model.lineage(cx.stage.id).into_iter().filter(|s| matches!(s.base, Base::Stage(_)));
    let mut written = below.filter_map(|stage| {
        let from = &dockerfile.instructions()[stage.from];
        let base = from.rest.text().split_whitespace().find(|word| !word.starts_with("--"))?;
        base.contains('$').then(|| (cx.model.at(from.span), base))
    });
    let (at, base) = written.next()?;
    let mut own = cx.model.global_args.iter().filter(|(name, _)| !OF_PLATFORM.contains(&&**name));
    let argument = own.find(|(name, _)| mentions(base, name));
    Some(Choice { at, base, argument: argument.map(|(name, value)| (name.as_str(), value.as_deref())) })
}

/// Who builds the stage with a value that is another one, or is not known.
fn another<'a>(cx: &RecipeCx<'a>, name: &str, value: Option<&str>) -> Option<&'a OutsideUse> {
    let differs = |used: &&OutsideUse| {
        let args = used.build.iter().flat_map(|build| &build.args);
        args.filter(|(given, _)| given == name).any(|(_, given)| given.as_deref() != value)
    };
    let builds = cx.uses.iter().filter(|used| used.matched == Matched::Builds);
    builds.filter(|used| cx.model.is_used_by(cx.stage.id, used)).find(differs)
}
