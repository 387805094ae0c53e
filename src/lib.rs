//! Strips a container image to its bare hull.
