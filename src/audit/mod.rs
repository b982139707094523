//! Floor module `audit`.
