//! Commands whose words are given one by one: the exec form of CMD, ENTRYPOINT and RUN, and `command` lists of
//! other files.

use super::{
    Dialect, NodeKind, Role, Script,
    context::Context,
    node::Node,
    token::{Token, TokenKind},
};
use crate::{MappedText, SegmentKind, Span};

impl Script {
    /// One command with the words `items`, in which no shell expands anything.
    pub fn from_argv(items: &[MappedText]) -> Script {
        let mut text = MappedText::new();
        let mut tokens = Vec::with_capacity(items.len());
        for item in items {
            append(&mut text, item);
            let end = text.text().len() as u32;
            let start = end - item.text().len() as u32;
            tokens.push(Token { kind: TokenKind::Word, is_bare: false, start, end, extra: 0 });
        }
        let context = Context::TAIL;
        let end = text.text().len() as u32;
        let count = tokens.len() as u32;
        let node = |kind, next, tokens| Node {
            kind,
            role: Role::Plain,
            context,
            start: 0,
            end,
            parent: 0,
            next,
            tokens,
        };
        let nodes = vec![node(NodeKind::Sequence, 2, (0, 0)), node(NodeKind::Command, 2, (0, count))];
        Script { is_argv: true, tokens, nodes, ..Script::empty(text, Dialect::Posix) }
    }
}

/// Appends `more` to `text`, with a blank between the two.
pub(super) fn append(text: &mut MappedText, more: &MappedText) {
    if !text.segments().is_empty() {
        text.push_decoded(" ", Span::at(text.span().end));
    }
    for segment in more.segments() {
        let part = &more.text()[segment.start as usize..(segment.start + segment.len) as usize];
        match segment.kind {
            SegmentKind::Verbatim => text.push_verbatim(part, segment.source.start),
            SegmentKind::Decoded | SegmentKind::Removed => text.push_decoded(part, segment.source),
        }
    }
}
