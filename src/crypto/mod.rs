//! Floor module `crypto`.
