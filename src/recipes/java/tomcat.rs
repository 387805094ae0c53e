//! Tomcat without its start script: what `catalina.sh run` starts, written out.

use super::super::launch;
use super::super::plan::Plan;
use super::super::runtime_steps::Packages;
use super::super::shape::{CopyLine, Target};
use super::super::{contents, ground};
use super::of_base;
use super::start::{OptionVariable, Runs, Start};
use crate::model::needs::process_of;

/// Variables that catalina.sh hands to Java.
const OPTIONS: [&str; 2] = ["JAVA_OPTS", "CATALINA_OPTS"];

/// Variables of catalina.sh that change what it starts otherwise.
const OTHERS: [&str; 7] = [
    "CATALINA_BASE",
    "CATALINA_TMPDIR",
    "JPDA_OPTS",
    "JSSE_OPTS",
    "LOGGING_CONFIG",
    "LOGGING_MANAGER",
    "UMASK",
];

/// Packages that Tomcat opens for reflection, from Java 9 on.
const OPENED: [&str; 5] = [
    "java.base/java.lang",
    "java.base/java.io",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.rmi/sun.rmi.transport",
];

/// Folders of Tomcat that are read, and those that it writes to.
const READ: [&str; 3] = ["bin", "conf", "lib"];
const WRITTEN: [&str; 4] = ["logs", "temp", "webapps", "work"];

/// Whether the stage stands on Tomcat and starts it.
pub(super) fn is_started(plan: &Plan<'_, '_>) -> bool {
    of_base(plan, "CATALINA_HOME") && is_catalina(plan)
}

fn is_catalina(plan: &Plan<'_, '_>) -> bool {
    let Some(process) = process_of(&plan.cx.stage.config, plan.cx.model.file) else { return false };
    let words: Vec<&str> = process.argv.iter().map(String::as_str).collect();
    let [program, verb] = words.as_slice() else { return false };
    process.shell.is_none() && program.rsplit('/').next() == Some("catalina.sh") && *verb == "run"
}

/// The start line of `catalina.sh run`.
pub(super) fn start(plan: &mut Plan<'_, '_>, major: u32) -> Option<Start> {
    let config = &plan.cx.stage.config;
    let home = config.env("CATALINA_HOME")?.to_owned();
    let at = launch::launch_line(plan);
    for name in OTHERS.iter().filter(|name| config.env(name).is_some()) {
        plan.block(
            format!("{name} changes what catalina.sh starts: write the start of Tomcat out by hand"),
            at,
        );
    }
    let settings = format!("{home}/bin/setenv.sh");
    let found = plan.cx.files.borrow_mut().source_of(&settings);
    let landed =
        contents::landings(plan.cx.stage).iter().any(|l| l == &settings || *l == format!("{home}/bin"));
    if found.is_some() || landed {
        plan.block("bin/setenv.sh sets variables at every start: set JDK_JAVA_OPTIONS in the image", at);
    }
    let process = process_of(config, plan.cx.model.file)?;
    let mut options = vec![
        format!("-Djava.util.logging.config.file={home}/conf/logging.properties"),
        "-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager".to_owned(),
        "-Djdk.tls.ephemeralDHKeySize=2048".to_owned(),
        "-Djava.protocol.handler.pkgs=org.apache.catalina.webresources".to_owned(),
    ];
    if major >= 9 {
        options.extend(OPENED.iter().map(|package| format!("--add-opens={package}=ALL-UNNAMED")));
    }
    options.extend([
        "-classpath".to_owned(),
        format!("{home}/bin/bootstrap.jar:{home}/bin/tomcat-juli.jar"),
        format!("-Dcatalina.base={home}"),
        format!("-Dcatalina.home={home}"),
        format!("-Djava.io.tmpdir={home}/temp"),
    ]);
    let variables = OPTIONS
        .iter()
        .map(|name| OptionVariable {
            name: (*name).to_owned(),
            default: String::new(),
            behind_options: false,
        })
        .collect();
    let rest = vec!["org.apache.catalina.startup.Bootstrap".to_owned(), "start".to_owned()];
    Some(Start { process, options, rest, runs: Runs::Class, pattern: false, variables })
}

/// Tomcat's folders, and what the stage put elsewhere.
pub(super) fn collect(plan: &mut Plan<'_, '_>, target: &mut Target) {
    let Some(home) = plan.cx.stage.config.env("CATALINA_HOME").map(str::to_owned) else { return };
    let at = launch::launch_line(plan);
    let owner = target.user.clone().unwrap_or_else(|| ground::NONROOT.to_owned());
    let folders = READ.iter().map(|f| (f, None)).chain(WRITTEN.iter().map(|f| (f, Some(owner.clone()))));
    for (folder, chown) in folders {
        let path = format!("{home}/{folder}");
        target.copies.push(CopyLine { chown, ..CopyLine::of(&path, &path) });
    }
    plan.assume(
        "Tomcat writes below logs, temp, webapps and work alone; tomcat-native and its OpenSSL stay behind, Java's own TLS serves",
        Some(at),
    );
    plan.assume(
        "nobody gives the image arguments (`docker run IMAGE ARGUMENTS`): Tomcat takes the last one for its command",
        Some(at),
    );
    let ports = plan.cx.stage.config.expose.iter().filter(|port| port.from.location().is_none());
    target.also.extend(ports.map(|port| ("EXPOSE", port.value.clone())));
    if plan.cx.stage.config.runs_as_root() == Some(true) {
        // Tomcat makes this folder itself, where it may.
        target.build_tail.push(format!("{} mkdir -p {home}/conf/Catalina/localhost", plan.keyword("RUN")));
    }
    let elsewhere = contents::files(plan, Packages::Judged);
    let own = |path: &str| {
        let below = path.strip_prefix(&home).and_then(|rest| rest.strip_prefix('/'));
        let first = below.and_then(|below| below.split('/').next());
        first.is_some_and(|first| READ.contains(&first) || WRITTEN.contains(&first))
    };
    if elsewhere.iter().any(|c| c.source == home) {
        plan.block(format!("a COPY or RUN changes {home} as a whole: name the folders in it"), at);
    }
    target.copies.extend(elsewhere.into_iter().filter(|c| !own(&c.source)));
    contents::make_volumes(plan, target);
}
