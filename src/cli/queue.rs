//! Work on many files side by side, taken in order.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use anyhow::Result;
use rayon::ThreadPoolBuilder;
use rayon::iter::{ParallelBridge, ParallelIterator};

use super::guard::guarded;

/// Bytes of a worker's stack: as much as the main thread has.
const STACK_BYTES: usize = 8 << 20;

/// Gives `work` every item, on `threads` threads (0: one per processor), and `take` what it made of each, or
/// what its panic said, in the order of the items and on this thread. Ends early where `take` says so.
pub fn in_order<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> T + Sync,
    mut take: impl FnMut(&I, Result<T, String>) -> ControlFlow<()>,
) -> Result<()> {
    if items.len() < 2 || threads == 1 {
        for item in items {
            if take(item, guarded(|| work(item))).is_break() {
                break;
            }
        }
        return Ok(());
    }
    let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES).build()?;
    let stopped = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        let (stopped, work) = (&stopped, &work);
        scope.spawn(move || {
            pool.install(|| {
                // A bridge hands items out from the front, so that few results have to wait for their turn.
                items.iter().enumerate().par_bridge().for_each(|(at, item)| {
                    if !stopped.load(Ordering::Relaxed) {
                        // The receiver is gone only after `stopped` was set.
                        let _ = sender.send((at, guarded(|| work(item))));
                    }
                });
            });
        });
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (at, done) in receiver {
            waiting.insert(at, done);
            while let Some(done) = waiting.remove(&next) {
                if take(&items[next], done).is_break() {
                    stopped.store(true, Ordering::Relaxed);
                    return;
                }
                next += 1;
            }
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::guard;

    fn run(threads: usize, stop_at: u32) -> Vec<Result<u32, ()>> {
        let items: Vec<u32> = (0..200).collect();
        let mut taken = Vec::new();
        let work = |item: &u32| {
            assert!(item % 50 != 49, "a defect");
            item * 2
        };
        in_order(&items, threads, work, |item, done| {
            taken.push(done.map_err(|_| ()));
            if *item == stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
        taken
    }

    #[test]
    fn the_order_is_that_of_the_items_and_a_panic_costs_one_item() {
        guard::install();
        let alone = run(1, 999);
        assert_eq!(alone.len(), 200);
        assert_eq!(alone.iter().filter(|done| done.is_err()).count(), 4);
        assert_eq!((alone[49], alone[50]), (Err(()), Ok(100)));
        assert_eq!(run(4, 999), alone);
    }

    #[test]
    fn taking_may_end_early() {
        assert_eq!(run(4, 10).len(), 11);
    }
}
