//! The tokens of any bytes give the bytes back.
#![no_main]

use barehull_syntax::dockerfile::Dockerfile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = Dockerfile::parse(bytes);
    let mut end = 0;
    for token in file.tokens() {
        assert_eq!(token.span.start, end, "a gap before a token");
        end = token.span.end;
    }
    assert_eq!(end as usize, bytes.len(), "the last token ends the file");
});
