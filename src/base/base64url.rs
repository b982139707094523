//! base64url without padding (RFC 4648 section 5), the one text form of bytes in this project's own formats.
//! Non-canonical trailing bits are refused, so that one value has one text.

use base64ct::{Base64UrlUnpadded, Encoding};

/// The text of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The `N` bytes that `text` stands for; `None` if it is anything but their one canonical text.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    let written = Base64UrlUnpadded::decode(text, &mut out).ok()?.len();
    (written == N).then_some(out)
}

/// The one canonical text of `BYTES` bytes, left where it stands until somebody asks for them.
///
/// For readers of a million lines: telling that it is canonical takes a few instructions for 16 characters at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coded<'a, const CHARS: usize, const BYTES: usize>(&'a [u8; CHARS]);

impl<'a, const CHARS: usize, const BYTES: usize> Coded<'a, CHARS, BYTES> {
    /// The text's last character holds this many bits that stand for nothing.
    const SPARE_BITS: usize = CHARS * 6 - BYTES * 8;

    /// `text`, if it is canonical.
    #[inline]
    pub(crate) fn new(text: &'a [u8; CHARS]) -> Option<Self> {
        const { assert!(CHARS == (BYTES * 4).div_ceil(3) && CHARS >= 16, "no text of so many bytes is as long") };
        let (chunks, _) = text.as_chunks::<16>();
        let mut strange = [0_u8; 16];
        // The last chunk overlaps the one before: no remainder is left to look at one by one.
        for chunk in chunks.iter().chain(text.last_chunk()) {
            strange.iter_mut().zip(chunk).for_each(|(strange, char)| *strange |= u8::from(!is_digit(*char)));
        }
        let spare = text.last().map_or(0, |last| sextet(*last)) & ((1 << Self::SPARE_BITS) - 1);
        (spare == 0 && u128::from_ne_bytes(strange) == 0).then_some(Self(text))
    }

    /// The bytes that it stands for.
    #[inline]
    pub(crate) fn bytes(self) -> [u8; BYTES] {
        let (mut sextets, mut bytes) = ([0; CHARS], [0; BYTES]);
        sextets.iter_mut().zip(self.0).for_each(|(bits, char)| *bits = sextet(*char));
        let ((fours, last_of_fours), (threes, last_of_threes)) =
            (sextets.as_chunks::<4>(), bytes.as_chunks_mut::<3>());
        fours.iter().zip(threes).for_each(|(four, three)| join(four, three));
        join(last_of_fours, last_of_threes);
        bytes
    }
}

/// The bytes that up to four sextets make: one fewer.
#[inline]
fn join(sextets: &[u8], bytes: &mut [u8]) {
    for ((pair, byte), shift) in sextets.windows(2).zip(bytes).zip([2, 4, 6]) {
        if let [high, low] = pair {
            *byte = high << shift | low >> (6 - shift);
        }
    }
}

/// Whether a character is one of the 64. Without a branch, so that the compiler takes 16 of them at once.
#[inline]
const fn is_digit(char: u8) -> bool {
    let is_letter = (char | 0x20).wrapping_sub(b'a') < 26;
    let is_number = char.wrapping_sub(b'0') < 10;
    is_letter | is_number | (char == b'-') | (char == b'_')
}

/// The six bits of one of the 64 characters, without a branch too.
#[inline]
fn sextet(char: u8) -> u8 {
    let of = |first: u8, count: u8, value: u8| {
        let place = char.wrapping_sub(first);
        u8::from(place < count).wrapping_neg() & place.wrapping_add(value)
    };
    of(b'A', 26, 0) | of(b'a', 26, 26) | of(b'0', 10, 52) | of(b'-', 1, 62) | of(b'_', 1, 63)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Coded, decode, encode};

    #[test]
    fn one_value_has_one_text() {
        assert_eq!(encode(&[0xff; 2]), "__8");
        assert_eq!(decode::<2>("__8"), Some([0xff; 2]));
        for refused in ["__9", "__8=", "//8", "__", "__8A", " __8", ""] {
            assert_eq!(decode::<2>(refused), None, "{refused:?}");
        }
    }

    /// What [`Coded`] makes of `text`, held against [`decode`].
    #[track_caller]
    fn is_read_alike<const CHARS: usize, const BYTES: usize>(text: &[u8]) -> bool {
        let by_library = std::str::from_utf8(text).ok().and_then(decode::<BYTES>);
        let coded = <&[u8; CHARS]>::try_from(text).ok().and_then(Coded::<CHARS, BYTES>::new);
        assert_eq!(coded.map(Coded::bytes), by_library, "{text:?}");
        by_library.is_some()
    }

    /// Every byte in every place, and every pair of bytes at the end, where the spare bits are.
    #[test]
    fn both_readers_take_the_same_texts_for_the_same_bytes() {
        fn exhaust<const CHARS: usize, const BYTES: usize>() -> [usize; 2] {
            let mut taken = [0; 2];
            for start in [encode(&[0; BYTES]), encode(&[0xa7; BYTES]), encode(&[0xff; BYTES])] {
                for at in 0..CHARS {
                    for byte in 0..=255 {
                        let mut text = start.clone().into_bytes();
                        text[at] = byte;
                        taken[0] += usize::from(is_read_alike::<CHARS, BYTES>(&text));
                    }
                }
                for pair in 0..=u16::MAX {
                    let mut text = start.clone().into_bytes();
                    text[CHARS - 2..].copy_from_slice(&pair.to_be_bytes());
                    taken[1] += usize::from(is_read_alike::<CHARS, BYTES>(&text));
                }
            }
            taken
        }
        // 64 characters in each place, but in the last only those whose spare bits are zero.
        assert_eq!(exhaust::<22, 16>(), [3 * (21 * 64 + 4), 3 * 64 * 4]);
        assert_eq!(exhaust::<43, 32>(), [3 * (42 * 64 + 16), 3 * 64 * 16]);
    }

    proptest! {
        #[test]
        fn both_readers_agree_on_any_bytes(bytes: [u8; 32], noise: [u8; 43], at in 0..43_usize) {
            let mut text = encode(&bytes).into_bytes();
            prop_assert!(is_read_alike::<43, 32>(&text));
            text[at] = noise[0];
            is_read_alike::<43, 32>(&text);
            is_read_alike::<43, 32>(&noise);
            let id = encode(bytes.first_chunk::<16>().unwrap());
            prop_assert!(is_read_alike::<22, 16>(id.as_bytes()));
        }
    }
}
