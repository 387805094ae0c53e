//! One stage becomes two: what it was, as a build stage, and a final one behind it.

use std::fmt::Write;

use barehull_syntax::Span;
use barehull_syntax::dockerfile::{Arguments, Instruction, Keyword};

use super::arguments::{names, of_stages_below};
use super::config_lines::{Fate, Kept, fate, inherited_lines, kept_env, missing_lines, missing_user};
use super::draft::Draft;
use super::target::{CopyLine, Target};
use super::{Refusal, refusals, refuse_indices_behind};
use crate::edit::Edit;
use crate::model::{Model, Stage, Step, StepKind};

/// Keeps `stage` as a build stage and puts the final stage that `target` describes behind it.
///
/// # Errors
/// Where other stages stand on this one.
pub fn split(model: &Model, stage: &Stage, target: &Target) -> Result<Vec<Edit>, Refusal> {
    refusals(model, stage)?;
    refuse_indices_behind(model, stage)?;
    Ok(Split::new(model, stage, target).run())
}

struct Split<'a> {
    draft: Draft<'a>,
    stage: &'a Stage,
    target: &'a Target,
    /// Steps up to this one are the build stage; those behind it only configure and become the final
    /// stage's last lines where they stand.
    build_steps: usize,
    /// Lines above the COPY lines of the final stage: LABEL, ENV.
    head: String,
    /// Lines below them: EXPOSE, VOLUME, ...
    foot: String,
}

impl<'a> Split<'a> {
    fn new(model: &'a Model, stage: &'a Stage, target: &'a Target) -> Self {
        let works = |s: &Step| !matches!(s.kind, StepKind::Config) && !target.drop.contains(&s.instruction);
        let build_steps = stage.steps.iter().rposition(works).map_or(0, |at| at + 1);
        let draft = Draft::new(model);
        Self { draft, stage, target, build_steps, head: String::new(), foot: String::new() }
    }

    fn run(mut self) -> Vec<Edit> {
        for (span, text) in &self.target.words {
            self.draft.replace(*span, text);
        }
        let (inherited_head, inherited_foot) = inherited_lines(&self.draft, self.stage, self.target);
        self.head.push_str(&inherited_head);
        let build_name = self.name_stages();
        for at in 0..self.stage.steps.len() {
            let step = &self.stage.steps[at];
            let instruction = self.draft.model.instruction(step);
            if self.target.drop.contains(&step.instruction) {
                self.draft.delete(instruction);
            } else if at < self.build_steps {
                self.build_step(at, instruction);
            } else {
                self.tail_step(instruction);
            }
        }
        self.foot.push_str(&inherited_foot);
        let number = |port: &str| port.strip_suffix("/tcp").unwrap_or(port).to_owned();
        let exposed = |port: &str| {
            self.stage
                .config
                .expose
                .iter()
                .any(|p| p.from.location().is_some() && number(&p.value) == number(port))
        };
        for (keyword, text) in self.target.also.iter().filter(|(k, t)| *k != "EXPOSE" || !exposed(t)) {
            let _ = writeln!(self.foot, "{}", self.draft.style.instruction(keyword, text));
        }
        self.insert_final_stage(&build_name);
        self.draft.finish()
    }

    /// Names the build stage in FROM and gives its name; a name the stage had goes to the final stage.
    fn name_stages(&mut self) -> String {
        let model = self.draft.model;
        // A name that FROM or --from means an image by must not become a stage's.
        let named = |text: &str, name: &str| {
            text.split(['=', ',']).any(|part| part.trim().eq_ignore_ascii_case(name))
        };
        let flags =
            || model.dockerfile.instructions().iter().flat_map(|i| &i.flags).filter_map(|f| f.value.as_ref());
        let taken = |name: &str| {
            model.stages.iter().any(|s| {
                s.base_text.eq_ignore_ascii_case(name)
                    || s.name.as_ref().is_some_and(|n| n.0.eq_ignore_ascii_case(name))
            }) || flags().any(|value| named(value.text(), name))
        };
        let mut name = self.target.build_name.to_owned();
        for n in 2.. {
            if !taken(&name) {
                break;
            }
            name = format!("{}{n}", self.target.build_name);
        }
        match &self.stage.name {
            Some((_, span)) => self.draft.replace(*span, &name),
            None => {
                let from = &model.dockerfile.instructions()[self.stage.from];
                let text = format!(" {} {name}", self.draft.style.keyword("AS"));
                self.draft.replace(Span::at(from.span.end), &text);
            }
        }
        name
    }

