//! Time-based one-time codes: TOTP (RFC 6238) over HOTP (RFC 4226) with HMAC-SHA-1, six digits, steps of 30 seconds:
//! what every authenticator application computes. SHA-1 is no weakness here: HMAC does not rest on its collisions.

use hmac::digest::FixedOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use super::mac;
use crate::base::Time;

/// A secret, bytes: as long as the hash (RFC 4226 section 4, R6).
pub(crate) const SECRET_BYTES: usize = 20;
/// Seconds of a step.
pub(crate) const STEP_SECONDS: u64 = 30;
/// Digits of a code.
pub(crate) const DIGITS: usize = 6;
/// Steps before and after the current one whose codes count: clocks differ, and people type (RFC 6238 section 5.2).
const STEPS_AROUND: u64 = 1;

/// The step of a time, from the epoch on.
pub(crate) fn step(now: Time) -> u64 {
    u64::try_from(now.as_ms()).unwrap_or(0) / (1000 * STEP_SECONDS)
}

/// The step after `used` whose code this is, at `now`; `None` if there is none. Every step is computed and compared,
/// whichever matches.
pub(crate) fn matching_step(secret: &[u8; SECRET_BYTES], code: &str, now: Time, used: u64) -> Option<u64> {
    let current = step(now);
    let mut found = None;
    for candidate in current.saturating_sub(STEPS_AROUND)..=current.saturating_add(STEPS_AROUND) {
        let is_code = mac::equal(code_of(secret, candidate).as_bytes(), code.as_bytes());
        // Newest last: what comes after it cannot be replayed for what came before.
        if is_code && candidate > used {
            found = Some(candidate);
        }
    }
    found
}

/// The code of a step: six decimal digits (RFC 4226 section 5.3).
fn code_of(secret: &[u8; SECRET_BYTES], step: u64) -> Zeroizing<String> {
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(secret).for_each(|(slot, byte)| *slot = *byte);
    let mut hmac = Hmac::<Sha1>::new((&*block).into());
    hmac.update(&step.to_be_bytes());
    let digest: [u8; 20] = hmac.finalize_fixed().into();
    let offset = usize::from(digest.last().copied().unwrap_or(0) & 0x0f);
    let cut = digest.get(offset..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or([0; 4]);
    let number = (u32::from_be_bytes(cut) & 0x7fff_ffff) % 1_000_000;
    Zeroizing::new(format!("{number:0DIGITS$}"))
}

/// Base32 without padding (RFC 4648 section 6): how a secret stands in an `otpauth` address.
pub(crate) fn base32(bytes: &[u8]) -> Zeroizing<String> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(5) * 8));
    let (mut held, mut bits) = (0_u32, 0_u32);
    let mut letter = |held: u32| out.push(char::from(LETTERS.get(held as usize & 31).copied().unwrap_or(0)));
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            letter(held >> bits);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        letter(held << (5 - bits));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{base32, code_of, matching_step, step};
    use crate::base::Time;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    /// RFC 6238 appendix B, SHA-1. Its codes have eight digits: six are the last six of them.
    #[test]
    fn answers_rfc_6238() {
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000_i64, "65353130"),
        ] {
            let now = Time::from_ms(seconds * 1000);
            let (_, code) = code.split_at(2);
            assert_eq!(code_of(SECRET, step(now)).as_str(), code, "at {seconds}");
            assert_eq!(matching_step(SECRET, code, now, 0), Some(step(now)));
        }
    }

    /// RFC 4226 appendix D.
    #[test]
    fn answers_rfc_4226() {
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871"];
        for (count, code) in codes.into_iter().enumerate() {
            assert_eq!(code_of(SECRET, count as u64).as_str(), code, "count {count}");
        }
    }

    #[test]
    fn a_code_counts_one_step_around_and_once() {
        let at = |step: i64| Time::from_ms(step * 30_000 + 7);
        let code = code_of(SECRET, 1000);
        let counts = [998, 999, 1000, 1001, 1002].map(|now| matching_step(SECRET, &code, at(now), 0));
        assert_eq!(counts, [None, Some(1000), Some(1000), Some(1000), None]);
        assert_eq!(matching_step(SECRET, &code, at(1000), 999), Some(1000));
        assert_eq!(matching_step(SECRET, &code, at(1000), 1000), None, "used");
        assert_eq!(matching_step(SECRET, &code, at(999), 1001), None, "older than one that was used");
        for other in ["", "12345", &format!("{}0", code.as_str()), &format!(" {}", code.as_str())] {
            assert_eq!(matching_step(SECRET, other, at(1000), 0), None, "{other:?}");
        }
    }

    /// RFC 4648 section 10, without the padding.
    #[test]
    fn base32_is_the_standards() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()).as_str(), text);
        }
    }
}
