//! One digest over all rows that confer authority, kept in the log's MACed head.
//!
//! A row's own MAC says that this program wrote it, not that it is the newest one: a database administrator can put
//! back a grant as it was before its end. The fold is the XOR over all rows that have not ended of an HMAC of (kind,
//! id, position that last changed it, row MAC); each change takes the old element out and puts the new one in. Opening
//! the room folds the tables again and compares: a row put back, removed or added is found at once, without replay.
//!
//! XOR alone would let whoever collects enough differences solve for a set of rows that cancels out, so neither
//! elements nor their sum are ever stored: the head holds the sum under a one-time veil, an HMAC of the head's own
//! size and root.

use crate::{base::Secret, crypto::mac};

/// The running sum over authority rows. It exists in memory only.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fold([u8; 32]);

/// One row's part of the sum.
pub(crate) struct Element([u8; 32]);

/// The key of elements and veils.
pub(crate) struct FoldKey(Secret<32>);

impl Fold {
    /// Puts an element in, or takes it out.
    pub(crate) fn toggle(&mut self, element: &Element) {
        self.0.iter_mut().zip(element.0).for_each(|(sum, byte)| *sum ^= byte);
    }
}

impl FoldKey {
    /// The key of a room.
    pub(crate) fn new(key: Secret<32>) -> Self {
        Self(key)
    }

    /// The element of a row: HMAC of `"element" 00 | kind u8 | id 16 | changed at u64be | row MAC 32`.
    pub(crate) fn element(&self, kind: u8, id: &[u8; 16], changed_at: u64, row_mac: &[u8; 32]) -> Element {
        let parts: &[&[u8]] = &[b"element\0", &[kind], id, &changed_at.to_be_bytes(), row_mac];
        Element(mac::hmac_sha256(self.0.expose(), parts))
    }

    /// What the head of this size and root stores: the sum XOR an HMAC of `"veil" 00 | size u64be | root 32`.
    pub(crate) fn veil(&self, fold: Fold, size: u64, root: &[u8; 32]) -> [u8; 32] {
        let mut veiled = fold;
        veiled.toggle(&Element(mac::hmac_sha256(self.0.expose(), &[b"veil\0", &size.to_be_bytes(), root])));
        veiled.0
    }

    /// The sum that a head of this size and root stores.
    pub(crate) fn unveil(&self, stored: &[u8; 32], size: u64, root: &[u8; 32]) -> Fold {
        Fold(self.veil(Fold(*stored), size, root))
    }
}

#[cfg(test)]
mod tests {
    use super::{Fold, FoldKey};
    use crate::base::Secret;

    #[test]
    fn the_sum_knows_its_rows_in_any_order_and_no_others() {
        let key = FoldKey::new(Secret::random().unwrap());
        let sum = |rows: &[(u8, u64)]| {
            let mut fold = Fold::default();
            for (id, at) in rows {
                fold.toggle(&key.element(1, &[*id; 16], *at, &[9; 32]));
            }
            fold
        };
        assert!(sum(&[(1, 1), (2, 2)]) == sum(&[(2, 2), (1, 1)]));
        assert!(sum(&[(1, 1), (2, 2)]) != sum(&[(1, 1), (2, 1)]));
        assert!(sum(&[(1, 1), (2, 2)]) != sum(&[(1, 1)]));
        let fold = sum(&[(1, 1)]);
        let stored = key.veil(fold, 7, &[3; 32]);
        assert!(key.unveil(&stored, 7, &[3; 32]) == fold);
        assert!(key.unveil(&stored, 8, &[3; 32]) != fold);
        assert_ne!(stored, key.veil(fold, 8, &[3; 32]));
    }
}