    /// An instruction of the build part: it stays there, moves to the final stage, or both.
    fn build_step(&mut self, at: usize, instruction: &Instruction) {
        let with_comments = self.draft.text(self.draft.with_comments(instruction));
        match instruction.keyword {
            Keyword::Env => match kept_env(&self.draft, self.stage, self.target, instruction) {
                Kept::All if self.used_in_build(at, instruction) => {
                    let text = self.draft.text(instruction.span);
                    let _ = writeln!(self.head, "{text}");
                }
                Kept::All => {
                    self.draft.delete(instruction);
                    let _ = writeln!(self.head, "{with_comments}");
                }
                Kept::Some(text) => {
                    let _ = writeln!(self.head, "{text}");
                }
                Kept::None => {}
            },
            Keyword::Label | Keyword::Maintainer => {
                self.draft.delete(instruction);
                let _ = writeln!(self.head, "{with_comments}");
            }
            Keyword::Expose | Keyword::Volume | Keyword::Stopsignal => {
                self.draft.delete(instruction);
                let _ = writeln!(self.foot, "{with_comments}");
            }
            Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck => {
                self.draft.delete(instruction);
                match fate(&self.draft, self.stage, self.target, instruction) {
                    Fate::Same => {
                        let _ = writeln!(self.foot, "{with_comments}");
                    }
                    Fate::Changed(text) => {
                        let _ = writeln!(self.foot, "{text}");
                    }
                    Fate::Gone => {}
                }
            }
            Keyword::User => {
                // It stays for the RUN lines behind it; the final stage says its own.
                if let Fate::Same | Fate::Changed(_) = fate(&self.draft, self.stage, self.target, instruction)
                    && let Some(user) = &self.target.user
                {
                    let _ = writeln!(self.foot, "{}", self.draft.style.instruction("USER", user));
                }
            }
            _ => {}
        }
    }

    /// Whether an instruction of the build part behind step `at` may use a variable that `env` sets.
    fn used_in_build(&self, at: usize, env: &Instruction) -> bool {
        let later = &self.stage.steps[at + 1..self.build_steps];
        if later.iter().any(|s| matches!(s.kind, StepKind::Run(_))) {
            return true;
        }
        let Arguments::Pairs(pairs) = &env.args else { return true };
        later.iter().any(|s| {
            let text = self.draft.text(self.draft.model.instruction(s).span);
            pairs.iter().any(|p| mentions(&text, p.name.text()))
        })
    }

    /// An instruction behind the last one that works on files: it is the final stage's already.
    fn tail_step(&mut self, instruction: &Instruction) {
        match instruction.keyword {
            Keyword::Env => match kept_env(&self.draft, self.stage, self.target, instruction) {
                Kept::All => {}
                Kept::Some(text) => self.draft.replace(instruction.span, &text),
                Kept::None => self.draft.delete(instruction),
            },
            // A final image without a shell has no use for SHELL, and its commands are in exec form.
            Keyword::Shell => self.draft.delete(instruction),
            Keyword::Workdir if self.target.workdir.is_some() => self.draft.delete(instruction),
            _ => match fate(&self.draft, self.stage, self.target, instruction) {
                Fate::Same => {}
                Fate::Changed(text) => self.draft.replace(instruction.span, &text),
                Fate::Gone => self.draft.delete(instruction),
            },
        }
    }

