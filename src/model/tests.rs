//! Dockerfiles in, what their last stage holds out.

use std::collections::BTreeMap;

use barehull_catalog::{Catalog, Completeness, Presence, Role};
use barehull_syntax::FileId;
use barehull_syntax::dockerfile::Dockerfile;

use super::{BuildSettings, Circle, Model};

fn model(text: &str) -> Model {
    let settings = BuildSettings { catalog: Catalog::builtin(), build_args: &BTreeMap::new(), targets: &[] };
    Model::new(FileId(0), Dockerfile::parse(text.as_bytes()), &settings)
}

/// The tools of `role` in the last stage; one that a later layer removed in brackets.
fn tools(text: &str, role: Role) -> String {
    let model = model(text);
    let stage = model.stages.last().expect("the text has a stage");
    let mut names: Vec<String> = stage
        .inventory
        .materialise()
        .iter()
        .filter(|e| e.component.role == role)
        .map(|e| match e.presence {
            Presence::Present => e.component.name().to_owned(),
            Presence::Shadowed => format!("({})", e.component.name()),
        })
        .collect();
    names.sort();
    names.dedup();
    names.join(" ")
}

#[test]
fn python_environments_bring_pip() {
    let copied = |make: &str| {
        let text = format!(
            "FROM python:3.13-slim AS a\nRUN {make}\nFROM scratch\nCOPY --from=a /opt/venv /opt/venv"
        );
        tools(&text, Role::LanguagePackageManager)
    };
    assert_eq!(copied("python3 -m venv --copies /opt/venv"), "pip pip3 pip3.13");
    assert_eq!(copied("pip install virtualenv && virtualenv /opt/venv"), "pip pip3 pip3.13");
    assert_eq!(copied("python3 -m venv --without-pip /opt/venv"), "");
    assert_eq!(copied("python3 -m http.server /opt/venv"), "");
}

#[test]
fn installations_and_removals_are_followed() {
    let cases = [
        ("FROM debian:12-slim\nRUN apt-get update && apt-get install -y curl", "curl"),
        ("FROM debian:12-slim\nRUN apt-get install -y curl && apt-get purge -y curl", ""),
        ("FROM debian:12-slim\nRUN apt-get install -y curl\nRUN apt-get purge -y curl", "(curl)"),
        ("FROM debian:12-slim\nRUN apt-get install -y curl\nRUN rm /usr/bin/curl", "(curl)"),
        ("FROM debian:12-slim\nRUN apt-get install -y curl\nRUN rm -f /bin/curl", "(curl)"),
        ("FROM debian:12-slim\nENV TOOLS='curl wget'\nRUN apt-get install -y $TOOLS", "curl wget"),
        ("FROM debian:12-slim\nARG TOOL=curl\nRUN apt-get install -y ${TOOL}=7.*", "curl"),
        ("FROM debian:12-slim\nRUN if [ -n \"$DEBUG\" ]; then apt-get install -y curl; fi", ""),
        ("FROM debian:12-slim\nRUN f() { apt-get install -y \"$1\"; }; f curl", ""),
        ("FROM debian:12-slim\nRUN sudo -E sh -c 'apt-get install -y curl'", "curl"),
        ("FROM debian:12-slim\nRUN curl -fsSL https://example.com/x -o /usr/local/bin/curl", "curl"),
        ("FROM debian:12-slim\nRUN <<EOF\nset -e\napt-get install -y curl\nEOF", "curl"),
        (
            "FROM debian:12-slim AS a\nRUN apt-get install -y curl\nFROM scratch\nCOPY --from=a /usr/bin/curl /x",
            "",
        ),
        (
            "FROM debian:12-slim AS a\nRUN apt-get install -y curl\nFROM scratch\nCOPY --from=a /usr/bin/curl /bin/",
            "curl",
        ),
        ("FROM debian:12-slim AS a\nRUN apt-get install -y curl\nFROM scratch\nCOPY --from=a / /", "curl"),
        ("FROM debian:12-slim AS a\nRUN apt-get install -y curl\nFROM a AS b\nRUN true\nFROM b", "curl"),
        (
            "FROM debian:12-slim\nRUN saved=\"$(apt-mark showmanual)\"; apt-get install -y curl; apt-mark auto '.*' > /dev/null; \
             apt-mark manual $saved; apt-get purge -y --auto-remove",
            "",
        ),
        ("FROM fedora:41\nRUN dnf install -y wget && dnf clean all", "curl wget"),
    ];
    for (text, wanted) in cases {
        let found = tools(text, Role::NetworkClient);
        let found: Vec<&str> = found.split(' ').filter(|n| ["curl", "wget", "(curl)"].contains(n)).collect();
        assert_eq!(found.join(" "), wanted, "{text}");
    }
}

#[test]
fn groups_of_alpine_go_as_they_came() {
    let text = "FROM alpine:3.20\nRUN apk add --no-cache --virtual .build gcc make && make && apk del .build";
    assert_eq!(tools(text, Role::BuildTool), "");
    let text = "FROM alpine:3.20\nRUN apk add --no-cache -t .build gcc && apk add make";
    assert!(tools(text, Role::BuildTool).contains("gcc"));
}

