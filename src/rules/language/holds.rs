//! Whether a condition holds.

use barehull_syntax::dockerfile::{Arguments, Keyword};

use super::ran::Ran;
use super::schema::{EffectName, Mode, Origin, Pattern, Test};
use super::site::{Site, What, manager};
use crate::model::{Effect, EffectKind, Executed, Landing, RunStep, Source, StepKind};

impl Pattern {
    /// Whether it holds of `text`.
    pub(crate) fn is(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => text == exact,
            Self::Prefix(start) => text.starts_with(start.as_ref()),
            Self::Suffix(end) => text.ends_with(end.as_ref()),
            // Nearly all texts are shorter, and to make ready for the search takes longer than the search.
            Self::Contains(part) => part.len() <= text.len() && text.contains(part.as_ref()),
            Self::Any => true,
            Self::Regular(expression) => expression.is_match(text),
        }
    }

    /// The same, letter case apart.
    fn is_any_case(&self, text: &str) -> bool {
        let (text, len) = (text.as_bytes(), text.len());
        match self {
            Self::Exact(exact) => text.eq_ignore_ascii_case(exact.as_bytes()),
            Self::Prefix(start) => {
                len >= start.len() && text[..start.len()].eq_ignore_ascii_case(start.as_bytes())
            }
            Self::Suffix(end) => {
                len >= end.len() && text[len - end.len()..].eq_ignore_ascii_case(end.as_bytes())
            }
            Self::Contains(part) => {
                part.is_empty() || text.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part.as_bytes()))
            }
            Self::Any => true,
            Self::Regular(expression) => expression.is_match(&String::from_utf8_lossy(text)),
        }
    }
}

/// Whether one of the patterns holds of the text, if there is one.
fn one(patterns: &[Pattern], text: Option<&str>) -> bool {
    text.is_some_and(|text| patterns.iter().any(|pattern| pattern.is(text)))
}

/// Whether all conditions hold at the place.
pub(super) fn all(tests: &[Test], site: &Site<'_>) -> bool {
    tests.iter().all(|test| holds(test, site))
}

fn holds(test: &Test, site: &Site<'_>) -> bool {
    let config = &site.stage.config;
    match test {
        Test::All(group) => group.needs.may_hold(site.has) && all(&group.tests, site),
        Test::Either(tests) => tests.iter().any(|test| holds(test, site)),
        Test::Not(tests) => !tests.iter().any(|test| holds(test, site)),
        Test::Image(patterns) => site.image().is_some_and(|(image, _)| {
            let name = image.repository.strip_prefix("library/").unwrap_or(&image.repository);
            one(patterns, Some(name))
        }),
        Test::Tag(patterns) => one(patterns, site.image().and_then(|(image, _)| image.effective_tag())),
        Test::Registry(patterns) => one(patterns, site.image().map(|(image, _)| image.registry.as_str())),
        Test::Digest(is) => site.image().is_some_and(|(image, _)| image.digest.is_some() == *is),
        Test::Production(is) => {
            let known = |facts: &barehull_catalog::ImageFacts| facts.minimal && facts.debug_of.is_none();
            site.image().and_then(|(_, facts)| facts).is_some_and(known) == *is
        }
        Test::Debug(is) => {
            let facts = site.image().and_then(|(_, facts)| facts);
            facts.is_some_and(|facts| facts.debug_of.is_some()) == *is
        }
        Test::Platform(patterns) => one(patterns, site.stage.platform.as_deref()),
        Test::Name(patterns) => {
            site.name().is_some_and(|name| patterns.iter().any(|pattern| pattern.is_any_case(name)))
        }
        Test::Value(patterns) => one(patterns, site.value()),
        Test::Is(patterns) => one(patterns, Some(&site.text())),
        Test::Legacy(is) => matches!(site.what, What::Pair(pair) if pair.legacy == *is),
        Test::First(is) => is_outermost(site, true) == *is,
        Test::Last(is) => is_outermost(site, false) == *is,
        Test::Set(patterns) => {
            config.env.iter().any(|variable| one(patterns, Some(&variable.name))) || declares(patterns, site)
        }
        Test::User(patterns) => {
            let user = config.user.as_ref().map_or("", |user| user.value.as_str());
            one(patterns, user.split(':').next())
        }
        Test::Root(is) => config.runs_as_root() == Some(*is),
        Test::HealthCheck(is) => {
            let check = config.healthcheck.as_ref();
            check.is_some_and(|check| check.value != crate::model::Health::None) == *is
        }
        Test::Labelled(patterns) => config.labels.iter().any(|label| one(patterns, Some(&label.value.0))),
        Test::Shell(patterns) => {
            let words = config.shell.iter().flat_map(|shell| &shell.value);
            words.into_iter().any(|word| one(patterns, Some(word)))
        }
        Test::Role(patterns) => site.surface.is_some_and(|surface| {
            surface
                .groups
                .iter()
                .any(|(role, entries)| !entries.is_empty() && one(patterns, Some(role.as_str())))
        }),
        Test::PortBelow(limit) => {
            let number = site.value().and_then(|port| port.split(['/', '-']).next()?.parse::<u16>().ok());
            number.is_some_and(|number| number < *limit)
        }
        Test::Option(patterns) => {
            site.instruction.flags.iter().any(|flag| one(patterns, Some(flag.name.text())))
        }
        Test::From(_) | Test::Source(_) | Test::Dest(_) => of_transfer(test, site),
        Test::Mode(modes) => modes.iter().any(|mode| gives(*mode, site)),
        _ => site.run().is_some_and(|run| of_run(test, run, site)),
    }
}

