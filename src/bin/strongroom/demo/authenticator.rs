//! The application on Lea's telephone: one-time codes (RFC 6238).

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use strongroom::room::{SecretText, Time};
use zeroize::Zeroizing;

/// An authenticator with one secret.
pub struct Authenticator(Zeroizing<Vec<u8>>);

impl Authenticator {
    /// How long a code counts.
    pub const STEP: Duration = Duration::from_secs(30);

    /// Takes the secret out of an `otpauth` address, as the camera would.
    pub fn of(address: &SecretText) -> Option<Self> {
        let (_, rest) = address.expose().split_once("secret=")?;
        let (mut secret, mut bits, mut count) = (Zeroizing::new(Vec::new()), 0_u32, 0);
        for letter in rest.split('&').next()?.chars() {
            let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter)?;
            bits = bits << 5 | u32::try_from(value).ok()?;
            count += 5;
            if count >= 8 {
                count -= 8;
                secret.push(u8::try_from(bits >> count & 0xff).ok()?);
            }
        }
        Some(Self(secret))
    }

    /// The code at this time.
    pub fn code(&self, now: Time) -> SecretText {
        let step = now.as_ms().unsigned_abs() / 30_000;
        let digest = Hmac::<Sha1>::new_from_slice(&self.0)
            .map(|hmac| hmac.chain_update(step.to_be_bytes()).finalize().into_bytes().to_vec());
        let digest = digest.unwrap_or_default();
        let at = usize::from(digest.last().copied().unwrap_or_default() & 15);
        let four = digest.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        let number = u32::from_be_bytes(four) & 0x7fff_ffff;
        SecretText::new(format!("{:06}", number % 1_000_000))
    }
}
