//! What a program is linked to, from how its stage builds it.

use barehull_catalog::{Family, Libc, Os, compare_versions};

use super::super::plan::Plan;
use super::program::Program;
use crate::model::{Base, Model, Stage, StageId, StepKind, Toolchain};

/// The newest release of each family whose glibc is not newer than that of distroless's Debian 13 (2.41).
const NEWEST: [(Family, &str); 5] = [
    (Family::Debian, "13"),
    // https://packages.ubuntu.com/plucky/libc6
    (Family::Ubuntu, "25.04"),
    // https://packages.fedoraproject.org/pkgs/glibc/glibc/
    (Family::Fedora, "42"),
    // 2.39 in release 10.
    (Family::Rhel, "10"),
    (Family::Amazon, "2023"),
];

/// What the program is linked to; blocks where that cannot be told, or no minimal base has it.
pub(super) fn linked(plan: &mut Plan<'_, '_>, program: &Program) -> Option<Libc> {
    let model = plan.cx.model;
    let text = build_text(plan, program.stage);
    let from = model.at(model.dockerfile.instructions()[model.stage(program.stage).from].span);
    let dynamic = text.contains("target-feature=-crt-static");
    if program.toolchain == Toolchain::Rust
        && (program.built.contains("-musl") || text.contains("-linux-musl"))
    {
        if dynamic {
            plan.block(
                "the binary is linked to musl dynamically on a system that has none: leave out `-crt-static`",
                from,
            );
            return None;
        }
        return Some(Libc::None);
    }
    let by_musl = program.toolchain == Toolchain::C && calls_musl(&text);
    if is_static(&text, program.toolchain) {
        if libc_of(model, program.stage) == Some(Libc::Glibc) && !by_musl {
            plan.assume(
                "the binary is linked statically to glibc: it looks up no names of hosts or users, which would need glibc's files",
                Some(from),
            );
        }
        return Some(Libc::None);
    }
    if by_musl && libc_of(model, program.stage) != Some(Libc::Musl) {
        plan.block(
            "the binary is linked to musl dynamically on a system that has another libc: link it with `-static`",
            from,
        );
        return None;
    }
    match libc_of(model, program.stage) {
        Some(Libc::Musl) => {
            let by_default =
                program.toolchain == Toolchain::Rust && !dynamic && has_rustup(model, program.stage);
            Some(if by_default { Libc::None } else { Libc::Musl })
        }
        Some(Libc::Glibc) => {
            if !model.stage(program.stage).os.as_ref().is_some_and(fits) {
                let base = &model.stage(program.stage).base_text;
                plan.block(
                    format!("the binary may be linked to a newer glibc than 2.41, which the minimal base has: build it on an older release than {base}"),
                    from,
                );
                return None;
            }
            Some(Libc::Glibc)
        }
        _ => {
            let base = &model.stage(program.stage).base_text;
            plan.block(
                format!("which libc the binary is linked to is not known, since {base} is not: describe it in a file for --catalog"),
                from,
            );
            None
        }
    }
}

/// The libc of the image at the bottom of a stage.
pub(super) fn libc_of(model: &Model, stage: StageId) -> Option<Libc> {
    match model.root_base(stage) {
        Base::Image { facts: Some(facts), .. } => Some(facts.libc),
        _ => None,
    }
}

/// Whether what is linked on this system runs on the minimal base's glibc.
fn fits(os: &Os) -> bool {
    let newest = NEWEST.iter().find(|(family, _)| *family == os.family).map(|(_, release)| *release);
    newest.is_some_and(|newest| {
        os.release.as_deref().is_some_and(|release| compare_versions(release, newest).is_le())
    })
}

/// Whether the toolchain is rustup's, which links to musl statically; Alpine's own packages do not.
fn has_rustup(model: &Model, stage: StageId) -> bool {
    let lineage = model.lineage(stage);
    !lineage.iter().any(|s| {
        super::super::runtime_steps::installed(s).any(|p| matches!(p.name.as_str(), "cargo" | "rust"))
    })
}

/// Whether the compiler is the wrapper that Debian's musl-tools bring, whatever the system's libc is.
fn calls_musl(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.any(|word| matches!(word, "musl-gcc" | "musl-clang"))
}

/// Whether the build asks the linker for a static program.
fn is_static(text: &str, toolchain: Toolchain) -> bool {
    if text.contains("target-feature=+crt-static") {
        return true;
    }
    let mut words = text.split(|c: char| c.is_whitespace() || "\"'=,;()\\".contains(c));
    match toolchain {
        Toolchain::Rust => false,
        Toolchain::C => words.any(|w| matches!(w, "-static" | "-static-pie" | "--static")),
        Toolchain::Other(_) => words.any(|w| {
            matches!(
                w,
                "-static"
                    | "--static"
                    | "-optl-static"
                    | "--enable-executable-static"
                    | "-passL:-static"
                    | "--passL:-static"
                    | "--static-executable"
                    | "-static-executable"
                    | "--static-swift-stdlib-full"
            ) || w.ends_with("-linux-musl")
        }),
    }
}

/// The text that says how a stage builds: its RUN instructions, its environment, and settings of the build that the
/// context shows.
pub(super) fn build_text(plan: &Plan<'_, '_>, stage: StageId) -> String {
    let model = plan.cx.model;
    let mut text = String::new();
    for stage in model.lineage(stage) {
        for step in stage.steps.iter().filter(|s| matches!(s.kind, StepKind::Run(_))) {
            text.push_str(model.instruction(step).rest.text());
            text.push('\n');
        }
    }
    for variable in model.stage(stage).config.env.iter().filter(|v| v.from.location().is_some()) {
        text.push_str(variable.value.as_deref().unwrap_or_default());
        text.push('\n');
    }
    text.push_str(&settings(plan, model.stage(stage)));
    text
}

/// Settings of builds that the context shows beside the sources.
fn settings(plan: &Plan<'_, '_>, stage: &Stage) -> String {
    const NAMES: [&str; 6] =
        ["/.cargo/config.toml", "/.cargo/config", "Makefile", "makefile", "CMakeLists.txt", "meson.build"];
    /// Bytes of each that are read.
    const MAX_SETTINGS: u64 = 256 << 10;
    let mut files = plan.cx.files.borrow_mut();
    let Some(context) = files.context() else { return String::new() };
    let (listed, _) = files.context_files(stage.id);
    let workdirs: Vec<&str> = stage.steps.iter().map(|s| s.workdir.as_str()).collect();
    let beside = |path: &str| {
        NAMES.iter().any(|name| {
            path.strip_suffix(name).is_some_and(|folder| workdirs.contains(&folder.trim_end_matches('/')))
        })
    };
    let mut text = String::new();
    for (_, source) in listed.into_iter().filter(|(to, _)| beside(to)) {
        if let Ok(bytes) = context.read_up_to(&source, MAX_SETTINGS) {
            text.push_str(&String::from_utf8_lossy(&bytes));
            text.push('\n');
        }
    }
    text
}

/// Whether the stage compiles for the image's platform on the builder's own.
pub(super) fn is_cross_built(plan: &Plan<'_, '_>, stage: StageId) -> bool {
    if plan.cx.model.lineage(stage).iter().all(|s| s.platform.is_none()) {
        return false;
    }
    let text = build_text(plan, stage);
    ["TARGETARCH", "TARGETPLATFORM", "xx-cargo", "xx-clang"].iter().any(|name| text.contains(name))
}
