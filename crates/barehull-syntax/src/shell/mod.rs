//! Shell text as commands.