    fn insert_final_stage(&mut self, build_name: &str) {
        let model = self.draft.model;
        let style = self.draft.style;
        let from = &model.dockerfile.instructions()[self.stage.from];
        let name = self
            .stage
            .name
            .as_ref()
            .map_or_else(String::new, |(n, _)| format!(" {} {n}", style.keyword("AS")));
        let mut text = String::new();
        if !self.target.build_tail.is_empty() && !self.builds_as_root() {
            let _ = writeln!(text, "\n{}", style.instruction("USER", "root"));
        }
        for line in &self.target.build_tail {
            let _ = writeln!(text, "\n{line}");
        }
        let base = super::platform(model, self.stage, self.target) + &self.target.base;
        let _ = writeln!(text, "\n{}{name}", style.instruction("FROM", &base));
        for arg in self.arguments_needed() {
            let _ = writeln!(text, "{arg}");
        }
        if let Some(shell) = &self.target.shell {
            let _ = writeln!(text, "{}", style.instruction("SHELL", &super::exec_form(shell)));
        }
        text.push_str(&self.head);
        // WORKDIR would make the application's folder before COPY can say whose it is.
        for copy in &self.target.copies {
            text.push_str(&copy_line(self.draft.style, copy, build_name));
        }
        if let Some(folder) = &self.target.workdir {
            let _ = writeln!(text, "{}", style.instruction("WORKDIR", folder));
        } else if !(self.tail_says_workdir() || self.target.whole && self.workdir() == "/") {
            let _ = writeln!(text, "{}", style.instruction("WORKDIR", &self.workdir()));
        }
        text.push_str(&self.foot);
        let tail: Vec<_> = self.stage.steps.iter().collect();
        text.push_str(&missing_user(&self.draft, self.stage, self.target, &tail));
        let missing = missing_lines(&self.draft, self.stage, self.target, &tail);
        let pivot =
            self.build_steps.checked_sub(1).map_or(from, |at| model.instruction(&self.stage.steps[at]));
        let last = self.stage.steps.last().map_or(from, |s| model.instruction(s));
        if last.span == pivot.span || self.stage.steps.len() == self.build_steps {
            text.push_str(&missing);
            self.draft.insert_behind(pivot, &text);
        } else {
            // ENTRYPOINT reads best above the CMD that stays.
            let is_entrypoint = |l: &&str| l.starts_with(&style.keyword("ENTRYPOINT"));
            let (entrypoint, missing): (Vec<_>, Vec<_>) = missing.lines().partition(is_entrypoint);
            for line in entrypoint {
                text.extend([line, "\n"]);
            }
            self.draft.insert_behind(pivot, &text);
            if !missing.is_empty() {
                self.draft.insert_behind(last, &format!("{}\n", missing.join("\n")));
            }
        }
    }

    /// Whether what is appended to the build stage runs as root, who may write everywhere.
    fn builds_as_root(&self) -> bool {
        let of_base = || {
            let user = self.stage.config.user.as_ref()?;
            user.from.location().is_none().then_some(user.value.as_str())
        };
        let user = match self.stage.steps[..self.build_steps].last() {
            Some(step) => step.user.as_deref(),
            None => of_base(),
        };
        matches!(user.unwrap_or("root").split(':').next(), Some("root" | "0" | ""))
    }

    /// Whether a WORKDIR with an absolute path stands where the final stage will be.
    fn tail_says_workdir(&self) -> bool {
        let tail = self.stage.steps[self.build_steps..].iter().map(|s| self.draft.model.instruction(s));
        let first = tail.into_iter().find(|i| i.keyword == Keyword::Workdir);
        first.is_some_and(|i| i.rest.text().trim_start().starts_with('/'))
    }

    /// The folder that relative COPY destinations and the process start from.
    fn workdir(&self) -> String {
        let tail = self.stage.steps.get(self.build_steps);
        tail.map_or_else(|| self.stage.config.workdir().to_owned(), |s| s.workdir.clone())
    }

    /// ARG lines of the build part, and of stages below it, that the final stage's lines use.
    fn arguments_needed(&self) -> Vec<String> {
        let mut used = format!("{}{}", self.head, self.foot);
        for step in &self.stage.steps[self.build_steps..] {
            // A name ends where the line does.
            used.push('\n');
            used.push_str(&self.draft.text(self.draft.model.instruction(step).span));
        }
        let build = self.stage.steps[..self.build_steps].iter().map(|s| self.draft.model.instruction(s));
        let own: Vec<&Instruction> = build
            .filter(|i| i.keyword == Keyword::Arg && names(i).iter().any(|n| mentions(&used, n)))
            .collect();
        let is_own = |arg: &&Instruction| names(arg).iter().all(|n| own.iter().any(|o| names(o).contains(n)));
        let mut lines = of_stages_below(self.draft.model, self.stage, &self.head);
        lines.retain(|arg| !is_own(arg));
        lines.extend(own);
        lines.into_iter().map(|i| self.draft.text(i.span)).collect()
    }
}

/// One COPY line, with its comment.
pub(super) fn copy_line(style: super::Style, copy: &CopyLine, build_name: &str) -> String {
    let mut out = String::new();
    if let Some(why) = &copy.why {
        let _ = writeln!(out, "# {why}");
    }
    let from = copy.from.as_deref().unwrap_or(build_name);
    let chown = copy.chown.as_ref().map_or_else(String::new, |c| format!("--chown={c} "));
    let spaced = copy.source.contains(char::is_whitespace) || copy.dest.contains(char::is_whitespace);
    let paths = if spaced {
        super::exec_form(&[&copy.source, &copy.dest])
    } else {
        format!("{} {}", copy.source, copy.dest)
    };
    let _ = writeln!(out, "{}", style.instruction("COPY", &format!("--from={from} {chown}{paths}")));
    out
}

/// Whether `text` has `$name` or `${name`.
pub fn mentions(text: &str, name: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches('{');
        rest.strip_prefix(name)
            .is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}
