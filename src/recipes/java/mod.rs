//! Java applications: on distroless/java where it offers their major version, else with the run time they have, on
//! what that is linked to.

mod built;
mod files;
mod health;
mod machine;
mod options;
mod sources;
mod start;
mod tomcat;

use barehull_catalog::Libc;

use super::plan::Plan;
use super::shape::{Target, rebase, split};
use super::{Outcome, Recipe, RecipeCx, accounts, contents, ground, launch, outside, service_checks};
use crate::evidence::Evidence;
use crate::model::{Base, Provenance};
use crate::project::outside::Matched;
use files::{Collected, Packaged};
use machine::Machine;
use start::Start;

/// Java applications to a base without a shell.
pub static RECIPE: Recipe = Recipe {
    id: "java-distroless",
    title: "Java application on distroless",
    about: "For stages that start Java: a jar that this or another stage builds with Maven or Gradle, a \
            jar that is only copied, a folder of classes, a WAR on Tomcat. It goes onto the distroless \
            image of the same Java version; where distroless has none (8, 11), the run time that the \
            application has comes along, with the shared libraries that it is linked to. The major \
            version never changes.\n\n\
            `java $JAVA_OPTS -jar` in shell form becomes the exec form with JDK_JAVA_OPTIONS (Java 9 and \
            later), unless somebody in the project sets JAVA_OPTS. Programs that the sources start, and \
            run times of Alpine that would meet libraries of glibc, are blockers or assumptions.",
    plan,
};

/// Variables that mean something to the build only.
const BUILD_ENV: [&str; 9] = [
    "ANT_HOME",
    "DEBIAN_FRONTEND",
    "GRADLE_HOME",
    "GRADLE_OPTS",
    "GRADLE_USER_HOME",
    "GRADLE_VERSION",
    "MAVEN_CONFIG",
    "MAVEN_HOME",
    "MAVEN_OPTS",
];

/// What only a development kit has: the compiler and its relatives.
const OF_KIT: [&str; 4] = ["com.sun.jdi", "com.sun.tools", "javax.tools", "jdk.jshell"];

/// Java as the stage has it.
struct Installed {
    major: u32,
    libc: Libc,
    /// Whether it is a package of the system, and not the base's own.
    packaged: bool,
}

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    if super::is_minimal(cx) {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    let Some(installed) = installed(&mut plan) else {
        return if plan.is_blocked() { plan.blocked() } else { Outcome::NotApplicable };
    };
    ground::start_is_read(&mut plan);
    let tomcat = tomcat::is_started(&plan);
    let start = if tomcat { tomcat::start(&mut plan, installed.major) } else { start::start(&mut plan) };
    let Some(mut start) = start else { return plan.blocked() };
    let mut target = Target {
        build_name: if cx.model.stages.len() == 1 { "build" } else { "assemble" },
        ..Target::default()
    };
    target.env_drop = BUILD_ENV.iter().map(|v| (*v).to_owned()).collect();
    let handed_over = !start.variables.is_empty();
    if !options::settle(&mut plan, &mut target, &mut start, installed.major) {
        return plan.blocked();
    }
    let Some(machine) = machine::decide(&mut plan, installed.major, installed.libc, installed.packaged)
    else {
        return plan.blocked();
    };
    let evidence = sources::evidence(&mut plan);
    seen(&mut plan, &evidence);
    files::packages(&mut plan, &machine);
    needs_screen(&mut plan, &start, &evidence);
    machine::bring(&plan, &mut target, &machine, installed.major);
    environment(&mut plan, &mut target, &machine);
    if !machine.has_fonts() {
        plan.assume("the application draws no text: no fonts are copied", Some(plan.base_line()));
    }
    ground::settle_user(&mut plan, &mut target);
    if matches!(machine, Machine::Musl(_)) && target.user.is_none() {
        target.user = Some(ground::NONROOT.to_owned());
    }
    ground::note_ports(&mut plan);
    ground::block_mounted_writes(&mut plan, &evidence);
    note_port_of_options(&mut plan, &start);
    system_certificates(&mut plan);
    ground::note_digest(&mut plan, machine.base());
    if matches!(machine, Machine::OfBase(_)) && !installed.packaged {
        note_floating_version(&mut plan, machine.base(), installed.major);
    }
    launch::keep_inits(&mut plan, &mut target, &start.process, installed.libc != Libc::Musl);
    let checks = health::settle(&mut plan, &mut target, installed.major, handed_over);
    let title = match &machine {
        Machine::OfBase(_) => format!("Run the application on {}", machine.base()),
        _ => format!("Keep Java {}, run the application on {}", installed.major, machine.base()),
    };
    if tomcat {
        tomcat::collect(&mut plan, &mut target);
        declare(&mut plan, &mut target, &start, &machine, checks);
        return plan.finish(title, &target, || split(cx.model, cx.stage, &target));
    }
    let collected = files::collect(&mut plan, &mut target, &mut start, &evidence);
    declare(&mut plan, &mut target, &start, &machine, checks);
    match collected {
        Collected::InPlace => {
            accounts::number_owners(cx, &mut target);
            let workdir = match &machine {
                Machine::OfBase(base) | Machine::Glibc(base, _) => base.workdir.clone(),
                Machine::Musl(_) => "/".to_owned(),
            };
            plan.finish(title, &target, || rebase(cx.model, cx.stage, &target, &workdir))
        }
        Collected::Copied => plan.finish(title, &target, || split(cx.model, cx.stage, &target)),
    }
}

