//! Health checks without a network client: a class of a few lines, compiled where a compiler is.

use barehull_syntax::{Location, Span};

use super::super::ground;
use super::super::plan::Plan;
use super::super::probe::{Probe, probe_of};
use super::super::service_checks;
use super::super::shape::{CopyLine, HealthChange, Target};
use super::{files, machine, options};
use crate::model::{Base, Health, Provenance, Source, Stage, StepKind};

/// Where the class lies, in both stages.
const FOLDER: &str = "/healthcheck";

/// Settles HEALTHCHECK and the checks of compose services: what asks over the network becomes a class of Java's own.
pub(super) fn settle(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    major: u32,
    handed_over: bool,
) -> service_checks::Settled {
    let mut client = Client { major, handed_over, source: None };
    settle_image(plan, target, &mut client);
    let at = plan.base_line();
    service_checks::settle(plan, &["java"], |plan, probe| client.ask(plan, target, probe, at))
}

fn settle_image(plan: &mut Plan<'_, '_>, target: &mut Target, client: &mut Client) {
    let Some(health) = &plan.cx.stage.config.healthcheck else { return };
    if matches!(health.from, Provenance::Base(_)) || matches!(health.value, Health::None) {
        return;
    }
    let at = health.from.location().unwrap_or(plan.base_line());
    match probe_of(plan.cx.stage) {
        None => {}
        Some(Err(why)) => {
            plan.block(format!("HEALTHCHECK cannot be rewritten without a shell: {why}"), at);
        }
        Some(Ok(probe)) => match client.ask(plan, target, &probe, at) {
            Some(argv) => target.health = HealthChange::Exec(argv),
            None if matches!(probe, Probe::Own(_)) => {
                plan.block("HEALTHCHECK starts a program that the new base has not: check from outside (a Kubernetes probe) or in the application", at);
            }
            None => gap(plan, target, at),
        },
    }
}

/// What asks: one class for all checks of the image.
struct Client {
    /// The version of Java that runs it.
    major: u32,
    /// Whether options of the application come from a variable that the check reads, too.
    handed_over: bool,
    /// The class, once it is made.
    source: Option<Vec<&'static str>>,
}

impl Client {
    /// The command that asks what `probe` does; nothing where Java has no way to.
    fn ask(
        &mut self,
        plan: &mut Plan<'_, '_>,
        target: &mut Target,
        probe: &Probe,
        at: Location,
    ) -> Option<Vec<String>> {
        let (source, argument) = match probe {
            Probe::Own(argv) => {
                let (program, rest) = argv.split_first()?;
                let is_java = program.rsplit('/').next() == Some("java");
                return is_java
                    .then(|| std::iter::once("java".to_owned()).chain(rest.iter().cloned()).collect());
            }
            Probe::Http { url, headers, fails_on_status } if headers.is_empty() && !url.contains("${") => {
                (request(*fails_on_status), url.clone())
            }
            Probe::Http { .. } => return None,
            Probe::Tcp { host, port } => (connection(), format!("{host}:{port}")),
        };
        match &self.source {
            Some(known) if *known == source => {}
            Some(_) => return None,
            None => {
                self.make(plan, target, &source, at)?;
                self.source = Some(source);
            }
        }
        let argv = ["java", "-cp", FOLDER, "HealthCheck", &argument];
        Some(argv.iter().map(|w| (*w).to_owned()).collect())
    }

    /// Has the class compiled; nothing where no compiler is, or where it cannot run beside the application.
    fn make(
        &self,
        plan: &mut Plan<'_, '_>,
        target: &mut Target,
        source: &[&str],
        at: Location,
    ) -> Option<()> {
        let compiler = compiler(plan, self.major)?;
        let shared = options::variable(self.major);
        let set = target.env.iter().find(|(name, _)| name == shared).map(|(_, value)| value.as_str());
        let set = set.or(plan.cx.stage.config.env(shared)).unwrap_or_default();
        if ["-javaagent:", "-agentlib:", "-agentpath:", ".port="].iter().any(|part| set.contains(part)) {
            // The check would start the agent once more, and its port is taken.
            return None;
        }
        if self.handed_over {
            let text = format!(
                "{shared} holds nothing that two processes cannot share, as an agent's port: the health check reads it, too"
            );
            plan.assume(text, Some(at));
        }
        let run = compile(plan, source, compiler.newer.then_some(self.major));
        match compiler.other {
            None => target.build_tail.push(run),
            Some((end, stage)) => {
                target.words.push((end, format!("\n\n{run}")));
                target.copies.push(CopyLine { from: Some(stage), ..CopyLine::of(FOLDER, FOLDER) });
            }
        }
        if !target.copies.iter().any(|c| c.source == FOLDER) {
            target.copies.push(CopyLine::of(FOLDER, FOLDER));
        }
        Some(())
    }
}

