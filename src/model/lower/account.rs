//! Programs that make users and groups.

use super::command::Command;
use crate::model::effect::EffectKind;

/// The effects of an account tool's command; nothing if it is none.
pub(super) fn lower(command: &Command) -> Option<Vec<EffectKind>> {
    let account = match command.name() {
        "useradd" | "adduser" => {
            let with_value = [
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
            ];
            let user = command.operands(&with_value).first().and_then(|a| a.text.clone());
            let uid = command.option(&["-u", "--uid"]).and_then(|u| u.parse().ok());
            EffectKind::Account { user, uid }
        }
        "groupadd" | "addgroup" | "usermod" | "groupmod" | "chpasswd" | "passwd" | "chage" => {
            EffectKind::Account { user: None, uid: None }
        }
        _ => return None,
    };
    Some(vec![account])
}
