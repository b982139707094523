//! Firebase's scrypt, verification only, as Kratos writes it:
//! `$firescrypt$ln=14,r=8,p=1$SALT$TAG$SEPARATOR$SIGNER_KEY`, all in base64.
//!
//! The tag is the project's signer key, encrypted by AES-256 in counter mode, from a counter of zeros, under the key
//! that scrypt derives from the password and from the salt with the project's separator behind it.

use aes::Aes256;
use base64ct::{Base64, Encoding};
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};
use scrypt::Params;
use zeroize::Zeroizing;

use super::{Scheme, scrypt as base};
use crate::password::{cursor::Cursor, limits::Limits, unsupported::Unsupported, verdict::HashFailed};

/// Bytes of the key that scrypt derives.
const KEY_BYTES: usize = 32;

/// The scheme's parameters, salt, signer key and tag.
pub(super) struct Firebase {
    params: Params,
    salt: Zeroizing<Vec<u8>>,
    signer_key: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows `$firescrypt$`.
pub(super) fn kratos(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let params = base::phc_params(&mut text, limits)?;
    text.literal("$")?;
    let mut salt = text.bytes::<Base64>()?;
    text.literal("$")?;
    let tag = text.bytes::<Base64>()?;
    text.literal("$")?;
    salt.extend_from_slice(&text.bytes::<Base64>()?);
    text.literal("$")?;
    let short_key = text.malformed();
    let signer_key = text.bytes::<Base64>()?;
    text.end()?;
    Unsupported::tag_of(tag.len())?;
    if signer_key.len() != tag.len() {
        return Err(short_key);
    }
    Ok(Box::new(Firebase { params, salt, signer_key, tag }))
}

impl Scheme for Firebase {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        let key = base::derived(&self.params, password, &self.salt, KEY_BYTES)?;
        let mut cipher =
            Ctr128BE::<Aes256>::new_from_slices(&key, &[0; 16]).map_err(|_| HashFailed::Inconsistent)?;
        let mut tag = self.signer_key.clone();
        cipher.apply_keystream(&mut tag);
        Ok(tag)
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        base::is_fast(&self.params).then(|| {
            let salt = Base64::encode_string(&self.salt);
            let tag = Base64::encode_string(&vec![0; self.tag.len()]);
            let signer_key = Zeroizing::new(Base64::encode_string(&self.signer_key));
            let params = base::text_of(&self.params);
            Zeroizing::new(format!("$firescrypt${params}${salt}${tag}$${}", *signer_key))
        })
    }

    fn label(&self) -> String {
        base::label("firebase-scrypt", &self.params)
    }
}
