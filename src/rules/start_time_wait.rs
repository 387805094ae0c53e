//! `start-time-wait`: a start script waits for another service.

use super::{StageCx, start_time};
use crate::finding::Finding;
use crate::model::start::Class;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    start_time::findings(cx, super::START_TIME_WAIT, Class::Wait, |script, step| {
        let target = step.waits_for.as_ref().map(|w| match &w.port {
            Some(port) => format!(" for {}:{port}", w.host),
            None => format!(" for {}", w.host),
        });
        format!(
            "{} to wait{} before the application starts: let the application try again, or wait in an init container",
            start_time::calls(script, step),
            target.unwrap_or_default()
        )
    })
}
