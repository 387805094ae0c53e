//! Any text is read as shell text, and whatever can be asked of it has an answer.
#![no_main]

use barehull_syntax::MappedText;
use barehull_syntax::shell::{Dialect, Script};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let script = Script::parse(&MappedText::verbatim(text, 0), Dialect::Bash);
    script.visit(&mut |_| {});
    for command in script.commands() {
        let _ = (command.name(), command.source(), command.certain(), command.unwrap());
        for word in command.words() {
            let _ = (word.literal(), word.pattern(), word.source(), word.mapped());
        }
    }
});