/// Conditions on RUN and its commands.
fn of_run<'a>(test: &Test, run: &'a Ran<'a>, site: &Site<'a>) -> bool {
    match test {
        Test::Has(asked) => run.any(asked, |command, has| {
            let (arg, source) = Default::default();
            let inner = Site { what: What::Command(run, command), arg, source, has, ..*site };
            asked.tests.iter().any(|test| holds(test, &inner))
        }),
        Test::Mount(patterns) => {
            let mounts = site.instruction.flags.iter().filter(|flag| flag.name.text() == "mount");
            mounts.into_iter().any(|flag| one(patterns, flag.value.as_ref().map(|value| value.text())))
        }
        Test::Command(patterns) => one(patterns, site.command().map(Executed::name)),
        Test::Subcommand(patterns) => one(patterns, site.subcommand().and_then(|arg| arg.text.as_deref())),
        Test::Flag(patterns) => catch(site, |text| patterns.iter().any(|pattern| is_flag(pattern, text))),
        Test::Argument(patterns) => catch(site, |text| one(patterns, Some(text))),
        Test::Raised(is) => site.command().is_some_and(|command| command.raised == *is),
        Test::Variable(patterns) => site
            .command()
            .is_some_and(|command| command.variables.iter().any(|name| one(patterns, Some(name)))),
        Test::Certain(is) => match site.what {
            What::Command(_, command) => command.certain == *is,
            What::Package(_, effect, _) => effect.certain == *is,
            _ => false,
        },
        Test::Kept(is) => is_kept(site) == *is,
        Test::Version(is) => {
            matches!(site.what, What::Package(_, _, named) if named.version.is_some() == *is)
        }
        _ => site.effects().iter().any(|effect| of_effect(test, effect)),
    }
}

/// Conditions on what a command does: they hold of one of its effects.
fn of_effect(test: &Test, effect: &Effect) -> bool {
    match (test, &effect.kind) {
        (Test::Effect(names), kind) => name_of(kind).is_some_and(|name| names.contains(&name)),
        (Test::Manager(patterns), kind) => one(patterns, manager(kind)),
        (
            Test::Operands(is),
            EffectKind::Install { packages, .. } | EffectKind::LanguageInstall { packages, .. },
        ) => packages.is_empty() != *is,
        (Test::Global(is), EffectKind::LanguageInstall { landing, .. }) => {
            (*landing == Landing::Global) == *is
        }
        (Test::Recommends(is), EffectKind::Install { recommends, .. }) => recommends == is,
        (Test::Virtual(is), EffectKind::Install { group, .. }) => group.is_some() == *is,
        (Test::FixedId(is), EffectKind::Account { user: Some(_), uid, .. }) => uid.is_some() == *is,
        (Test::Removes(patterns), EffectKind::Remove { path, .. }) => one(patterns, Some(path)),
        _ => false,
    }
}