/// The Java of the stage: its base's, or a package's; blocks where it is there and its version is not known.
fn installed(plan: &mut Plan<'_, '_>) -> Option<Installed> {
    let Base::Image { facts: Some(facts), .. } = plan.cx.model.root_base(plan.cx.stage.id) else {
        return None;
    };
    let libc = facts.libc;
    if let Some(runtime) = facts.runtime.as_ref().filter(|r| r.name == "java") {
        let Some(major) = runtime.version.as_deref().and_then(machine::major) else {
            plan.block("the tag does not say which version of Java it has: name one", plan.base_line());
            return None;
        };
        return Some(Installed { major, libc, packaged: false });
    }
    let packaged = files::packaged(plan.cx.stage, plan.cx.model).filter(|_| start::starts_java(plan))?;
    let Packaged { major: Some(major), .. } = packaged else {
        let reason = "which version of Java this package brings is not known: install one by number";
        plan.block(reason, packaged.at);
        return None;
    };
    Some(Installed { major, libc, packaged: true })
}

/// What the sources show that the new image has not.
fn seen(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    ground::note_unread_sources(plan, evidence);
    for spawn in &evidence.spawns {
        match spawn.program.as_deref() {
            Some("java") if !spawn.shell => {}
            program => {
                let what = program.unwrap_or("a program that is not known before it runs");
                plan.block(
                    format!(
                        "the application starts {what} ({}): the new base has no such program",
                        spawn.how
                    ),
                    spawn.place,
                );
            }
        }
    }
    let at = launch::launch_line(plan);
    let of_kit = evidence.imports.iter().find(|i| OF_KIT.iter().any(|package| i.starts_with(package)));
    if let Some(import) = of_kit {
        plan.block(format!("the application uses {import}, which only a development kit has"), at);
    }
}

/// Blocks where the application draws on a screen: the libraries for that are in no minimal base.
fn needs_screen(plan: &mut Plan<'_, '_>, start: &Start, evidence: &Evidence) {
    let asked = start.options.iter().any(|o| o == "-Djava.awt.headless=false");
    let used = evidence.imports.iter().any(|i| i.starts_with("javafx."));
    if asked || used {
        let reason = "it draws on a screen: the libraries of the X Window System are not in the new base";
        plan.block(reason, launch::launch_line(plan));
    }
}

/// Ports below 1024 that options name: who runs the image elsewhere than in Docker must know.
fn note_port_of_options(plan: &mut Plan<'_, '_>, start: &Start) {
    let port = start.options.iter().chain(&start.rest).find_map(|word| {
        let (name, value) = word.split_once('=')?;
        let named = matches!(name, "--port" | "--server.port" | "-Dserver.port");
        value.parse::<u32>().ok().filter(|port| named && (1..1024).contains(port))
    });
    let exposed = plan
        .cx
        .stage
        .config
        .expose
        .iter()
        .any(|e| e.value.split(['/', '-']).next().and_then(|p| p.parse::<u32>().ok()) == port);
    if let Some(port) = port.filter(|_| !exposed && plan.cx.stage.config.runs_as_root() != Some(false)) {
        let text = format!(
            "port {port} is below 1024: Docker 20.10 and later let any user listen there, Kubernetes needs the sysctl \
             net.ipv4.ip_unprivileged_port_start or another port"
        );
        plan.assume(text, Some(launch::launch_line(plan)));
    }
}

/// Blocks where Temurin's entrypoint script is asked to import certificates at every start.
fn system_certificates(plan: &mut Plan<'_, '_>) {
    const ASKED: &str = "USE_SYSTEM_CA_CERTS";
    let cx = plan.cx;
    let used = cx.uses.iter().find(|u| {
        u.matched != Matched::Unmatched
            && cx.model.is_used_by(cx.stage.id, u)
            && u.environment.iter().any(|(name, _)| name == ASKED)
    });
    let place = match used {
        Some(used) => cx.place(&used.at),
        None if cx.stage.config.env(ASKED).is_some() => launch::launch_line(plan).into(),
        None => return,
    };
    plan.block(
        format!("{ASKED} has certificates imported at every start: import them with keytool in the build"),
        place,
    );
}

