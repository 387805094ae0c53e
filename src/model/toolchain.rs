//! Compilers that make programs which need no run time of their own: what a stage builds with.

use super::{Base, Effect, EffectKind, LanguageManager, Model, Stage, StageId, StepKind};

/// The compiler behind a native program, as far as it matters for what the program needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// cargo and rustc.
    Rust,
    /// A compiler of C or C++, called by hand or by a build tool.
    C,
    /// Another one, by the language's name.
    Other(&'static str),
}

/// Programs that compile, or have compilers called, by the language they are for. `make` and its like may build
/// anything, so they count for C only where nothing says otherwise.
const PROGRAMS: [(&str, Toolchain); 44] = [
    ("cargo", Toolchain::Rust),
    ("cargo-chef", Toolchain::Rust),
    ("cargo-zigbuild", Toolchain::Rust),
    ("cross", Toolchain::Rust),
    ("rustc", Toolchain::Rust),
    ("gcc", Toolchain::C),
    ("g++", Toolchain::C),
    ("cc", Toolchain::C),
    ("c++", Toolchain::C),
    ("clang", Toolchain::C),
    ("clang++", Toolchain::C),
    ("tcc", Toolchain::C),
    ("musl-gcc", Toolchain::C),
    ("cmake", Toolchain::C),
    ("meson", Toolchain::C),
    ("ninja", Toolchain::C),
    ("qmake", Toolchain::C),
    ("scons", Toolchain::C),
    ("configure", Toolchain::C),
    ("autoreconf", Toolchain::C),
    ("premake5", Toolchain::C),
    ("ghc", Toolchain::Other("Haskell")),
    ("stack", Toolchain::Other("Haskell")),
    ("cabal", Toolchain::Other("Haskell")),
    ("dune", Toolchain::Other("OCaml")),
    ("ocamlfind", Toolchain::Other("OCaml")),
    ("ocamlopt", Toolchain::Other("OCaml")),
    ("ocamlbuild", Toolchain::Other("OCaml")),
    ("opam", Toolchain::Other("OCaml")),
    ("zig", Toolchain::Other("Zig")),
    ("nim", Toolchain::Other("Nim")),
    ("nimble", Toolchain::Other("Nim")),
    ("crystal", Toolchain::Other("Crystal")),
    ("shards", Toolchain::Other("Crystal")),
    ("dmd", Toolchain::Other("D")),
    ("ldc2", Toolchain::Other("D")),
    ("gdc", Toolchain::Other("D")),
    ("dub", Toolchain::Other("D")),
    ("swift", Toolchain::Other("Swift")),
    ("swiftc", Toolchain::Other("Swift")),
    ("fpc", Toolchain::Other("Pascal")),
    ("gnatmake", Toolchain::Other("Ada")),
    ("gfortran", Toolchain::Other("Fortran")),
    ("odin", Toolchain::Other("Odin")),
];

/// Build tools that may call any compiler.
const MAKES: [&str; 4] = ["make", "gmake", "just", "bazel"];

/// The toolchain that a stage builds with, from its commands and the image at its bottom; nothing where an
/// interpreter or a virtual machine runs what is built.
pub fn toolchain(model: &Model, id: StageId) -> Option<Toolchain> {
    let of_base = match model.root_base(id) {
        Base::Image { facts: Some(facts), .. } => match facts.runtime.as_ref().map(|r| &*r.name) {
            Some(name) => Some(by_image(name)?),
            None => None,
        },
        _ => None,
    };
    let lineage = model.lineage(id);
    let effects = || lineage.iter().flat_map(|s| effects(s));
    let called = effects().filter_map(by_command).last();
    let makes = effects().any(|e| spawned(e).is_some_and(|p| MAKES.contains(&p)) || is_own_script(e));
    let made = || (makes && lineage.iter().any(|s| has_c_compiler(s))).then_some(Toolchain::C);
    let found = called.or(of_base).or_else(made)?;
    // C is also what others compile on the way: extension modules, parts of a Go program.
    let by_the_way = found == Toolchain::C
        && of_base.is_none()
        && (effects().any(is_of_virtual_machine) || lineage.iter().any(|s| has_virtual_machine(s)));
    (!by_the_way).then_some(found)
}

/// The toolchain that an image of the catalog is made for.
fn by_image(runtime: &str) -> Option<Toolchain> {
    match runtime {
        "rust" => Some(Toolchain::Rust),
        "c" | "c++" | "gcc" => Some(Toolchain::C),
        "haskell" => Some(Toolchain::Other("Haskell")),
        "swift" => Some(Toolchain::Other("Swift")),
        "crystal" => Some(Toolchain::Other("Crystal")),
        "ocaml" => Some(Toolchain::Other("OCaml")),
        _ => None,
    }
}

/// The program that an effect starts, without its folder.
pub fn spawned(effect: &Effect) -> Option<&str> {
    match &effect.kind {
        EffectKind::Spawn { program, .. } => program.rsplit('/').next(),
        _ => None,
    }
}

fn by_command(effect: &Effect) -> Option<Toolchain> {
    if let EffectKind::LanguageInstall { manager: LanguageManager::Cargo, .. } = effect.kind {
        return Some(Toolchain::Rust);
    }
    let name = spawned(effect)?;
    let name = name.strip_suffix(|c: char| c.is_ascii_digit()).map_or(name, |_| {
        name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-')
    });
    PROGRAMS.iter().find(|(known, _)| *known == name).map(|(_, toolchain)| *toolchain)
}

/// Whether a command starts a script of the sources (`./build.sh`).
fn is_own_script(effect: &Effect) -> bool {
    matches!(&effect.kind, EffectKind::Spawn { program, .. } if program.starts_with("./"))
}

/// Whether a command builds for an interpreter or a virtual machine, whose recipe is another.
fn is_of_virtual_machine(effect: &Effect) -> bool {
    match &effect.kind {
        EffectKind::LanguageInstall { manager, .. } => *manager != LanguageManager::Cargo,
        EffectKind::Spawn { program, .. } => matches!(
            program.rsplit('/').next(),
            Some("go" | "npm" | "yarn" | "pnpm" | "node" | "mvn" | "gradle" | "javac" | "dotnet" | "mix")
        ),
        _ => false,
    }
}

/// Whether the stage's own instructions install the tools of a virtual machine, for which `make` may build.
fn has_virtual_machine(stage: &Stage) -> bool {
    const PACKAGES: [&str; 9] =
        ["openjdk", "default-jdk", "java-", "nodejs", "golang", "erlang", "elixir", "mono-", "dotnet"];
    effects(stage).any(|e| match &e.kind {
        EffectKind::Install { packages, .. } => {
            packages.iter().any(|p| PACKAGES.iter().any(|start| p.name.starts_with(start)))
        }
        _ => false,
    })
}

/// Whether the stage's own instructions install a compiler of C.
fn has_c_compiler(stage: &Stage) -> bool {
    const PACKAGES: [&str; 10] = [
        "gcc",
        "g++",
        "gcc-c++",
        "clang",
        "build-essential",
        "build-base",
        "alpine-sdk",
        "make",
        "base-devel",
        "@development-tools",
    ];
    effects(stage).any(|e| match &e.kind {
        EffectKind::Install { packages, .. } => packages.iter().any(|p| PACKAGES.contains(&p.name.as_str())),
        _ => false,
    })
}

fn effects(stage: &Stage) -> impl Iterator<Item = &Effect> {
    stage.steps.iter().flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    })
}
