//! Any bytes are read as a program.
#![no_main]

use barehull_image::ElfFacts;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ElfFacts::read(bytes);
});
