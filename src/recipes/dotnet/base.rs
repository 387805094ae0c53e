//! Which image without a shell the application fits on.

use barehull_catalog::{Ecosystem, Family, ImageFacts, compare_versions};

use super::super::bases;
use super::super::plan::Plan;
use super::dotnet_image;
use super::lines::Lines;
use super::project::{Program, published};
use crate::evidence::Evidence;
use crate::model::{Stage, StepKind};

/// The image without a shell of the kind, in the application's own version; of Azure Linux, if the old one is.
pub(super) fn chiseled(
    plan: &Plan<'_, '_>,
    old: &ImageFacts,
    kind: &str,
    version: Option<&str>,
    icu: bool,
) -> Option<String> {
    let repository = format!("mcr.microsoft.com/dotnet/{kind}:");
    let azure = old.os.family == Family::AzureLinux;
    let fits = |r: &barehull_catalog::Replacement| {
        let has_icu = r.libraries.iter().any(|l| l == "icu" || l.starts_with("libicu"));
        r.image.starts_with(&repository) && has_icu == icu && (r.preference == "azure-linux") == azure
    };
    bases::choose(plan.cx, Ecosystem::Dotnet, version, fits).map(|c| c.reference)
}

/// Says that there is no base for this version.
pub(super) fn no_base(plan: &mut Plan<'_, '_>, version: Option<&str>) {
    let old = version.is_some_and(|v| compare_versions(v, "6.0").is_lt());
    let version = version.unwrap_or("this version");
    let reason = if old {
        format!(
            ".NET {version} has no image without a shell, the first is of .NET 6: move to a supported version first"
        )
    } else {
        format!("no image without a shell is known for .NET {version}")
    };
    plan.block(reason, plan.base_line());
}

/// Chiseled images have glibc: what was built for musl does not run there.
pub(super) fn not_musl(plan: &mut Plan<'_, '_>, old: &ImageFacts, program: &Program, by_host: bool) {
    let cx = plan.cx;
    let behind: Vec<&Stage> = cx.model.behind(cx.stage.id).into_iter().map(|id| cx.model.stage(id)).collect();
    for step in behind.iter().flat_map(|s| &s.steps) {
        if !matches!(&step.kind, StepKind::Run(run) if run.effects.iter().any(|e| published(e).is_some())) {
            continue;
        }
        let instruction = cx.model.instruction(step);
        if instruction.rest.text().contains("linux-musl") {
            plan.block(
                "the program is published for musl (linux-musl), and the new base has glibc: publish it for linux-x64 or linux-arm64",
                cx.model.at(instruction.span),
            );
            return;
        }
    }
    if program.settings.runtime.as_deref().is_some_and(|r| r.contains("musl")) {
        plan.block(
            "its project says RuntimeIdentifier linux-musl, and the new base has glibc: publish it for linux-x64 or linux-arm64",
            plan.base_line(),
        );
        return;
    }
    if old.os.family != Family::Alpine {
        return;
    }
    let at = plan.base_line();
    if by_host {
        plan.assume("native libraries of its packages were published for glibc, too (a publish without a runtime identifier has those of all systems)", Some(at));
    } else {
        plan.block("the program was published on Alpine, linked to musl, and the new base has glibc: publish it for linux-x64 or linux-arm64, or start its DLL with `dotnet`", at);
    }
}

/// A program that is compiled to machine code is linked to the glibc of the SDK's image.
pub(super) fn not_newer(plan: &mut Plan<'_, '_>, program: &Program) {
    let cx = plan.cx;
    let newer = |facts: &ImageFacts| {
        let last = match facts.os.family {
            Family::Debian => "12",
            Family::Ubuntu => "24.04",
            _ => return false,
        };
        facts.os.release.as_deref().is_some_and(|r| compare_versions(r, last).is_gt())
    };
    let behind =
        cx.model.behind(cx.stage.id).into_iter().filter_map(|id| Some((id, dotnet_image(cx.model, id)?)));
    for (id, (facts, kind)) in behind {
        if program.settings.aot == Some(true) && kind == "sdk" && newer(facts) {
            let from = &cx.model.dockerfile.instructions()[cx.model.stage(id).from];
            plan.block("the program is linked to a newer glibc than the minimal base has: build it on the `-noble` image of the SDK", cx.model.at(from.span));
        }
    }
}

/// Whether cultures or time zones may matter: then the image that has them is the one.
pub(super) fn needs_icu(
    plan: &Plan<'_, '_>,
    old: &ImageFacts,
    program: &Program,
    evidence: &Evidence,
    lines: &Lines,
) -> bool {
    let set = plan.cx.stage.config.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT");
    let set = set.map(|v| v == "1" || v.eq_ignore_ascii_case("true"));
    // Alpine's images set the variable.
    let of_base = (old.os.family == Family::Alpine).then_some(true);
    let invariant = set.or(program.settings.invariant).or(of_base).unwrap_or(false);
    let zones = evidence.imports.contains("TimeZoneInfo");
    lines.icu || !invariant || zones
}
