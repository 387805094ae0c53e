//! `whole-context-copied-without-dockerignore`: everything beside the Dockerfile is shipped, whatever lies there.

use barehull_syntax::Location;

use super::FileCx;
use super::language::RuleFix;
use crate::edit::Edit;
use crate::finding::{Finding, Level, Place};
use crate::model::{EffectKind, LanguageManager, Source, StepKind, Transfer};
use crate::project::{BuildContext, Kind, Patterns, is_dockerfile_name};

/// Bytes of a project file that is searched.
const MAX_BYTES: u64 = 1 << 20;

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let found = place(cx).map(|at| {
        let message = "the whole build context is copied and there is no .dockerignore: .git, secrets and what lies \
                       about on the machine that builds are part of the image";
        let rule = super::WHOLE_CONTEXT_COPIED_WITHOUT_DOCKERIGNORE;
        Finding::new(rule, Place::Source(at), message).subject("context")
    });
    found.into_iter().collect()
}

pub(super) fn fixes(cx: &FileCx<'_>) -> Vec<RuleFix> {
    let (Some(at), Some(context)) = (place(cx), cx.context) else { return Vec::new() };
    let ignored = Ignored { cx, context }.patterns();
    // Nothing that would be left out is known not to be needed: somebody has to look.
    if context.is_foreign() || ignored.is_empty() {
        return Vec::new();
    }
    let path = context.root().child(".dockerignore");
    let text: String = ignored.iter().flat_map(|pattern| [*pattern, "\n"]).collect();
    vec![RuleFix {
        rule: super::WHOLE_CONTEXT_COPIED_WITHOUT_DOCKERIGNORE,
        title: "Leave out of the image what only the repository needs (.dockerignore)".to_owned(),
        level: Level::Review,
        assumes: vec![format!("nothing in the image reads what is left out: {}", ignored.join(", "))],
        edits: vec![Edit::Create { path, text, mode: 0o644 }],
        at: Some(at.span),
    }]
}

/// The first COPY or ADD of everything that ends up in an image.
fn place(cx: &FileCx<'_>) -> Option<Location> {
    let context = cx.context?;
    let mut steps = cx.shipped_stages().flat_map(|stage| &stage.steps);
    let step = steps.find(|step| matches!(&step.kind, StepKind::Transfer(transfer) if is_whole(transfer)))?;
    if !context.is_present() || context.ignore_file().is_some() {
        return None;
    }
    let (entries, _) = context.list(context.root()).ok()?;
    // A Dockerfile alone is not what is built.
    entries.iter().find(|(path, kind)| *kind == Kind::Folder || !is_dockerfile_name(path.file_name()))?;
    Some(cx.model.at(cx.model.instruction(step).span))
}

fn is_whole(transfer: &Transfer) -> bool {
    let all = |source: &String| matches!(source.as_str(), "." | "./" | "/" | "*" | "./*" | "/.");
    transfer.from == Source::Context
        && transfer.excludes.is_empty()
        && transfer.sources.iter().flatten().any(all)
}

/// What an ignore file may name.
struct Ignored<'a> {
    cx: &'a FileCx<'a>,
    context: &'a BuildContext,
}