fn gap(plan: &mut Plan<'_, '_>, target: &mut Target, at: Location) {
    ground::leave_health(
        plan,
        target,
        at,
        "with a class of the application",
        "check with a class of the application",
    );
}

/// A class that asks for an address; a status of 400 and above fails where it did.
fn request(fails_on_status: bool) -> Vec<&'static str> {
    let verdict = if fails_on_status {
        "        System.exit(connection.getResponseCode() < 400 ? 0 : 1);"
    } else {
        "        connection.getResponseCode();"
    };
    vec![
        "public class HealthCheck {",
        "    public static void main(String[] args) throws Exception {",
        "        java.net.HttpURLConnection connection =",
        "            (java.net.HttpURLConnection) new java.net.URL(args[0]).openConnection();",
        "        connection.setConnectTimeout(5000);",
        "        connection.setReadTimeout(5000);",
        verdict,
        "    }",
        "}",
    ]
}

/// A class that opens a connection.
fn connection() -> Vec<&'static str> {
    vec![
        "public class HealthCheck {",
        "    public static void main(String[] args) throws Exception {",
        "        String[] place = args[0].split(\":\");",
        "        new java.net.Socket(place[0], Integer.parseInt(place[1])).close();",
        "    }",
        "}",
    ]
}

/// The RUN that compiles it; any builder knows it, unlike a heredoc.
fn compile(plan: &Plan<'_, '_>, source: &[&str], release: Option<u32>) -> String {
    let lines: Vec<String> = source.iter().map(|line| format!("        '{line}'")).collect();
    let release = release.map_or_else(String::new, |major| format!("--release {major} "));
    format!(
        "# The health check of the final image, which has no client to ask with.\n{} mkdir {FOLDER} \\\n    && printf \
         '%s\\n' \\\n{} \\\n        > {FOLDER}/HealthCheck.java \\\n    && javac {release}-d {FOLDER} \
         {FOLDER}/HealthCheck.java",
        plan.keyword("RUN"),
        lines.join(" \\\n"),
    )
}

/// A stage that can compile.
struct Compiler {
    /// Whether its Java is newer than the one that runs the result.
    newer: bool,
    /// Another stage than the final one: the end of its last instruction, and what `--from` calls it.
    other: Option<(Span, String)>,
}

/// The final stage itself, where it becomes a build stage and has a compiler, or one that it copies from.
fn compiler(plan: &Plan<'_, '_>, major: u32) -> Option<Compiler> {
    let (model, stage) = (plan.cx.model, plan.cx.stage);
    let copied = stage.steps.iter().filter_map(|s| match &s.kind {
        StepKind::Transfer(t) => match t.from {
            Source::Stage(id) => Some(model.stage(id)),
            _ => None,
        },
        _ => None,
    });
    for builder in copied {
        if let Some(version) = kit(plan, builder).filter(|v| *v >= 9 || *v == major) {
            let last = builder.steps.last()?;
            let at = Span::at(model.instruction(last).span.end);
            return Some(Compiler { newer: version > major, other: Some((at, builder.label())) });
        }
    }
    kit(plan, stage).map(|_| Compiler { newer: false, other: None })
}

/// The major version of a stage's development kit, where root can use it.
fn kit(plan: &Plan<'_, '_>, stage: &Stage) -> Option<u32> {
    let root = stage.config.runs_as_root() == Some(true);
    if let Some(package) = files::packaged(stage, plan.cx.model).filter(|p| p.is_kit && root) {
        return package.major;
    }
    let Base::Image { facts: Some(facts), .. } = plan.cx.model.root_base(stage.id) else { return None };
    let version = facts.runtime.as_ref().filter(|r| r.name == "java")?.version.as_deref()?;
    let compiles = facts.components.iter().any(|c| c.component.name() == "javac");
    machine::major(version).filter(|_| compiles && root)
}
