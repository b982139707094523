//! The Merkle tree of RFC 6962 section 2.1 over SHA-256, kept as its frontier.
//!
//! A leaf hash is also the link of the chain: each entry names the leaf hash of the one before it.

use crate::crypto::digest::sha256;

/// A SHA-256 hash: of a leaf, of a node, of the whole tree.
pub type Hash = [u8; 32];

/// What position 0 names as the leaf before it.
pub const NO_LEAF: Hash = [0; 32];

/// The leaf hash of an entry: SHA-256 over `0x00` and its bytes. The prefix keeps a node from passing as an
/// entry (second preimage, RFC 6962 section 2.1).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry])
}

/// The hash of a node: SHA-256 over `0x01` and its two children.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The roots of the perfect subtrees that a log of some size falls into, largest first: as many as the size has
/// one bits. It is all that appending needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of the empty tree.
    pub const fn empty() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// The frontier with these parts; `None` unless there are as many peaks as `size` has one bits.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (u64::try_from(peaks.len()) == Ok(u64::from(size.count_ones()))).then_some(Self { size, peaks })
    }

    /// The frontier that `bytes`, concatenated peaks, stand for; `None` for any other length than `size` asks for.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        rest.is_empty().then(|| Self::from_parts(size, peaks.to_vec())).flatten()
    }

    /// The peaks one after the other, largest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The subtree roots, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// For each peak the number of leaves up to its end, beside its hash.
    pub fn ends(&self) -> impl Iterator<Item = (u64, &Hash)> {
        let mut left = self.size;
        let mut end = 0;
        self.peaks.iter().map(move |peak| {
            let span = 1_u64.checked_shl(left.checked_ilog2().unwrap_or(0)).unwrap_or(0);
            left -= span.min(left);
            end += span;
            (end, peak)
        })
    }

    /// Appends one leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each trailing one bit of the size is a perfect subtree of the height that `node` has grown to.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root hash; SHA-256 of nothing for the empty tree.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => sha256(&[]),
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

/// The root over these leaf hashes.
pub fn root_of(leaves: impl IntoIterator<Item = Hash>) -> Hash {
    let mut frontier = Frontier::empty();
    leaves.into_iter().for_each(|leaf| frontier.push(leaf));
    frontier.root()
}

#[cfg(test)]
mod tests {
    use super::{Frontier, Hash, leaf_hash, node_hash, root_of};
    use crate::audit::test_support::{hex, unhex};

    /// The tree's definition, recursive, as RFC 6962 section 2.1 words it.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => root_of([]),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node_hash(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn the_reference_leaves_have_the_reference_roots() {
        let entries = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut frontier = Frontier::empty();
        for (size, root) in roots.iter().enumerate() {
            assert_eq!(hex(&frontier.root()), *root, "size {size}");
            if let Some(entry) = entries.get(size) {
                frontier.push(leaf_hash(&unhex(entry)));
            }
        }
    }

    #[test]
    fn every_size_agrees_with_the_definition_and_survives_its_bytes() {
        let leaves: Vec<Hash> = (0..130_u8).map(|i| leaf_hash(&[i])).collect();
        let mut frontier = Frontier::empty();
        for (size, leaf) in leaves.iter().enumerate() {
            assert_eq!(frontier.root(), by_definition(&leaves[..size]));
            let again = Frontier::from_bytes(frontier.size(), &frontier.to_bytes()).unwrap();
            assert_eq!(again, frontier);
            let mut start = 0;
            for (end, peak) in frontier.ends() {
                let end = usize::try_from(end).unwrap();
                assert_eq!(*peak, by_definition(&leaves[start..end]));
                start = end;
            }
            assert_eq!(start, size);
            frontier.push(*leaf);
        }
    }

    #[test]
    fn a_frontier_of_another_size_is_refused() {
        assert_eq!(Frontier::from_bytes(2, &[0; 64]), None);
        assert_eq!(Frontier::from_bytes(3, &[0; 63]), None);
        assert_eq!(Frontier::from_bytes(0, &[]), Some(Frontier::empty()));
    }
}
