//! What a transcript does not show: outputs that close, files that others can read, and what is left after a failure.
