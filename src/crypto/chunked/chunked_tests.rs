//! Round trips at the edges of chunks, and blobs that somebody rearranged.

use std::io::{Cursor, Read};

use proptest::prelude::*;

use super::{CHUNK_BYTES, PREFIX_BYTES, RandomReader, Reader, SEALED_CHUNK_BYTES, Unreadable, Writer};

pub(super) const KEY: [u8; 32] = *b"thirty-two uniformly random byte";
pub(super) const CONTEXT: &[u8] = b"attachment of one account";

/// A text in which no two chunks are alike: 251 is prime, so each chunk begins with another number.
pub(super) fn text(length: usize) -> Vec<u8> {
    (1..=251).cycle().take(length).collect()
}

pub(super) fn sealed(text: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new(&KEY, CONTEXT, Vec::new()).unwrap();
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

/// Streams `blob` to the end or the failure: what was released, and how it ended.
fn stream(blob: &[u8]) -> (Vec<u8>, Result<(), Unreadable>) {
    let mut released = Vec::new();
    let ended = Reader::new(&KEY, CONTEXT, blob).and_then(|mut reader| {
        let ended = reader.read_to_end(&mut released).map_err(Unreadable::from);
        if ended.is_err() {
            assert!(reader.read(&mut [0]).is_err(), "a failed stream went on");
        }
        ended.map(|_| ())
    });
    (released, ended)
}

/// Holds a blob that is not the one written to what the module promises: the stream releases whole chunks of the
/// true text at most and fails; random access fails, at opening or over the damage, without a byte.
fn refused(blob: &[u8], truth: &[u8], what: &str) {
    let (released, ended) = stream(blob);
    assert!(matches!(ended, Err(Unreadable::Unauthentic)), "{what}: streamed");
    assert_eq!(released.len() % CHUNK_BYTES, 0, "{what}: part of a chunk was released");
    assert!(truth.starts_with(&released), "{what}: wrong bytes were released");
    if let Ok(mut reader) = RandomReader::new(&KEY, CONTEXT, Cursor::new(blob)) {
        let mut out = vec![0xee; truth.len()];
        assert_eq!(reader.len(), truth.len() as u64, "{what}: wrong length");
        assert!(matches!(reader.read_at(0, &mut out), Err(Unreadable::Unauthentic)), "{what}: read");
        assert!(out.iter().all(|byte| *byte == 0), "{what}: bytes were left");
    }
}

/// Where chunk `index` lies in a blob.
fn place(index: usize) -> std::ops::Range<usize> {
    let start = PREFIX_BYTES + index * SEALED_CHUNK_BYTES;
    start..start + SEALED_CHUNK_BYTES
}

#[test]
fn blobs_have_the_one_length_that_the_format_gives() {
    for (text_length, blob_length) in [
        (0, 56 + 16),
        (1, 56 + 17),
        (16_383, 56 + 16_399),
        (16_384, 56 + 16_400 + 16),
        (16_385, 56 + 16_400 + 17),
        (32_768, 56 + 2 * 16_400 + 16),
    ] {
        let blob = sealed(&text(text_length));
        assert_eq!(blob.len(), blob_length);
        let reader = RandomReader::new(&KEY, CONTEXT, Cursor::new(blob)).unwrap();
        assert_eq!(reader.len(), text_length as u64);
    }
}

#[test]
fn refuses_another_key_another_context_and_a_writer_never_finished() {
    let blob = sealed(b"words");
    assert!(matches!(Reader::new(&[0; 32], CONTEXT, &blob[..]).err(), Some(Unreadable::Unauthentic)));
    assert!(matches!(Reader::new(&KEY, b"elsewhere", &blob[..]).err(), Some(Unreadable::Unauthentic)));
    let other = RandomReader::new(&KEY, b"elsewhere", Cursor::new(&blob)).err();
    assert!(matches!(other, Some(Unreadable::Unauthentic)));

    let mut unfinished = Vec::new();
    let truth = text(CHUNK_BYTES + 100);
    Writer::new(&KEY, CONTEXT, &mut unfinished).unwrap().write_all(&truth).unwrap();
    refused(&unfinished, &truth, "never finished");
}

#[test]
fn refuses_every_cut_near_an_edge() {
    for length in [0, 5, CHUNK_BYTES, CHUNK_BYTES + 5, 2 * CHUNK_BYTES] {
        let truth = text(length);
        let blob = sealed(&truth);
        let edges = [0, 24, PREFIX_BYTES, PREFIX_BYTES + 16, place(1).start, place(2).start, blob.len()];
        for edge in edges {
            for cut in edge.saturating_sub(17)..(edge + 17).min(blob.len()) {
                refused(&blob[..cut], &truth, &format!("{length} bytes cut at {cut}"));
            }
        }
    }
}

#[test]
fn refuses_what_is_put_behind_the_end() {
    for length in [0, 5, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 5] {
        let truth = text(length);
        let blob = sealed(&truth);
        let chunks = &blob[PREFIX_BYTES..];
        for more in [&[0][..], &[0; 16], &[0; SEALED_CHUNK_BYTES], chunks] {
            refused(&[&blob, more].concat(), &truth, &format!("{length} bytes and {} more", more.len()));
        }
    }
}

#[test]
fn refuses_chunks_moved_doubled_dropped_or_taken_from_another_blob() {
    let truth = text(3 * CHUNK_BYTES + 9);
    let (blob, other) = (sealed(&truth), sealed(&truth));
    let [zero, one, two] = [0, 1, 2].map(|index| &blob[place(index)]);
    let (prefix, last) = (&blob[..PREFIX_BYTES], &blob[place(3).start..]);
    for (what, parts) in [
        ("first two swapped", vec![prefix, one, zero, two, last]),
        ("middle two swapped", vec![prefix, zero, two, one, last]),
        ("first doubled", vec![prefix, zero, zero, one, two, last]),
        ("first twice, second gone", vec![prefix, zero, zero, two, last]),
        ("middle dropped", vec![prefix, zero, two, last]),
        ("last dropped", vec![prefix, zero, one, two]),
        ("last first", vec![prefix, last, zero, one, two]),
        ("one chunk of another blob", vec![prefix, zero, &other[place(1)], two, last]),
        ("the last of another blob", vec![prefix, zero, one, two, &other[place(3).start..]]),
        ("another blob's prefix", vec![&other[..PREFIX_BYTES], zero, one, two, last]),
        ("another blob's salt", vec![&other[..24], &blob[24..]]),
    ] {
        refused(&parts.concat(), &truth, what);
    }
}

/// Texts around whole numbers of chunks, and of any length in between.
fn lengths() -> impl Strategy<Value = usize> {
    let edges =
        (0..4_usize, 0..5_usize).prop_map(|(chunks, near)| (chunks * CHUNK_BYTES + near).saturating_sub(2));
    prop_oneof![edges, 0..3 * CHUNK_BYTES]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(length in lengths(), pieces in 1..40_000_usize, window in 1..40_000_usize) {
        let truth = text(length);
        let mut writer = Writer::new(&KEY, CONTEXT, Vec::new()).unwrap();
        for piece in truth.chunks(pieces) {
            writer.write_all(piece).unwrap();
        }
        let blob = writer.finish().unwrap();
        let mut reader = Reader::new(&KEY, CONTEXT, &blob[..]).unwrap();
        let (mut read, mut out) = (Vec::new(), vec![0; window]);
        loop {
            let count = reader.read(&mut out).unwrap();
            if count == 0 {
                break;
            }
            read.extend_from_slice(&out[..count]);
        }
        prop_assert!(read == truth);
    }

    #[test]
    fn any_slice_reads_as_the_text_has_it(length in lengths(), slices in prop::collection::vec((0..70_000_u64, lengths()), 1..6)) {
        let truth = text(length);
        let mut reader = RandomReader::new(&KEY, CONTEXT, Cursor::new(sealed(&truth))).unwrap();
        prop_assert_eq!(reader.len(), length as u64);
        for (offset, want) in slices {
            let mut out = vec![0; want];
            let count = reader.read_at(offset, &mut out).unwrap();
            let rest = truth.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
            prop_assert_eq!(count, want.min(rest.len()));
            prop_assert!(out[..count] == rest[..count]);
        }
        prop_assert_eq!(reader.read_at(u64::MAX, &mut [0; 4]).unwrap(), 0);
    }

    #[test]
    fn one_bit_changed_anywhere_is_refused(length in lengths(), at: prop::sample::Index, bit in 0..8_u8) {
        let truth = text(length);
        let mut blob = sealed(&truth);
        let at = at.index(blob.len());
        blob[at] ^= 1 << bit;
        refused(&blob, &truth, &format!("{length} bytes, bit {bit} of byte {at}"));
    }

    #[test]
    fn cut_or_extended_anywhere_is_refused(length in lengths(), at: prop::sample::Index, more in 1..40_000_usize) {
        let truth = text(length);
        let blob = sealed(&truth);
        refused(&blob[..at.index(blob.len())], &truth, "cut");
        refused(&[&blob[..], &vec![0; more]].concat(), &truth, "extended");
    }
}
