//! Floor module `password`.
