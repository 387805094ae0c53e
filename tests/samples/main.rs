//! The samples: what barehull says of each, what it writes, and what becomes of its patches.

mod builders;
mod expectations;
mod patches;
mod sample;
mod scripts;
mod snapshots;
