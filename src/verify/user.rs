//! Whom the process runs as.

use super::reach::Reached;
use super::subject::Subject;
use crate::finding::{Finding, Place};
use crate::rules;

/// Root, or a user that the image does not know.
pub(super) fn check(subject: &Subject<'_>, _: &Reached) -> Vec<Finding> {
    let user = &subject.config.user;
    let finding = match &subject.identity {
        None => {
            let message = format!(
                "the user {user} is not in the image's /etc/passwd, or its group not in /etc/group: the container \
                 does not start; add it there, or give numbers"
            );
            Finding::new(rules::BROKEN_ENTRYPOINT, Place::Project, message).subject("user")
        }
        Some(identity) if identity.is_root() => {
            let why =
                if user.is_empty() { "no USER says otherwise".to_owned() } else { format!("USER is {user}") };
            let message = format!("the process runs as root: {why}");
            Finding::new(rules::RUNS_AS_ROOT, Place::Project, message).subject("root")
        }
        Some(_) => return Vec::new(),
    };
    vec![finding]
}