/// What a rule calls an effect.
pub(super) fn name_of(kind: &EffectKind) -> Option<EffectName> {
    Some(match kind {
        EffectKind::Install { .. } => EffectName::Install,
        EffectKind::InstallFiles { .. } => EffectName::InstallFiles,
        EffectKind::Uninstall { .. } => EffectName::Uninstall,
        EffectKind::RefreshLists(_) => EffectName::RefreshLists,
        EffectKind::Upgrade(_) => EffectName::Upgrade,
        EffectKind::CleanCache(_) => EffectName::CleanCache,
        EffectKind::LanguageInstall { .. } => EffectName::LanguageInstall,
        EffectKind::Fetch { .. } => EffectName::Fetch,
        EffectKind::Write { .. } => EffectName::Write,
        EffectKind::Remove { .. } => EffectName::Remove,
        EffectKind::Chmod { .. } => EffectName::Chmod,
        EffectKind::Chown { .. } => EffectName::Chown,
        EffectKind::Unpack { .. } => EffectName::Unpack,
        EffectKind::Account { .. } => EffectName::Account,
        EffectKind::Spawn { .. } => EffectName::Spawn,
        EffectKind::Unknown { .. } => EffectName::Unknown,
        _ => return None,
    })
}

/// Conditions on COPY and ADD.
fn of_transfer(test: &Test, site: &Site<'_>) -> bool {
    let Some(transfer) = site.transfer() else { return false };
    match test {
        Test::From(origins) => {
            let origin = match transfer.from {
                Source::Context => Origin::Context,
                Source::Stage(_) | Source::Later(_) => Origin::Stage,
                Source::Image(_) => Origin::Image,
                Source::Remote => Origin::Remote,
                Source::Heredoc => Origin::Heredoc,
                Source::Unknown => return false,
            };
            origins.contains(&origin)
        }
        Test::Source(patterns) => {
            let found = transfer.sources.iter().position(|source| {
                one(patterns, source.as_deref().map(|source| source.strip_prefix("./").unwrap_or(source)))
            });
            if let Some(at) = found {
                site.source.set(Some(at as u16));
            }
            found.is_some()
        }
        Test::Dest(patterns) => one(patterns, transfer.dest.as_deref()),
        _ => false,
    }
}

/// Whether an argument of the command is asked for; it is remembered.
fn catch(site: &Site<'_>, is: impl Fn(&str) -> bool) -> bool {
    let Some(command) = site.command() else { return false };
    let found = command.args.iter().position(|arg| arg.text.as_deref().is_some_and(&is));
    if let Some(at) = found {
        site.arg.set(Some(at as u16));
    }
    found.is_some()
}

/// Whether an argument is the option: whole, with a value behind `=`, or one letter of a cluster.
fn is_flag(pattern: &Pattern, text: &str) -> bool {
    /// Longer ones are not letters but a value.
    const MAX_CLUSTER: usize = 8;
    if !text.starts_with('-') {
        return false;
    }
    if pattern.is(text) || text.split_once('=').is_some_and(|(name, _)| pattern.is(name)) {
        return true;
    }
    let Pattern::Exact(letter) = pattern else { return false };
    let letters = text.trim_start_matches('-');
    letter.len() == 2
        && !text.starts_with("--")
        && letters.len() <= MAX_CLUSTER
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
        && letters.contains(&letter[1..])
}

