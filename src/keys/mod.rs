//! Floor module `keys`.
