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
    let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap();
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::try_from(digit(&pair[0]) << 4 | digit(&pair[1])).unwrap())
        .collect()
}
