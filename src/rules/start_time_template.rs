//! `start-time-template`: a start script writes configuration.

use super::{StageCx, start_time};
use crate::finding::Finding;
use crate::model::start::Class;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    start_time::findings(cx, super::START_TIME_TEMPLATE, Class::Render, |script, step| {
        format!(
            "{} to write configuration at every start: mount it from a ConfigMap, or make it in an init container",
            start_time::calls(script, step)
        )
    })
}