/// Whether an ARG of the stage has such a name.
fn declares(patterns: &[Pattern], site: &Site<'_>) -> bool {
    let instructions = site.stage.steps.iter().map(|step| site.model.instruction(step));
    let args = instructions.filter(|instruction| instruction.keyword == Keyword::Arg);
    args.into_iter().any(|arg| match &arg.args {
        Arguments::Pairs(pairs) => pairs.iter().any(|pair| one(patterns, Some(pair.name.text()))),
        Arguments::Words(words) => words.iter().any(|w| one(patterns, w.text().split('=').next())),
        _ => false,
    })
}

/// Whether no command of the stage removes the package that is looked at.
fn is_kept(site: &Site<'_>) -> bool {
    let What::Package(_, effect, named) = site.what else { return false };
    let EffectKind::Install { group, .. } = &effect.kind else { return true };
    let behind = site
        .stage
        .steps
        .iter()
        .filter(|step| site.model.instruction(step).span.start >= site.instruction.span.start);
    let mut effects = behind.filter_map(|step| run_of(&step.kind)).flat_map(|run| &run.effects);
    !effects.any(|other| match &other.kind {
        EffectKind::Uninstall { packages, autoremove, .. } => {
            let names = packages.iter().map(|package| package.name.as_str());
            let goes =
                |name: &str| name == named.name || group.as_deref() == Some(name) || name.contains('*');
            *autoremove && packages.is_empty() || names.into_iter().any(goes)
        }
        EffectKind::MarkAuto { .. } => true,
        _ => false,
    })
}

/// Whether no instruction of the same kind stands before (or behind) this one in the stage. What is before is also in
/// the stages it is built from.
fn is_outermost(site: &Site<'_>, first: bool) -> bool {
    let lineage = if first { site.model.lineage(site.stage.id) } else { vec![site.stage] };
    let mut steps = lineage.into_iter().rev().flat_map(|stage| &stage.steps);
    let same = |step: &crate::model::Step| {
        let other = site.model.instruction(step);
        other.keyword == site.instruction.keyword && other.keyword != Keyword::Unknown
    };
    let found = if first { steps.find(|s| same(s)) } else { steps.rfind(|s| same(s)) };
    found.is_none_or(|step| site.model.instruction(step).span == site.instruction.span)
}

/// Whether a file gets the mode.
fn gives(mode: Mode, site: &Site<'_>) -> bool {
    if let Some(transfer) = site.transfer() {
        let dest = transfer.dest.as_deref().unwrap_or_default();
        return transfer.chmod.as_deref().is_some_and(|text| is_mode(mode, text, dest));
    }
    site.effects().iter().any(|effect| match &effect.kind {
        EffectKind::Chmod { path, mode: text, .. } => {
            let is_shared = ["/tmp", "/var/tmp", "/dev/shm"].contains(&path.trim_end_matches('/'));
            is_mode(mode, text, path) && !(mode == Mode::WorldWritable && is_shared)
        }
        _ => false,
    })
}

/// Whether a mode as `chmod` takes it has the property. On folders setgid hands the group on, and no rights.
fn is_mode(mode: Mode, text: &str, path: &str) -> bool {
    let holds_programs = || path.split('/').any(|part| matches!(part, "bin" | "sbin" | "libexec"));
    if let Ok(bits) = u32::from_str_radix(text, 8) {
        return match mode {
            Mode::Setuid => {
                bits & 0o111 != 0 && (bits & 0o4000 != 0 || bits & 0o2000 != 0 && holds_programs())
            }
            Mode::WorldWritable => bits & 0o2 != 0 && bits & 0o1000 == 0,
        };
    }
    text.split(',').any(|clause| {
        let Some(at) = clause.find(['+', '=']) else { return false };
        let (who, what) = clause.split_at(at);
        match mode {
            Mode::Setuid => {
                let group = || who.contains('g') && holds_programs();
                what.contains('s') && (who.is_empty() || who.contains(['u', 'a']) || group())
            }
            Mode::WorldWritable => what.contains('w') && !what.contains('t') && who.contains(['o', 'a']),
        }
    })
}

/// The RUN of a step.
pub(super) const fn run_of(kind: &StepKind) -> Option<&RunStep> {
    match kind {
        StepKind::Run(run) => Some(run),
        _ => None,
    }
}
