//! The program as its users run it.

mod bad_input;
mod check;
mod fix;
mod other;
mod sandbox;
#[cfg(feature = "verify")]
mod verify;