impl Ignored<'_> {
    fn patterns(&self) -> Vec<&'static str> {
        let has = |name: &str| self.exists(name);
        let installs = |managers: &[LanguageManager]| self.installs(managers);
        let node = [LanguageManager::Npm, LanguageManager::Yarn, LanguageManager::Pnpm];
        let python = [LanguageManager::Pip, LanguageManager::Poetry, LanguageManager::Uv];
        let is_python = installs(&python) || has("requirements.txt") || has("pyproject.toml");
        let wanted = [
            (".git", !self.needs_history()),
            (".github", true),
            (".gitlab-ci.yml", true),
            // What is there may be read by the application; what is not there yet is kept out.
            (".env", !has(".env")),
            ("node_modules", has("package.json") && installs(&node)),
            ("**/__pycache__", is_python),
            (".venv", is_python && (!has(".venv") || installs(&python))),
            ("Dockerfile*", true),
            (".dockerignore", true),
        ];
        let names = |pattern: &str| pattern.trim_start_matches("**/").trim_end_matches('*').to_owned();
        wanted
            .into_iter()
            .filter(|(pattern, holds)| *holds && !self.is_named(&names(pattern), pattern))
            .map(|(pattern, _)| pattern)
            .collect()
    }

    fn exists(&self, name: &str) -> bool {
        self.context.exists(&self.context.root().child(name)) == Some(true)
    }

    /// Whether a RUN installs with one of them: what lies about is made anew.
    fn installs(&self, managers: &[LanguageManager]) -> bool {
        let steps = self.cx.model.stages.iter().flat_map(|stage| &stage.steps);
        let runs = steps.filter_map(|step| match &step.kind {
            StepKind::Run(run) => Some(run),
            _ => None,
        });
        runs.flat_map(|run| &run.effects).any(|effect| {
            effect.certain
                && matches!(&effect.kind, EffectKind::LanguageInstall { manager, .. } if managers.contains(manager))
        })
    }

    /// Whether an instruction speaks of the name, or copies something that the pattern would leave out.
    fn is_named(&self, name: &str, pattern: &str) -> bool {
        let model = self.cx.model;
        let patterns = Patterns::of([pattern]).ok();
        let copies = |transfer: &Transfer| {
            let sources =
                transfer.sources.iter().flatten().map(|s| s.trim_start_matches("./").trim_matches('/'));
            sources.into_iter().any(|source| patterns.as_ref().is_none_or(|p| p.matches(source)))
        };
        model.stages.iter().flat_map(|stage| &stage.steps).any(|step| {
            let instruction = model.instruction(step);
            let mut texts =
                instruction.heredocs.iter().map(|h| h.body.text()).chain([instruction.rest.text()]);
            let is_copied = match &step.kind {
                StepKind::Transfer(transfer) => transfer.from == Source::Context && copies(transfer),
                _ => false,
            };
            is_copied
                || texts.any(|text| text.contains(name))
                || instruction
                    .flags
                    .iter()
                    .any(|flag| flag.value.as_ref().is_some_and(|value| value.text().contains(name)))
        })
    }

    /// Whether the build asks git for a version, itself or through a tool that does.
    fn needs_history(&self) -> bool {
        let model = self.cx.model;
        let by_command = model.stages.iter().flat_map(|stage| &stage.steps).any(|step| match &step.kind {
            StepKind::Run(run) => run.commands.iter().any(|command| {
                let words = command.args.iter().filter_map(|arg| arg.text.as_deref());
                let clones = || command.args.iter().any(|arg| arg.text.as_deref() == Some("clone"));
                command.name() == "git" && !clones() || words.into_iter().any(|word| word.contains("git "))
            }),
            _ => false,
        });
        let files = [
            "pyproject.toml",
            "setup.py",
            "setup.cfg",
            "Makefile",
            "package.json",
            "build.gradle",
            "build.gradle.kts",
            "pom.xml",
            "build.rs",
            "Cargo.toml",
            ".goreleaser.yml",
            "Rakefile",
        ];
        let words = ["scm", "vcs", "pbr", "versioneer", "versioningit", "git "];
        let words = words.into_iter().chain(["git-", "gitversion", "vergen", "rev-parse", "describe"]);
        let words: Vec<&str> = words.collect();
        let asks = |name: &str| {
            let path = self.context.root().child(name);
            let Ok(bytes) = self.context.read_up_to(&path, MAX_BYTES) else { return self.exists(name) };
            let text = String::from_utf8_lossy(&bytes);
            words.iter().any(|word| text.contains(word))
        };
        by_command || files.into_iter().any(asks) || self.exists(".gitmodules")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_written_in_several_ways() {
        let transfer = |source: &str| Transfer {
            from: Source::Context,
            sources: vec![Some(source.to_owned())],
            dest: Some("/app/".to_owned()),
            chown: None,
            chmod: None,
            excludes: Vec::new(),
            parents: false,
            add: false,
        };
        for (source, whole) in [(".", true), ("./", true), ("*", true), ("src", false), ("./src/", false)] {
            assert_eq!(is_whole(&transfer(source)), whole, "{source}");
        }
    }
}
