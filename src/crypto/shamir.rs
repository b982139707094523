//! Shamir's sharing of a secret among people (1979), byte by byte over the field of AES, GF(2^8) modulo
//! x^8 + x^4 + x^3 + x + 1.
//!
//! A byte is the value at 0 of a random polynomial whose degree is one less than the threshold; share n holds its value
//! at n. Fewer shares than the threshold say nothing at all about it, and too few, or a wrong one, give other bytes
//! instead of an error: whoever joins them has a hash to compare with.
//!
//! The arithmetic has no table and no branch that depends on a secret: what a share holds is not told by the time that
//! joining takes (as of tables in Vault, CVE-2023-25000).

use zeroize::Zeroizing;

use crate::base::{Secret, random::NoRandomness};

/// Bytes of the secret and of each share.
pub(crate) const BYTES: usize = 32;
/// The most shares.
pub(crate) const SHARES_MAX: u8 = 16;

/// One share: where the polynomials were looked at, and their values there.
pub(crate) struct Share {
    /// From 1.
    pub(crate) number: u8,
    /// The values.
    pub(crate) bytes: Secret<BYTES>,
}

/// Shares a secret: any `threshold` of the `count` shares give it back.
///
/// # Errors
/// The system gives no randomness. `None` if there are not at least two, and at most [`SHARES_MAX`], shares of whom a
/// part of at least two is enough.
pub(crate) fn split(
    secret: &Secret<BYTES>,
    threshold: u8,
    count: u8,
) -> Result<Option<Vec<Share>>, NoRandomness> {
    if threshold < 2 || threshold > count || count > SHARES_MAX {
        return Ok(None);
    }
    let others = (1..threshold).map(|_| Secret::<BYTES>::random()).collect::<Result<Vec<_>, _>>()?;
    Ok(Some((1..=count).map(|number| Share { number, bytes: value_at(number, secret, &others) }).collect()))
}

/// The values at `x` of the polynomials with these coefficients, the secret's bytes first (Horner's rule).
fn value_at(x: u8, secret: &Secret<BYTES>, others: &[Secret<BYTES>]) -> Secret<BYTES> {
    let mut value = Zeroizing::new([0; BYTES]);
    for coefficient in others.iter().rev().chain([secret]) {
        for (byte, own) in value.iter_mut().zip(coefficient.expose()) {
            *byte = multiply(*byte, x) ^ own;
        }
    }
    Secret::from_fill(|slot| *slot = *value)
}

/// The secret that these shares give. `None` if a number stands twice, or is 0: then there is none.
pub(crate) fn join(shares: &[Share]) -> Option<Secret<BYTES>> {
    let mut secret = Zeroizing::new([0; BYTES]);
    for share in shares {
        let mut weight = 1;
        for other in shares.iter().filter(|other| !std::ptr::eq(*other, share)) {
            if other.number == share.number || other.number == 0 {
                return None;
            }
            // Lagrange's weight at 0: other / (other - own), and subtraction is addition here.
            weight = multiply(weight, multiply(other.number, inverse(other.number ^ share.number)));
        }
        for (byte, own) in secret.iter_mut().zip(share.bytes.expose()) {
            *byte ^= multiply(*own, weight);
        }
    }
    Some(Secret::from_fill(|slot| *slot = *secret))
}

/// The product in the field.
const fn multiply(left: u8, right: u8) -> u8 {
    let (mut product, mut shifted, mut left_over) = (0, left, right);
    let mut round = 0;
    while round < 8 {
        product ^= shifted & 0u8.wrapping_sub(left_over & 1);
        shifted = (shifted << 1) ^ (0x1b & 0u8.wrapping_sub(shifted >> 7));
        left_over >>= 1;
        round += 1;
    }
    product
}

