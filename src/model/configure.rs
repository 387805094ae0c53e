//! Instructions that only change the image configuration.

use barehull_syntax::MappedText;
use barehull_syntax::dockerfile::{Arguments, Command, Flag, HealthcheckView, Instruction, Keyword};

use super::build::words;
use super::resolve::{Scope, absolute};
use super::{Health, ImageConfig, Launch, Provenance, Setting};

/// Applies `instruction` to `config`, and ENV to `scope`.
pub(super) fn configure(
    config: &mut ImageConfig,
    scope: &mut Scope,
    instruction: &Instruction,
    from: &Provenance,
) {
    let setting = |value: String| Setting { value, from: from.clone() };
    let first = || words(instruction).first().map(|w| scope.resolve(w.text()).value);
    match instruction.keyword {
        Keyword::Env => set_env(config, scope, instruction, from),
        Keyword::Label => {
            for (name, value) in pairs(instruction) {
                let resolve = |text: &str| scope.resolve(text).value;
                let value = (resolve(name), value.map(resolve).unwrap_or_default());
                config.labels.retain(|l| l.value.0 != value.0);
                config.labels.push(Setting { value, from: from.clone() });
            }
        }
        Keyword::User => {
            let word = words(instruction).first().map(|w| w.text().to_owned());
            // An unknown variable stays visible as such: it may be anything.
            config.user = word.map(|w| setting(scope.known(&w).unwrap_or(w)));
        }
        Keyword::Workdir => {
            if let Some(path) = first() {
                let path = absolute(config.workdir(), &path);
                let path = if path.len() > 1 { path.trim_end_matches('/').to_owned() } else { path };
                config.workdir = Some(setting(path));
            }
        }
        Keyword::Cmd => config.cmd = Some(Setting { value: launch(instruction), from: from.clone() }),
        Keyword::Entrypoint => {
            config.entrypoint = Some(Setting { value: launch(instruction), from: from.clone() });
            // A CMD of the base was made for the base's entrypoint: the builder drops it.
            if config.cmd.as_ref().is_some_and(|c| !same_stage(&c.from, from)) {
                config.cmd = None;
            }
        }
        Keyword::Healthcheck => {
            if let Some(value) = health(instruction) {
                config.healthcheck = Some(Setting { value, from: from.clone() });
            }
        }
        Keyword::Shell => {
            let value = words(instruction).iter().map(|w| w.text().to_owned()).collect();
            config.shell = Some(Setting { value, from: from.clone() });
        }
        Keyword::Expose => {
            for port in words(instruction) {
                config.expose.push(setting(scope.resolve(port.text()).value));
            }
        }
        Keyword::Volume => {
            for path in words(instruction) {
                config.volumes.push(setting(scope.resolve(path.text()).value));
            }
        }
        Keyword::Stopsignal => config.stopsignal = first().map(setting),
        Keyword::Onbuild => config.onbuild.push(Setting { value: (), from: from.clone() }),
        _ => {}
    }
}

fn same_stage(a: &Provenance, b: &Provenance) -> bool {
    match (a, b) {
        (Provenance::Instruction { stage: a, .. }, Provenance::Instruction { stage: b, .. }) => a == b,
        _ => false,
    }
}

/// All values of one ENV see the environment before it, as in BuildKit.
fn set_env(config: &mut ImageConfig, scope: &mut Scope, instruction: &Instruction, from: &Provenance) {
    let resolved: Vec<_> = pairs(instruction)
        .into_iter()
        .map(|(name, value)| (scope.resolve(name).value, scope.known(value.unwrap_or_default())))
        .collect();
    for (name, value) in resolved {
        scope.set_env(&name, value.clone());
        config.set_env(&name, value, from.clone());
    }
}

fn pairs(instruction: &Instruction) -> Vec<(&str, Option<&str>)> {
    match &instruction.args {
        Arguments::Pairs(pairs) => {
            pairs.iter().map(|p| (p.name.text(), p.value.as_ref().map(MappedText::text))).collect()
        }
        _ => Vec::new(),
    }
}

/// The command of CMD or ENTRYPOINT.
fn launch(instruction: &Instruction) -> Launch {
    match &instruction.args {
        Arguments::Json { items, .. } => Launch::Exec(items.clone()),
        Arguments::Shell(text) => Launch::Shell(text.clone()),
        Arguments::Words(items) => Launch::Exec(items.clone()),
        Arguments::Pairs(_) => Launch::Exec(Vec::new()),
    }
}

/// The health check of a HEALTHCHECK instruction.
fn health(instruction: &Instruction) -> Option<Health> {
    let options = instruction.flags.iter().map(flag_text).collect();
    Some(match instruction.as_healthcheck()? {
        HealthcheckView::Disabled => Health::None,
        HealthcheckView::Check { command: Command::Exec(items), .. } => {
            Health::Check { launch: Launch::Exec(items.to_vec()), options }
        }
        HealthcheckView::Check { command: Command::Shell(text), .. } => {
            Health::Check { launch: Launch::Shell(text.clone()), options }
        }
    })
}

fn flag_text(flag: &Flag) -> String {
    let name = flag.name.text();
    flag.value.as_ref().map_or_else(|| format!("--{name}"), |v| format!("--{name}={}", v.text()))
}
