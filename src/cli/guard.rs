//! A defect that one file brings to light must not end the run.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    /// Inside [`guarded`]: what the panic said.
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Makes panics inside [`guarded`] silent; others are shown as ever.
pub fn install() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !GUARDED.get() {
            return usual(info);
        }
        let message = info.payload_as_str().unwrap_or("panic");
        let place = info.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
        SAID.set(Some(format!("{message}{place}")));
    }));
}

/// What `work` gives, or what its panic said.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    GUARDED.set(true);
    // Nothing that `work` may leave half done is looked at afterwards.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    done.map_err(|_| SAID.take().unwrap_or_else(|| "panic".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_message() {
        install();
        assert_eq!(guarded(|| 1), Ok(1));
        let said = guarded(|| -> u8 { panic!("at the {}", "disco") }).unwrap_err();
        assert!(said.starts_with("at the disco (") && said.contains("guard.rs"), "{said}");
    }
}
