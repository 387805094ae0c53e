//! Files of an image whose text stands in the Dockerfile: heredocs of COPY, ADD and RUN.

use barehull_syntax::MappedText;
use barehull_syntax::dockerfile::Instruction;
use barehull_syntax::shell::{CommandRef, RedirectKind};

use super::{EffectKind, RunStep, Transfer};

/// What is known of a file that a heredoc writes.
pub(crate) enum Written {
    /// Its text, mapped to the Dockerfile.
    Text(MappedText),
    /// Why its text is not known.
    Unclear(&'static str),
}

/// The file at `path` that a COPY or ADD of heredocs writes.
pub(crate) fn by_copy(instruction: &Instruction, transfer: &Transfer, path: &str) -> Option<Written> {
    let dest = transfer.dest.as_deref()?;
    let heredocs = &instruction.heredocs;
    let is_folder = dest.ends_with('/') || heredocs.len() > 1;
    let lands = |name: &str| {
        if is_folder { format!("{}/{name}", dest.trim_end_matches('/')) == path } else { dest == path }
    };
    let heredoc = heredocs.iter().rev().find(|h| lands(&h.name))?;
    // A backslash in front of it is kept, and so is what is behind it.
    let mut escaped = false;
    let expands = heredoc.expand
        && heredoc.body.text().chars().any(|c| {
            let is_variable = c == '$' && !escaped;
            escaped = c == '\\' && !escaped;
            is_variable
        });
    Some(if expands {
        Written::Unclear("the build fills in variables (quote the heredoc's delimiter: <<'EOF')")
    } else {
        Written::Text(heredoc.body.clone())
    })
}

/// The file at `path` that a command of a RUN writes, where its text is a heredoc (`cat > FILE <<EOF`).
pub(crate) fn by_run(run: &RunStep, path: &str) -> Option<Written> {
    let writes =
        run.effects.iter().rev().filter(|e| matches!(&e.kind, EffectKind::Write { path: p } if p == path));
    let mut commands = writes.filter_map(|effect| {
        let all = run.scripts.iter().flat_map(|s| s.commands());
        all.filter(|c| c.source().span() == effect.at.span).find_map(|c| Some((c, document(c)?)))
    });
    let (command, written) = commands.next()?;
    if command.conditional() {
        return Some(Written::Unclear("the build writes it under a condition"));
    }
    Some(written)
}

/// The heredoc that a command writes to its file.
fn document(command: CommandRef<'_>) -> Option<Written> {
    let heredoc = command.redirects().filter_map(|r| r.heredoc).last()?;
    let name = command.unwrap();
    let barehull_syntax::shell::Inner::Command(inner) = name.inner else { return None };
    let base = inner.base_name()?;
    if !matches!(&*base, "cat" | "tee") {
        return Some(Written::Unclear("a program of the build makes it"));
    }
    let operands = inner.arguments().filter(|w| !w.raw().starts_with('-')).count();
    let appends =
        command.redirects().any(|r| matches!(r.kind, RedirectKind::Append | RedirectKind::AppendBoth))
            || inner.arguments().any(|w| w.is("-a") || w.is("--append"));
    if appends || (base == "cat" && operands > 0) {
        return Some(Written::Unclear("the build puts it together from several texts"));
    }
    Some(match heredoc.text.mapped() {
        Some(text) => Written::Text(text),
        None => Written::Unclear("the build fills in variables (quote the heredoc's delimiter: <<'EOF')"),
    })
}
