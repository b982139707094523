//! Floor module `access`.
