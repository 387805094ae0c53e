//! `--timings`: how long each part of the run took.

use std::fmt::Write;
use std::time::Duration;

use barehull::timings::{Phase, Timings};

/// The phases that took any time, with their sums and what that is for each of `files` Dockerfiles.
pub fn table(timings: &Timings, files: usize) -> String {
    let phases = Phase::ALL.into_iter().map(|phase| (phase.name(), timings.of(phase)));
    let total: Duration = phases.clone().map(|(_, took)| took).sum();
    let count = f64::from(u32::try_from(files.max(1)).unwrap_or(u32::MAX));
    let mut text = format!("{:<16}{:>12}{:>14}{:>8}\n", "phase", "sum (ms)", "a file (µs)", "share");
    for (name, took) in phases.filter(|(_, took)| !took.is_zero()).chain([("total", total)]) {
        let micros = took.as_secs_f64() * 1e6;
        let (sum, average) = (micros / 1e3, micros / count);
        let share = 100.0 * took.as_secs_f64() / total.as_secs_f64().max(f64::MIN_POSITIVE);
        let _ = writeln!(text, "{name:<16}{sum:>12.1}{average:>14.1}{share:>7.1}%");
    }
    let _ = writeln!(text, "{files} Dockerfiles; sums are over all threads");
    text
}
