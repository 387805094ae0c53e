//! What base images, packages and executables are, as data with sources.
