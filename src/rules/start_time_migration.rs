//! `start-time-migration`: a start script runs a job that is meant to be done once.

use super::{StageCx, start_time};
use crate::finding::Finding;
use crate::model::start::Class;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    start_time::findings(cx, super::START_TIME_MIGRATION, Class::Job, |script, step| {
        format!(
            "{} for a job of the release at every start, in every replica: run it as a Job, or in an init container of the same image",
            start_time::calls(script, step)
        )
    })
}
