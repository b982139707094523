//! scrypt (RFC 7914), verification only: as Django, Werkzeug, passlib, and libsodium with `crypt(3)` write it.

use base64ct::{Base64, Base64ShaCrypt, Base64Unpadded, Encoding};
use scrypt::Params;
use zeroize::Zeroizing;

use super::Scheme;
use crate::password::{
    cursor::Cursor,
    limits::Limits,
    unsupported::{Cost, Unsupported},
    verdict::HashFailed,
};

/// What a guess moves at least, of a record that is kept as it is: what libsodium calls interactive.
pub(super) const SLOW_BYTES: u64 = 16 * 1024 * 1024;

/// The scheme's parameters, salt and tag.
pub(super) struct Scrypt {
    params: Params,
    salt: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows Django's `scrypt$`: `N$SALT$r$p$TAG`, the salt as it stands, the tag in base64.
pub(super) fn django(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let n = text.number()?;
    text.literal("$")?;
    let salt = text.text_and("$")?.as_bytes().to_vec();
    let r = text.number()?;
    text.literal("$")?;
    let p = text.number()?;
    text.literal("$")?;
    let params = params(log2(n).ok_or(malformed)?, r, p, malformed, limits)?;
    Scrypt::with_tag(params, Zeroizing::new(salt), text.bytes::<Base64>()?, text)
}

/// What follows Werkzeug's `scrypt:`: `N:r:p$SALT$TAG`, the salt as it stands, the tag in hexadecimal digits.
pub(super) fn werkzeug(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let n = text.number()?;
    text.literal(":")?;
    let r = text.number()?;
    text.literal(":")?;
    let p = text.number()?;
    text.literal("$")?;
    let salt = text.text_and("$")?.as_bytes().to_vec();
    let params = params(log2(n).ok_or(malformed)?, r, p, malformed, limits)?;
    Scrypt::with_tag(params, Zeroizing::new(salt), text.hex(b'$')?, text)
}

/// What follows `$scrypt$`: `ln=,r=,p=$SALT$TAG`, a PHC string, as passlib writes it.
pub(super) fn phc(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let params = phc_params(&mut text, limits)?;
    text.literal("$")?;
    let salt = text.bytes::<Base64Unpadded>()?;
    text.literal("$")?;
    Scrypt::with_tag(params, salt, text.bytes::<Base64Unpadded>()?, text)
}

/// What follows `$7$`: one character of log2 N, five of r and five of p, least significant first, the salt as it
/// stands up to a `$`, the tag of 32 bytes in base64 of `crypt(3)`.
pub(super) fn crypt(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let log_n = crypt_number(text.take(1)?).ok_or(malformed)?;
    let r = crypt_number(text.take(5)?).ok_or(malformed)?;
    let p = crypt_number(text.take(5)?).ok_or(malformed)?;
    let params = params(log_n, r, p, malformed, limits)?;
    let salt = Zeroizing::new(text.text_and("$")?.as_bytes().to_vec());
    let short_tag = text.malformed();
    let tag = text.bytes::<Base64ShaCrypt>()?;
    if tag.len() != 32 {
        return Err(short_tag);
    }
    Scrypt::with_tag(params, salt, tag, text)
}

impl Scrypt {
    fn with_tag(
        params: Params,
        salt: Zeroizing<Vec<u8>>,
        tag: Zeroizing<Vec<u8>>,
        text: Cursor<'_>,
    ) -> Result<Box<dyn Scheme>, Unsupported> {
        text.end()?;
        Unsupported::tag_of(tag.len())?;
        Ok(Box::new(Self { params, salt, tag }))
    }
}

impl Scheme for Scrypt {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        derived(&self.params, password, &self.salt, self.tag.len())
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        is_fast(&self.params).then(|| {
            let salt = Base64Unpadded::encode_string(&self.salt);
            let tag = Base64Unpadded::encode_string(&vec![0; self.tag.len()]);
            Zeroizing::new(format!("$scrypt${}${salt}${tag}", text_of(&self.params)))
        })
    }

    fn label(&self) -> String {
        label("scrypt", &self.params)
    }
}

