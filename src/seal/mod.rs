//! Floor module `seal`.
