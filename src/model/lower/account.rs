//! Programs that make users and groups.

use super::command::Command;
use crate::model::effect::EffectKind;

/// Options of `useradd` and of both programs that are called `adduser` whose next word is their value.
const OF_USERS: [&str; 24] = [
    "-u",
    "--uid",
    "-g",
    "--gid",
    "-G",
    "--groups",
    "--ingroup",
    "-d",
    "--home",
    "--home-dir",
    "-s",
    "--shell",
    "-c",
    "--comment",
    "--gecos",
    "-h",
    "-p",
    "--password",
    "-k",
    "--skel",
    "-b",
    "--base-dir",
    "-e",
    "-f",
];

/// The effects of an account tool's command; nothing if it is none.
pub(super) fn lower(command: &Command) -> Option<Vec<EffectKind>> {
    let none = || EffectKind::Account { user: None, uid: None, group: None, gid: None, more_groups: false };
    let name = |with_value: &[&str]| command.operands(with_value).first().and_then(|a| a.text.clone());
    let number = |names: &[&str]| command.option(names).and_then(|n| n.parse().ok());
    let account = match command.name() {
        tool @ ("useradd" | "adduser") => {
            // busybox's -G is what useradd's -g is; useradd's -G adds to the user's group.
            let primary: &[&str] =
                if tool == "useradd" { &["-g", "--gid"] } else { &["-G", "--ingroup", "--gid"] };
            let group = command.option(primary).map(str::to_owned);
            let gid = group.as_deref().and_then(|g| g.parse().ok());
            let more_groups = tool == "useradd" && command.option(&["-G", "--groups"]).is_some();
            EffectKind::Account {
                user: name(&OF_USERS),
                uid: number(&["-u", "--uid"]),
                group,
                gid,
                more_groups,
            }
        }
        "groupadd" | "addgroup" => {
            let group = name(&["-g", "--gid", "-K", "--key"]);
            EffectKind::Account {
                user: None,
                uid: None,
                group,
                gid: number(&["-g", "--gid"]),
                more_groups: false,
            }
        }
        "usermod" => {
            let user = command.operands(&OF_USERS).last().and_then(|a| a.text.clone());
            let more_groups = command.has_flag(&["-G", "--groups"]);
            EffectKind::Account { user, uid: None, group: None, gid: None, more_groups }
        }
        "groupmod" | "chpasswd" | "passwd" | "chage" => none(),
        _ => return None,
    };
    Some(vec![account])
}