#[test]
fn what_a_removed_package_pulled_in_goes_when_it_is_asked_for() {
    let after = |more: &str| {
        let text = format!("FROM debian:13-slim\nRUN apt-get install -y gcc && apt-get remove -y gcc{more}");
        tools(&text, Role::BuildTool)
    };
    assert!(after("").contains("ld"));
    assert_eq!(after(" && apt-get autoremove -y"), "");
    let again = after(" && apt-get install -y gcc && apt-get autoremove -y");
    assert!(again.contains("gcc"), "{again}");
}

#[test]
fn of_an_unknown_release_only_what_all_have_is_told() {
    let known = tools("FROM debian:13-slim\nRUN apt-get install -y curl", Role::NetworkClient);
    assert!(known.contains("wcurl"), "{known}");
    for base in ["example.com/unknown:1", "debian:stretch-slim"] {
        let found = tools(&format!("FROM {base}\nRUN apt-get install -y curl"), Role::NetworkClient);
        assert!(found.contains("curl") && !found.contains("wcurl"), "{base}: {found}");
    }
}

#[test]
fn a_user_that_only_the_base_image_may_know_is_not_taken_for_root() {
    let root = |text: &str| model(text).stages.last().expect("a stage").config.runs_as_root();
    assert_eq!(root("FROM example.com/base\nUSER root\nRUN true\nUSER $NB_UID"), None);
    assert_eq!(root("FROM debian:13\nARG NB_UID=1000\nUSER $NB_UID"), Some(false));
    assert_eq!(root("FROM debian:13"), Some(true));
}

#[test]
fn what_is_not_known_is_never_taken_for_empty() {
    let completeness = |text: &str| model(text).stages.last().expect("a stage").inventory.completeness();
    assert_eq!(completeness("FROM debian:12-slim\nRUN apt-get install -y curl"), Completeness::Exact);
    for text in [
        "FROM example.com/unknown:1",
        "ARG BASE\nFROM $BASE",
        "FROM debian:12-slim\nRUN ./install.sh",
        "FROM debian:12-slim\nRUN apt-get install -y $PACKAGES_OF_SOMEBODY no-such-package-at-all",
        "FROM debian:12-slim\nSHELL [\"pwsh\", \"-c\"]\nRUN Install-Thing",
    ] {
        assert_eq!(completeness(text), Completeness::AtLeast, "{text}");
    }
}

#[test]
fn stages_arguments_and_settings_are_resolved() {
    let model = model(
        "ARG V=22\nFROM node:${V}-alpine AS a\nARG V\nENV X=\"$V-y\"\nWORKDIR /srv\nWORKDIR app\nUSER node\nCMD [\"a\"]\n\
         FROM a\nENTRYPOINT [\"b\"]\n",
    );
    let last = model.stages.last().expect("two stages");
    assert_eq!(model.stages[0].base_text, "node:22-alpine");
    assert_eq!(last.config.workdir(), "/srv/app");
    assert_eq!(last.config.env("X"), Some("22-y"));
    assert_eq!(last.config.runs_as_root(), Some(false));
    // An ENTRYPOINT of one's own takes the inherited CMD away.
    assert!(last.config.cmd.is_none());
    assert_eq!(&*last.identity.0, "last");
}

#[test]
fn stages_that_wait_for_each_other_are_a_circle() {
    let circles = |text: &str| {
        let model = model(text);
        let labels = |c: &Circle| c.stages.iter().map(|id| model.stage(*id).label()).collect::<Vec<_>>();
        let line = |c: &Circle| model.dockerfile.line_index().line(c.at.span.start);
        model.circles.iter().map(|c| (line(c), labels(c).join(" "))).collect::<Vec<_>>()
    };
    let circle = |line, stages: &str| vec![(line, stages.to_owned())];
    assert_eq!(circles("FROM x AS a\nCOPY --from=a /x /x\n"), circle(2, "a"));
    assert_eq!(circles("FROM x AS a\nCOPY --from=B /x /x\nFROM a AS b\n"), circle(2, "a b"));
    let through = "FROM x AS a\nCOPY --from=1 /x /x\nFROM x\nRUN --mount=type=bind,from=c,target=/c ls\n\
                   FROM a AS c\n";
    assert_eq!(circles(through), circle(2, "a 1 c"));
    assert_eq!(circles("FROM x AS a\nCOPY --from=b /x /x\nFROM x AS b\nFROM a\nCOPY --from=b / /\n"), []);
}

#[test]
fn later_stages_and_indices_that_no_stage_has_are_told() {
    let model = model("FROM b AS a\nCOPY --from=3 /x /y\nFROM a AS b\nCOPY --from=0 /x /y\n");
    assert_eq!(model.later_references.len(), 1);
    assert_eq!(model.bad_indices.iter().map(|(_, index)| *index).collect::<Vec<_>>(), [3]);
}

#[test]
fn copies_of_whole_stages_into_each_other_end() {
    let doubled: Vec<String> = (1..12)
        .map(|at| format!("FROM node:22 AS s{at}\nCOPY --from={0} / /a/\nCOPY --from={0} / /b/\n", at - 1))
        .collect();
    let model = model(&format!("FROM node:22 AS s0\n{}", doubled.concat()));
    let last = model.stages.last().unwrap();
    assert!(last.inventory.materialise().len() <= barehull_catalog::MAX_ADDED);
    assert_eq!(last.inventory.completeness(), Completeness::AtLeast);
}
