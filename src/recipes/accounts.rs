//! Users and groups by number: a new base knows none of those that the old image had.

use barehull_catalog::Family;

use super::RecipeCx;
use super::ground::NONROOT;
use super::shape::Target;
use crate::model::{Base, EffectKind, StepKind};

/// An account or group that an instruction makes.
struct Made<'a> {
    user: Option<&'a str>,
    uid: Option<u32>,
    group: Option<&'a str>,
    gid: Option<u32>,
    more_groups: bool,
}

/// Users of the base images of distributions: family, name, user and group.
const OF_BASES: [(Family, &str, u32); 7] = [
    (Family::Debian, "daemon", 1),
    (Family::Debian, "www-data", 33),
    (Family::Debian, "nobody", 65534),
    (Family::Ubuntu, "daemon", 1),
    (Family::Ubuntu, "www-data", 33),
    (Family::Ubuntu, "nobody", 65534),
    (Family::Alpine, "nobody", 65534),
];

/// Whether a user is written in numbers, its group included where it has one.
pub fn is_numeric(user: &str) -> bool {
    user.split(':').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// The number of a user, and of its group where that is known, from the instructions and the base image that
/// made them. A number without a group gets the one that its account had: to a base that does not know the
/// account it would be root's.
pub fn number_of(cx: &RecipeCx<'_>, user: &str) -> Option<String> {
    let (name, group) = user.split_once(':').map_or((user, None), |(user, group)| (user, Some(group)));
    let made = made(cx);
    let of_base = of_base(cx, name);
    let account = made
        .iter()
        .rev()
        .find(|m| m.user.is_some_and(|u| u == name) || (m.uid.is_some() && m.uid == name.parse().ok()));
    let uid = name.parse().ok().or(account.and_then(|a| a.uid)).or(of_base)?;
    let of_group = |group: &str| {
        let known =
            made.iter().rev().find(|m| m.user.is_none() && m.group == Some(group)).and_then(|m| m.gid);
        let of_base = of_base.filter(|_| group == name);
        // One whose number nobody wrote: what is copied gets the same number, so any does.
        group.parse().ok().or(known).or(of_base).unwrap_or(uid)
    };
    let gid = match (group, account) {
        (Some(group), _) => Some(of_group(group)),
        (None, Some(Made { group: Some(group), .. })) => Some(of_group(group)),
        (None, Some(Made { gid, .. })) => Some(gid.unwrap_or(uid)),
        (None, None) => of_base,
    };
    Some(gid.map_or_else(|| uid.to_string(), |gid| format!("{uid}:{gid}")))
}

/// Writes owners that COPY gives by name in numbers, in a stage whose new base does not know the names. One whose
/// number nobody wrote becomes the user that takes the place of unknown ones.
pub fn number_owners(cx: &RecipeCx<'_>, target: &mut Target) {
    for step in cx.stage.steps.iter().filter(|s| matches!(s.kind, StepKind::Transfer(_))) {
        let flags = &cx.model.instruction(step).flags;
        for owner in flags.iter().filter(|f| f.name.text() == "chown").filter_map(|f| f.value.as_ref()) {
            if is_numeric(owner.text()) || owner.text().contains('$') {
                continue;
            }
            let number = match owner.text() {
                "root" | "root:root" => "0:0".to_owned(),
                name => number_of(cx, name).unwrap_or_else(|| NONROOT.to_owned()),
            };
            target.words.push((owner.span(), number));
        }
    }
}

/// Whether an instruction puts the user into other groups besides its own.
pub fn has_more_groups(cx: &RecipeCx<'_>, user: &str) -> bool {
    let name = user.split(':').next().unwrap_or(user);
    made(cx).iter().any(|m| {
        let is_meant = m.user == Some(name) || (m.uid.is_some() && m.uid == name.parse().ok());
        m.more_groups && is_meant
    })
}

fn made<'a>(cx: &RecipeCx<'a>) -> Vec<Made<'a>> {
    let lineage = cx.model.lineage(cx.stage.id).into_iter().rev();
    let effects = lineage.flat_map(|s| &s.steps).flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    });
    effects
        .filter_map(|e| match &e.kind {
            EffectKind::Account { user, uid, group, gid, more_groups } => Some(Made {
                user: user.as_deref(),
                uid: *uid,
                group: group.as_deref(),
                gid: *gid,
                more_groups: *more_groups,
            }),
            _ => None,
        })
        .collect()
}

/// The number that the base image gives a user and its group, by name or number.
fn of_base(cx: &RecipeCx<'_>, name: &str) -> Option<u32> {
    let Base::Image { facts: Some(facts), .. } = cx.model.root_base(cx.stage.id) else { return None };
    let is = |known: &str, number: u32| name == known || name.parse() == Ok(number);
    // docker-node makes this user in every image.
    if facts.runtime.as_ref().is_some_and(|r| r.name == "node") && is("node", 1000) {
        return Some(1000);
    }
    OF_BASES
        .iter()
        .find(|(family, known, number)| *family == facts.os.family && is(known, *number))
        .map(|b| b.2)
}
