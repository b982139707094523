//! What several tests of this floor need.

use super::{Row, leaf_hash};

/// The row with another line, and the leaf hash of that line.
pub(super) fn rehashed(row: &Row, line: Vec<u8>) -> Row {
    Row { position: row.position, leaf: leaf_hash(&line), entry: Some(line) }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of lower-case hexadecimal.
pub(super) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
