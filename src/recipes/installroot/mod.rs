//! A program of one of the distribution's packages: an empty root gets the files of that package and of those that
//! hold its libraries, as they are installed in the build stage, and nothing else of the distribution.

mod chosen;

use std::fmt::Write;

use barehull_catalog::{Completeness, Family};

use super::plan::Plan;
use super::shape::{CopyLine, Target, split};
use super::strip::{self, start};
use super::{Outcome, Recipe, RecipeCx, contents, outside};
use crate::model::Base;
use chosen::Chosen;

/// A package's program with what it needs.
pub static RECIPE: Recipe = Recipe {
    id: "installroot",
    title: "A distribution's program in an empty root, on scratch",
    about: "For final stages on Debian that start a program of one of its packages, of which the catalog \
            says what it needs (`standalone`): which packages hold its files, and what their installation \
            makes besides. The stage stays as it is and becomes a build stage. One RUN at its end puts the \
            files of these packages, as they are installed and configured there, into an empty root, and \
            those of the packages that hold the libraries which `ldd` names; accounts, what the \
            Dockerfile itself brought, and the list of these packages for vulnerability scanners go \
            along. All else of the distribution stays behind, the tools of its base among it.\n\n\
            User, configuration and command are what they were. Where a shell or another program is \
            needed, where a package is installed of which that is not known, and where a RUN does more \
            than to install and to configure, `strip` takes out what nothing uses instead.",
    plan,
};

/// Where the build stage collects the files.
const ROOT: &str = "/image";

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Base::Image { facts: Some(facts), .. } = cx.model.root_base(cx.stage.id) else {
        return Outcome::NotApplicable;
    };
    let plain = facts.os.family == Family::Debian && facts.runtime.is_none();
    if !plain || super::is_minimal(cx) || strip::starts_nothing(cx) || strip::is_for_development(cx) {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    // What stands in the way of the start itself is told by the recipe that needs less.
    let Some(start) = start::find(&mut plan).filter(start::Start::needs_no_shell) else {
        return Outcome::NotApplicable;
    };
    let Some(chosen) = Chosen::of(&mut plan, &start) else { return Outcome::NotApplicable };
    let mut target = Target {
        base: "scratch".to_owned(),
        build_name: strip::name(cx),
        whole: true,
        copies: vec![CopyLine::of(&format!("{ROOT}/"), "/")],
        ..Target::default()
    };
    strip::declare_environment(&mut plan, &mut target, Completeness::Exact);
    strip::declare_start(&plan, &mut target, &start);
    contents::make_volumes(&plan, &mut target);
    target.build_tail.push(collect(&plan, &chosen));
    let tools = cx.stage.surface().groups.values().flatten().map(|entry| entry.component.name());
    let gone = tools.filter(|name| !chosen.programs.iter().any(|kept| kept == name)).map(ToOwned::to_owned);
    outside::settle_kept(&mut plan, false, &gone.collect());
    let names = chosen.programs.join(", ");
    let base = plan.base_line();
    plan.assume(
        format!("{names} reads nothing of the system but accounts, time zones, the files of its packages and what the Dockerfile brings, and starts no other program"),
        Some(base),
    );
    let title = format!("Keep {names} with the packages that it needs, on scratch");
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// The RUN that collects the files, with a comment above it.
fn collect(plan: &Plan<'_, '_>, chosen: &Chosen) -> String {
    let escape = char::from(plan.cx.model.dockerfile.escape());
    let names = chosen.programs.join(" and ");
    let packages = chosen.packages.join(" ");
    let mut paths = vec!["/etc/passwd".to_owned(), "/etc/group".to_owned()];
    paths.extend(chosen.paths.iter().cloned());
    let lines = [
        "set -euf".to_owned(),
        format!("packages='{packages}'"),
        "dpkg -L $packages | xargs ldd > /tmp/libraries 2> /dev/null || true".to_owned(),
        "if grep 'not found' /tmp/libraries; then exit 1; fi".to_owned(),
        "dpkg -S $(awk '$2 == \"=>\" { print \"*/\" $1 }' /tmp/libraries | sort -u) > /tmp/owners".to_owned(),
        "packages=\"base-files tzdata $packages $(cut -d: -f1 /tmp/owners | sort -u)\"".to_owned(),
        format!(
            "mkdir -p {ROOT}/usr/bin {ROOT}/usr/lib {ROOT}/usr/lib64 {ROOT}/usr/sbin {ROOT}/var/lib/dpkg/status.d"
        ),
        "dpkg -L $packages | grep -vE '^/etc/(cron|init|update-motd)[.]' | sort -u > /tmp/files".to_owned(),
        format!("tar -cf - --no-recursion --ignore-failed-read -T /tmp/files | tar -xf - -C {ROOT}"),
        format!("cp -a --parents {} {ROOT}", paths.join(" ")),
        format!(
            "for package in $packages; do dpkg -s \"$package\" > \"{ROOT}/var/lib/dpkg/status.d/$package\"; done"
        ),
    ];
    let mut out = format!(
        "# Only what {names} needs goes into the image: the files of its packages, as they are installed, and of\n\
         # those with its libraries. Vulnerability scanners read status.d.\n"
    );
    let _ = write!(out, "{} {}", plan.keyword("RUN"), lines.join(&format!("; {escape}\n    ")));
    out
}
