//! The cases of `data/buildkit-cases.jsonl.gz`.

use std::io::Read;

use serde::Deserialize;
use serde_json::Value;

/// A Dockerfile and what BuildKit says of it; see `data/README.md`.
#[allow(dead_code, reason = "each test reads the fields it needs")]
#[derive(Deserialize)]
pub struct Case {
    pub name: String,
    pub dockerfile: String,
    pub accepted: bool,
    pub error: Option<String>,
    pub escape: Option<String>,
    pub stages: usize,
    pub instructions: Value,
}

/// All cases.
pub fn cases() -> Vec<Case> {
    let packed: &[u8] = include_bytes!("../data/buildkit-cases.jsonl.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).expect("the cases unpack");
    let case = |line: &str| serde_json::from_str(line).expect("each line is a case");
    text.lines().map(case).collect()
}
