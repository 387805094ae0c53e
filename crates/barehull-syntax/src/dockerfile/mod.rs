//! Dockerfile text as instructions.

mod instruction;

pub use instruction::{Arguments, Flag, Heredoc, Instruction, Keyword, Pair, Problem};
