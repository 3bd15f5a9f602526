//! Derives for `session-runtime`; see the documentation there.