/// `ln=14,r=8,p=1`.
pub(super) fn text_of(params: &Params) -> String {
    format!("ln={},r={},p={}", params.log_n(), params.r(), params.p())
}

/// `scheme:ln14,r8,p1`.
pub(super) fn label(scheme: &str, params: &Params) -> String {
    format!("{scheme}:ln{},r{},p{}", params.log_n(), params.r(), params.p())
}

/// The key of so many bytes that scrypt derives.
pub(super) fn derived(
    params: &Params,
    password: &[u8],
    salt: &[u8],
    bytes: usize,
) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
    let blocks = params.n().saturating_add(u64::from(params.p()));
    affordable(blocks.saturating_mul(u64::from(params.r())).saturating_mul(128))?;
    let mut key = Zeroizing::new(vec![0; bytes]);
    scrypt::scrypt(password, salt, params, &mut key).map_err(|_| HashFailed::Inconsistent)?;
    Ok(key)
}

/// Asks for so much memory and gives it back: the libraries end the process where they get none.
pub(super) fn affordable(bytes: u64) -> Result<(), HashFailed> {
    let refused = HashFailed::OutOfMemory { memory_kib: bytes.div_ceil(1024) };
    let bytes = usize::try_from(bytes).map_err(|_| refused)?;
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| refused)
}

/// `ln=,r=,p=`.
pub(super) fn phc_params(text: &mut Cursor<'_>, limits: &Limits) -> Result<Params, Unsupported> {
    let malformed = text.malformed();
    text.literal("ln=")?;
    let log_n = text.number()?;
    text.literal(",r=")?;
    let r = text.number()?;
    text.literal(",p=")?;
    let p = text.number()?;
    params(log_n, r, p, malformed, limits)
}

/// Parameters whose memory, 128 r (N + p + 1) bytes, and work, 128 N r p, are within the limits.
fn params(
    log_n: u64,
    r: u64,
    p: u64,
    malformed: Unsupported,
    limits: &Limits,
) -> Result<Params, Unsupported> {
    Unsupported::within(Cost::ScryptLanes, p, limits.scrypt_lanes)?;
    let n = u32::try_from(log_n).ok().and_then(|log_n| 1_u64.checked_shl(log_n)).unwrap_or(u64::MAX);
    let kib = |blocks: u64| blocks.saturating_mul(r).div_ceil(8);
    // Of p blocks more than of N the memory is still that of both.
    let memory_kib = kib(n.saturating_add(p));
    Unsupported::within(Cost::ScryptMemoryKib, memory_kib, limits.scrypt_memory_kib)?;
    Unsupported::within(Cost::ScryptWorkKib, kib(n.saturating_mul(p)), limits.scrypt_work_kib)?;
    let (Ok(log_n @ 1..), Ok(r), Ok(p)) = (u8::try_from(log_n), u32::try_from(r), u32::try_from(p)) else {
        return Err(malformed);
    };
    Params::new(log_n, r, p).map_err(|_| malformed)
}

/// Whether a guess moves so little memory that a record is not to be kept as it is.
pub(super) fn is_fast(params: &Params) -> bool {
    let bytes = params.n().saturating_mul(u64::from(params.r())).saturating_mul(u64::from(params.p())) * 128;
    bytes < SLOW_BYTES
}

/// The exponent, if `n` is a power of two.
fn log2(n: u64) -> Option<u64> {
    n.is_power_of_two().then(|| u64::from(n.trailing_zeros()))
}

/// A number in digits of `crypt(3)`'s base64, least significant first.
pub(super) fn crypt_number(digits: &str) -> Option<u64> {
    digits.bytes().rev().try_fold(0, |number: u64, digit| {
        let value = match digit {
            b'.'..=b'9' => digit - b'.',
            b'A'..=b'Z' => digit - b'A' + 12,
            b'a'..=b'z' => digit - b'a' + 38,
            _ => return None,
        };
        number.checked_mul(64)?.checked_add(u64::from(value))
    })
}

/// A number below 64 as a digit of `crypt(3)`'s base64.
pub(super) fn crypt_digit(number: u32) -> char {
    (b'.'..=b'9').chain(b'A'..=b'Z').chain(b'a'..=b'z').map(char::from).nth(number as usize).unwrap_or('.')
}
