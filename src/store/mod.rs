//! Floor module `store`.
