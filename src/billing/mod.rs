//! Floor module `billing`.
