//! Dockerfile text as instructions.
