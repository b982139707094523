//! The hash under which each entry of the log says what was in force.

use crate::{access::canonical_text, audit::Hash, crypto::digest, retention::POLICY_TEXT};

/// What stands between the matrix and the document.
const HEADER: &str = "strongroom/policy/1\n";

/// Of the matrix that decides and of the policy that was published. FORMAT.md section 8.4.
pub(in crate::room) fn in_force() -> Hash {
    of(&canonical_text(), POLICY_TEXT)
}

fn of(matrix: &str, document: &str) -> Hash {
    digest::sha256(&[matrix.as_bytes(), HEADER.as_bytes(), document.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::{POLICY_TEXT, canonical_text, in_force, of};

    #[test]
    fn a_changed_sentence_or_cell_is_another_policy() {
        let matrix = canonical_text();
        let sentence = POLICY_TEXT.replacen("Data are not sold.", "Data are sold.", 1);
        assert_ne!(sentence, POLICY_TEXT);
        assert_ne!(of(&matrix, &sentence), in_force());
        let period = POLICY_TEXT.replacen("years = 7", "years = 8", 1);
        assert_ne!(of(&matrix, &period), in_force());
        let cell = matrix.replacen("cell account.erase privacy-officer", "cell account.erase support", 1);
        assert_ne!(cell, matrix);
        assert_ne!(of(&cell, POLICY_TEXT), in_force());
        assert_eq!(of(&matrix, POLICY_TEXT), in_force());
    }
}
