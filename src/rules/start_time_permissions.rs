//! `start-time-permissions`: a start script prepares folders, owners or modes.

use super::{StageCx, start_time};
use crate::finding::Finding;
use crate::model::start::Class;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    start_time::findings(cx, super::START_TIME_PERMISSIONS, Class::Permissions, |script, step| {
        if step.name == "rm" {
            return format!(
                "{} to clear what an earlier run left: mount an emptyDir there, or let the application replace it",
                start_time::calls(script, step)
            );
        }
        format!(
            "{} to prepare files at every start: do it in the build (COPY --chown), or leave a volume's owner to fsGroup",
            start_time::calls(script, step)
        )
    })
}
