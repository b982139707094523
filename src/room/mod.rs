//! Floor module `room`.
