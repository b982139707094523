//! SHA-256 (FIPS 180-4).

use sha2::{Digest, Sha256};

/// SHA-256 of the parts one after the other. Nothing separates them: where two ways to cut the same bytes
/// would mean two things, the caller gives each part a fixed width or a length.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256 of bytes that come piece by piece.
#[derive(Default)]
pub(crate) struct Sha256Stream(Sha256);

impl Sha256Stream {
    /// Takes the next piece in.
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all pieces.
    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::{Sha256Stream, sha256};
    use crate::crypto::hex;

    /// FIPS 180-4's own examples, the second cut in three.
    #[test]
    fn gives_the_standards_values() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let two_blocks = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
        assert_eq!(hex(&sha256(&[])), empty);
        let parts: [&[u8]; 3] = [b"abcdbcdecdefdefgefghfghighij", b"", b"hijkijkljklmklmnlmnomnopnopq"];
        assert_eq!(hex(&sha256(&parts)), two_blocks);
        let mut stream = Sha256Stream::default();
        parts.iter().for_each(|part| stream.update(part));
        assert_eq!(hex(&stream.finish()), two_blocks);
    }
}