/// Leaves out what only the old base gave a meaning: where Java lay, and locales.
fn environment(plan: &mut Plan<'_, '_>, target: &mut Target, machine: &Machine) {
    let config = &plan.cx.stage.config;
    if matches!(machine, Machine::OfBase(_)) && config.env("JAVA_HOME").is_some() {
        let home = config.env("JAVA_HOME").unwrap_or_default().trim_end_matches('/').to_owned();
        target.env_drop.insert("JAVA_HOME".to_owned());
        let usual = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        let rest = config.path().into_iter().filter(|f| !f.starts_with(&home));
        if rest.into_iter().all(|folder| usual.contains(&folder)) {
            target.env_drop.insert("PATH".to_owned());
        }
    }
    let mut lost = None;
    for name in ["LC_ALL", "LC_CTYPE", "LANG", "LANGUAGE"] {
        let Some(value) = config.env(name) else { continue };
        let plain = value.is_empty() || value.starts_with("C.") || matches!(value, "C" | "POSIX");
        if !plain && name != "LANGUAGE" {
            let own = config.env.iter().find(|v| v.name == name).and_then(|v| v.from.location());
            lost = lost.or(Some((value.to_owned(), own)));
        }
        if !plain {
            target.env_drop.insert(name.to_owned());
        }
    }
    if let Some((locale, at)) = lost {
        let text = format!(
            "nothing depends on the locale {locale}, which the new base has not: Java's default is `en` in UTF-8 \
             then (-Duser.language and -Duser.country change it)"
        );
        plan.assume(text, at.or(Some(plan.base_line())));
    }
    if matches!(machine, Machine::Musl(_)) && of_base(plan, "LANG") {
        target.env.push(("LANG".to_owned(), "C.UTF-8".to_owned()));
    }
}

/// A tag such as `latest`, or `9.0` of Tomcat, has the Java of the day it is pulled.
fn note_floating_version(plan: &mut Plan<'_, '_>, base: &str, major: u32) {
    let Base::Image { image, .. } = plan.cx.model.root_base(plan.cx.stage.id) else { return };
    let tag = image.tag.as_deref().unwrap_or("latest").to_owned();
    if !tag.contains(&major.to_string()) {
        let at = plan.base_line();
        plan.assume(format!("`{tag}` has the version of Java that {base} has"), Some(at));
    }
}

/// ENTRYPOINT and CMD of the new image.
fn declare(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    start: &Start,
    machine: &Machine,
    checks: service_checks::Settled,
) {
    let process = &start.process;
    let program = match (machine, process.argv[0].as_str()) {
        (Machine::OfBase(_), "/usr/bin/java") => "/usr/bin/java".to_owned(),
        (Machine::Glibc(_, home) | Machine::Musl(home), path)
            if path.starts_with(&format!("{home}/bin/")) =>
        {
            path.to_owned()
        }
        _ => "java".to_owned(),
    };
    let argv = start.argv(&program);
    let by_name = outside::has_commands(plan);
    let words = match process.entrypoint_words {
        0 => 0,
        all if all == process.argv.len() => argv.len(),
        some => some.min(argv.len()),
    };
    let plain = start.options == ["-jar"] && target.init.is_empty() && !by_name;
    match machine {
        Machine::OfBase(base) if words == 0 && plain && base.entrypoint.len() == 2 => {
            // Its ENTRYPOINT is `java -jar`.
            target.entrypoint = None;
            target.cmd = Some(start.rest.clone());
            let text = "nobody starts the image with a command of their own (`docker run IMAGE java -version`): \
                        arguments now go to `java -jar`";
            plan.assume(text, None);
        }
        Machine::OfBase(base) => {
            launch::declare_split(target, &argv, words);
            if !base.entrypoint.is_empty() {
                target.entrypoint.get_or_insert_default();
            }
        }
        _ => launch::declare_split(target, &argv, words),
    }
    // Tomcat takes its last argument for what to do.
    let takes_more = words > 0 && !tomcat::is_started(plan);
    let offer = outside::Offer { programs: &["java"], interpreter: takes_more, checks };
    outside::settle(plan, offer);
}

/// Whether a variable comes from the base image.
fn of_base(plan: &Plan<'_, '_>, name: &str) -> bool {
    let set = plan.cx.stage.config.env.iter().find(|v| v.name == name);
    set.is_some_and(|v| matches!(v.from, Provenance::Base(_)))
}

/// The mount points that somebody has to make for the image's user: `/tmp` is there.
fn volumes(cx: &RecipeCx<'_>) -> bool {
    contents::volumes(cx).iter().any(|volume| volume.source != "/tmp")
}
