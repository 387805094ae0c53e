//! Tasks that wait for others, a few at a time.

use std::sync::{Condvar, Mutex};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Done,
    Failed,
}

/// Runs task `0..after.len()` with `jobs` threads, each once those in its `after` have ended; `work` is told whether
/// they all went well, and says the same of its own. Earlier tasks come first.
pub fn run(jobs: usize, after: &[Vec<usize>], work: impl Fn(usize, bool) -> bool + Sync) {
    let states = Mutex::new(vec![State::Waiting; after.len()]);
    let changed = Condvar::new();
    let next = |states: &[State]| {
        let is_ready = |&at: &usize| {
            let ended = |&other: &usize| matches!(states[other], State::Done | State::Failed);
            states[at] == State::Waiting && after[at].iter().all(ended)
        };
        (0..states.len()).find(is_ready)
    };
    let worker = || {
        let mut held = states.lock().expect("no task panics");
        while held.contains(&State::Waiting) {
            let Some(at) = next(&held) else {
                held = changed.wait(held).expect("no task panics");
                continue;
            };
            held[at] = State::Running;
            let went_well = after[at].iter().all(|&other| held[other] == State::Done);
            drop(held);
            let result = work(at, went_well);
            held = states.lock().expect("no task panics");
            held[at] = if result { State::Done } else { State::Failed };
            changed.notify_all();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(worker);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_after_what_it_needs_and_hears_of_failures() {
        let seen = Mutex::new(Vec::new());
        run(2, &[vec![], vec![0], vec![0], vec![1, 2]], |at, well| {
            seen.lock().expect("the other test thread lives").push((at, well));
            well && at != 2
        });
        let seen = seen.into_inner().expect("all threads have ended");
        assert_eq!(seen.first(), Some(&(0, true)));
        assert_eq!(seen.last(), Some(&(3, false)));
        assert_eq!(seen.len(), 4);
    }
}
