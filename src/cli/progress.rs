//! A progress bar: on long walks, and only where somebody watches.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use super::output::Output;

/// Files from which on a walk is long.
const LONG: usize = 50;

/// How far a run is.
pub struct Progress(Option<ProgressBar>);

impl Progress {
    /// For `files` files.
    pub fn new(files: usize, output: &Output) -> Self {
        if files < LONG || output.is_quiet() || !stderr().is_terminal() {
            return Self(None);
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} Dockerfiles")
            .expect("the template is well-formed");
        Self(Some(ProgressBar::new(files as u64).with_style(style)))
    }

    /// One more is done; `show` prints what it brought, with the bar out of the way.
    pub fn step<T>(&self, show: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bar) => {
                bar.inc(1);
                bar.suspend(show)
            }
            None => show(),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
