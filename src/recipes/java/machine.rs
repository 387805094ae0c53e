//! The Java virtual machine of the final image: the base's own where it is offered in that version, else the one that
//! the application has.

use std::fmt::Write;

use barehull_catalog::{Ecosystem, Family, Libc};

use super::super::bases::{Chosen, choose};
use super::super::closure;
use super::super::plan::Plan;
use super::super::shape::{CopyLine, Target};

/// Where a copied run time is put together.
const COLLECTED: &str = "/jre";

/// PATH of the distroless images.
const BASE_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where a copied run time lies if the old image's place is not known.
const HOME: &str = "/opt/java/openjdk";

/// Where the virtual machine of the final image comes from.
pub(super) enum Machine {
    /// The base has it.
    OfBase(Chosen),
    /// It is copied, onto a base with what it is linked to.
    Glibc(Chosen, String),
    /// It is copied with musl.
    Musl(String),
}

impl Machine {
    /// The base's reference.
    pub(super) fn base(&self) -> &str {
        match self {
            Self::OfBase(base) | Self::Glibc(base, _) => &base.reference,
            Self::Musl(_) => "scratch",
        }
    }

    /// Whether the new base has fonts, and the libraries that find and draw them.
    pub(super) fn has_fonts(&self) -> bool {
        !matches!(self, Self::Musl(_))
    }
}

/// The major version in a version as images write it: `17.0.9`, `8u212`, `1.8`.
pub(super) fn major(version: &str) -> Option<u32> {
    let version = version.strip_prefix("1.").unwrap_or(version);
    let end = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..end].parse().ok()
}

/// Decides; blocks where the run time can neither be replaced nor be copied.
pub(super) fn decide(plan: &mut Plan<'_, '_>, major: u32, libc: Libc, packaged: bool) -> Option<Machine> {
    let cx = plan.cx;
    let version = major.to_string();
    if let Some(base) = choose(cx, Ecosystem::Java, Some(&version), |r| r.carries_runtime()) {
        if libc == Libc::Musl {
            let text =
                "no jar holds code compiled for musl alone (the stage is Alpine, the new base is Debian)";
            plan.assume(text, Some(plan.base_line()));
        }
        return Some(Machine::OfBase(base));
    }
    let family = cx.stage.os.as_ref().map(|os| os.family);
    let known = cx.stage.config.env("JAVA_HOME").map(|h| h.trim_end_matches('/').to_owned());
    let archive = known
        .as_ref()
        .is_some_and(|h| ["/opt/", "/usr/java/", "corretto"].iter().any(|part| h.contains(part)));
    let fits = archive || matches!(family, Some(Family::Debian | Family::Ubuntu | Family::Alpine));
    if packaged || !fits || major < 8 {
        let reason = format!(
            "no minimal image has Java {major}, and the files of this one are not known: move to Java 17, 21 or 25"
        );
        plan.block(reason, plan.base_line());
        return None;
    }
    if known.is_none() {
        plan.assume("the image sets JAVA_HOME to where all of its Java lies", Some(plan.base_line()));
    }
    let home = known.unwrap_or_else(|| HOME.to_owned());
    if libc == Libc::Musl {
        return Some(Machine::Musl(home));
    }
    let fits = |r: &barehull_catalog::Replacement| {
        !r.carries_runtime() && r.libraries.iter().any(|l| l == "libfreetype6")
    };
    let Some(base) = choose(cx, Ecosystem::Java, None, fits) else {
        plan.block("no minimal base of the catalog fits this version of Java", plan.base_line());
        return None;
    };
    Some(Machine::Glibc(base, home))
}

/// Brings the machine into the final image.
pub(super) fn bring(plan: &Plan<'_, '_>, target: &mut Target, machine: &Machine, major: u32) {
    target.base = machine.base().to_owned();
    let (home, musl) = match machine {
        Machine::OfBase(_) => return,
        Machine::Glibc(_, home) => (home, false),
        Machine::Musl(home) => (home, true),
    };
    let lines = run_time(major);
    if musl {
        let programs = format!("$(find {COLLECTED} -type f \\( -perm -100 -o -name '*.so' \\))");
        let mut first = String::new();
        for line in &lines {
            let _ = writeln!(first, "    {line}; \\");
        }
        closure::musl(plan, target, &programs, &[COLLECTED.to_owned()], &first);
        target.env.retain(|(name, _)| name != "PATH");
    } else {
        let run = plan.keyword("RUN");
        let lines = lines.join(" \\\n    && ");
        target
            .build_tail
            .push(format!("# The run time alone: compilers and debuggers stay behind.\n{run} {lines}"));
    }
    target.copies.push(CopyLine::of(COLLECTED, home));
    target.env.push(("JAVA_HOME".to_owned(), home.clone()));
    target.env.push(("PATH".to_owned(), format!("{home}/bin:{BASE_PATH}")));
}

/// Shell commands that put the run time together, its links resolved (certificates lie elsewhere at times).
fn run_time(major: u32) -> Vec<String> {
    let copy = if major < 9 {
        // A development kit holds a run time of its own.
        format!(
            "if [ -d \"$JAVA_HOME/jre\" ]; then cp -RL \"$JAVA_HOME/jre\" {COLLECTED}; else cp -RL \"$JAVA_HOME\" {COLLECTED}; fi"
        )
    } else {
        format!("cp -RL \"$JAVA_HOME\" {COLLECTED}")
    };
    vec![
        copy,
        format!("cd {COLLECTED}"),
        "rm -rf demo include jmods man sample lib/src.zip src.zip".to_owned(),
        "find bin -type f ! -name java -exec rm {} +".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn versions_as_images_write_them() {
        let cases = [("17", 17), ("8u212", 8), ("1.8.0", 8), ("21.0.9", 21), ("11-jre", 11)];
        for (text, expected) in cases {
            assert_eq!(major(text), Some(expected), "{text}");
        }
        assert_eq!(major("lts"), None);
    }
}
