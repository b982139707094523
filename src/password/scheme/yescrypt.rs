//! yescrypt, `$y$j9T$SALT$TAG`, verification only: what Debian and Fedora write into `/etc/shadow`. Only the flavour
//! `j` and no optional parameter, as every system writes it.

use base64ct::{Base64ShaCrypt, Encoding};
use yescrypt::Params;
use zeroize::Zeroizing;

use super::{
    Scheme,
    scrypt::{SLOW_BYTES, affordable, crypt_number},
};
use crate::password::{
    cursor::Cursor,
    limits::Limits,
    unsupported::{Cost, Unsupported},
    verdict::HashFailed,
};

/// The scheme's parameters, salt and tag.
pub(super) struct Yescrypt {
    text: String,
    params: Params,
    salt: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows `$y$`.
pub(super) fn crypt(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let parameters = text.text_and("$")?;
    // `j`, then log2 N and r, each one digit of which zero stands for one.
    let (Some("j"), Some(n), Some(r), 3) =
        (parameters.get(..1), parameters.get(1..2), parameters.get(2..3), parameters.len())
    else {
        return Err(malformed);
    };
    let log_n = crypt_number(n).ok_or(malformed)? + 1;
    let r = crypt_number(r).ok_or(malformed)? + 1;
    let memory_kib = u32::try_from(log_n)
        .ok()
        .and_then(|log_n| 1_u64.checked_shl(log_n))
        .unwrap_or(u64::MAX)
        .saturating_mul(r)
        .div_ceil(8);
    Unsupported::within(Cost::ScryptMemoryKib, memory_kib, limits.scrypt_memory_kib)?;
    let params: Params = parameters.parse().map_err(|_| malformed)?;
    let salt = text.bytes::<Base64ShaCrypt>()?;
    text.literal("$")?;
    let short_tag = text.malformed();
    let tag = text.bytes::<Base64ShaCrypt>()?;
    text.end()?;
    if tag.len() != 32 {
        return Err(short_tag);
    }
    Ok(Box::new(Yescrypt { text: parameters.to_owned(), params, salt, tag }))
}

impl Yescrypt {
    fn bytes(&self) -> u64 {
        self.params.n().saturating_mul(u64::from(self.params.r())).saturating_mul(128)
    }
}

impl Scheme for Yescrypt {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        affordable(self.bytes())?;
        let mut tag = Zeroizing::new(vec![0; self.tag.len()]);
        yescrypt::yescrypt(password, &self.salt, &self.params, &mut tag)
            .map_err(|_| HashFailed::Inconsistent)?;
        Ok(tag)
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        (self.bytes() < SLOW_BYTES).then(|| {
            let salt = Base64ShaCrypt::encode_string(&self.salt);
            let tag = Base64ShaCrypt::encode_string(&[0; 32]);
            Zeroizing::new(format!("$y${}${salt}${tag}", self.text))
        })
    }

    fn label(&self) -> String {
        format!("yescrypt:{}", self.text)
    }
}