/// The inverse: the 254th power. Of 0 it is 0.
const fn inverse(of: u8) -> u8 {
    let (mut power, mut square) = (1, of);
    let mut round = 0;
    while round < 7 {
        square = multiply(square, square);
        power = multiply(power, square);
        round += 1;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::{BYTES, SHARES_MAX, Share, inverse, join, multiply, split};
    use crate::base::Secret;

    fn secret_of(bytes: [u8; BYTES]) -> Secret<BYTES> {
        Secret::from_fill(|slot| *slot = bytes)
    }

    /// FIPS 197, section 4.2 and 4.2.1, and the tests of HashiCorp Vault's `shamir`.
    #[test]
    fn multiplies_as_the_standard_does() {
        for (left, right, product) in [
            (0x57, 0x83, 0xc1),
            (0x57, 0x13, 0xfe),
            (0x57, 0x02, 0xae),
            (0x57, 0x04, 0x47),
            (0x57, 0x08, 0x8e),
            (0x57, 0x10, 0x07),
            (3, 7, 9),
            (3, 0, 0),
            (0, 3, 0),
        ] {
            assert_eq!(multiply(left, right), product, "{left:#x} {right:#x}");
        }
        assert_eq!((multiply(6, inverse(3)), multiply(3, inverse(3)), inverse(0)), (2, 1, 0));
    }

    /// All that makes a field of it, over all of it.
    #[test]
    fn it_is_a_field() {
        for left in 0..=255 {
            assert_eq!(multiply(left, 1), left);
            assert!(left == 0 || multiply(left, inverse(left)) == 1, "{left}");
            for right in 0..=255 {
                assert_eq!(multiply(left, right), multiply(right, left));
                assert_eq!(multiply(left, right ^ 0x5a), multiply(left, right) ^ multiply(left, 0x5a));
                assert!(multiply(left, right) != 0 || left == 0 || right == 0);
            }
        }
    }

    /// Reckoned by hand: of 0x42 with the other coefficients 0x01 and 0x02 the values are 0x41, 0x48, 0x4b.
    #[test]
    fn joins_shares_that_were_reckoned_by_hand() {
        let share = |number, byte| Share { number, bytes: secret_of([byte; BYTES]) };
        let value = |x: u8| 0x42 ^ multiply(1, x) ^ multiply(2, multiply(x, x));
        assert_eq!([1, 2, 3].map(value), [0x41, 0x48, 0x4b]);
        let joined = join(&[share(3, 0x4b), share(1, 0x41), share(2, 0x48)]).unwrap();
        assert_eq!(joined.expose(), &[0x42; BYTES]);
    }

    #[test]
    fn every_large_enough_part_gives_the_secret_and_no_smaller_one() {
        let secret = Secret::<BYTES>::random().unwrap();
        for (threshold, count) in [(2, 2), (2, 3), (3, 5), (5, 5)] {
            let shares = split(&secret, threshold, count).unwrap().unwrap();
            for chosen in 1_u32..1 << count {
                let part: Vec<_> = shares
                    .iter()
                    .filter(|share| chosen >> (share.number - 1) & 1 == 1)
                    .map(|share| Share { number: share.number, bytes: secret_of(*share.bytes.expose()) })
                    .collect();
                let joined = join(&part).unwrap();
                let is_enough = part.len() >= usize::from(threshold);
                assert_eq!(
                    joined.expose() == secret.expose(),
                    is_enough,
                    "{chosen:b} of {threshold} of {count}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_sharing_is_none() {
        let secret = Secret::<BYTES>::random().unwrap();
        for (threshold, count) in [(0, 3), (1, 3), (4, 3), (2, 1), (2, SHARES_MAX + 1)] {
            assert!(split(&secret, threshold, count).unwrap().is_none(), "{threshold} of {count}");
        }
        let share = |number| Share { number, bytes: secret_of([7; BYTES]) };
        assert!(join(&[share(2), share(2)]).is_none());
        assert!(join(&[share(0), share(2)]).is_none());
    }
}
