//! SSH public keys and signatures made with them (OpenSSH `PROTOCOL.sshsig` and `PROTOCOL.u2f`): what
//! `ssh-keygen -Y sign` writes. Two kinds of key, both over Ed25519: a key of its own, and one in a security key, whose
//! signature says that somebody touched it.
//!
//! Bytes come from strangers: every length is checked before it is used, and what is left over is refused.

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha512};

use super::digest::sha256;
use crate::base::limits;

/// What a signature is made for. A signature for anything else, a commit or a login elsewhere, is none here.
pub(crate) const NAMESPACE: &str = "strongroom-login";

const PLAIN: &str = "ssh-ed25519";
const SECURITY_KEY: &str = "sk-ssh-ed25519@openssh.com";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// What begins a signature's bytes, and what was signed.
const MAGIC: &[u8; 6] = b"SSHSIG";
/// `PROTOCOL.u2f`: somebody touched the security key.
const USER_PRESENT: u8 = 1;

/// A public key. Two are one key if all of this is equal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// The Ed25519 point.
    pub(crate) point: [u8; 32],
    /// For a key in a security key SHA-256 of the application that it was made for.
    pub(crate) application: Option<[u8; 32]>,
}

/// A text is no signature of a kind that is taken here. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// A signature and what it says it was made with.
pub(crate) struct SshSignature {
    /// By which key.
    pub(crate) key: PublicKey,
    hash: HashAlgorithm,
    signature: [u8; 64],
    /// What the security key said: flags and its counter.
    token: Option<(u8, [u8; 4])>,
}

#[derive(Clone, Copy)]
enum HashAlgorithm {
    Sha256,
    Sha512,
}

/// Bytes in the wire format of RFC 4251 section 5.
struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (first, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    fn string(&mut self) -> Result<&'a [u8], Malformed> {
        let length = u32::from_be_bytes(self.array()?);
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (value, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(value)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.string()?.try_into().map_err(|_| Malformed)
    }

    fn word(&mut self, word: &str) -> Result<(), Malformed> {
        if self.string()? == word.as_bytes() { Ok(()) } else { Err(Malformed) }
    }

    fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

impl PublicKey {
    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut wire = Wire(bytes);
        let application = match wire.string()? {
            kind if kind == PLAIN.as_bytes() => None,
            kind if kind == SECURITY_KEY.as_bytes() => Some(()),
            _ => return Err(Malformed),
        };
        let point = wire.fixed()?;
        let application = match application {
            Some(()) => Some(sha256(&[wire.string()?])),
            None => None,
        };
        wire.end()?;
        let is_strong = VerifyingKey::from_bytes(&point).is_ok_and(|key| !key.is_weak());
        if is_strong { Ok(Self { point, application }) } else { Err(Malformed) }
    }

    const fn kind(&self) -> &'static str {
        match self.application {
            None => PLAIN,
            Some(_) => SECURITY_KEY,
        }
    }
}

impl SshSignature {
    /// The signature of an armoured text for [`NAMESPACE`].
    ///
    /// # Errors
    /// [`Malformed`], for signatures by other kinds of keys and for other namespaces too.
    pub(crate) fn parse(armoured: &str) -> Result<Self, Malformed> {
        if armoured.len() > limits::SIGNATURE_BYTES_MAX {
            return Err(Malformed);
        }
        let body = armoured.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
        let encoded: String = body.ok_or(Malformed)?.split_ascii_whitespace().collect();
        let bytes = Base64::decode_vec(&encoded).map_err(|_| Malformed)?;
        let mut wire = Wire(&bytes);
        if wire.array()? != *MAGIC || wire.array()? != 1_u32.to_be_bytes() {
            return Err(Malformed);
        }
        let key = PublicKey::read(wire.string()?)?;
        wire.word(NAMESPACE)?;
        wire.word("")?;
        let hash = match wire.string()? {
            b"sha256" => HashAlgorithm::Sha256,
            b"sha512" => HashAlgorithm::Sha512,
            _ => return Err(Malformed),
        };
        let inner = wire.string()?;
        wire.end()?;
        let mut wire = Wire(inner);
        wire.word(key.kind())?;
        let signature = wire.fixed()?;
        let token = match key.application {
            Some(_) => {
                let [flags] = wire.array()?;
                Some((flags, wire.array()?))
            }
            None => None,
        };
        wire.end()?;
        Ok(Self { key, hash, signature, token })
    }

    /// Whether its key signed this message; a security key's also says that somebody touched it.
    pub(crate) fn is_over(&self, message: &[u8]) -> bool {
        let signed = self.signed(message);
        let signed = match (&self.key.application, &self.token) {
            (None, None) => signed,
            (Some(application), Some((flags, counter))) if flags & USER_PRESENT != 0 => {
                [application.as_slice(), &[*flags], counter, &sha256(&[&signed])].concat()
            }
            _ => return false,
        };
        let signature = Signature::from_bytes(&self.signature);
        VerifyingKey::from_bytes(&self.key.point)
            .is_ok_and(|key| key.verify_strict(&signed, &signature).is_ok())
    }

    /// What a key signs for a message (`PROTOCOL.sshsig` section 2).
    fn signed(&self, message: &[u8]) -> Vec<u8> {
        let (name, digest) = match self.hash {
            HashAlgorithm::Sha256 => ("sha256", sha256(&[message]).to_vec()),
            HashAlgorithm::Sha512 => ("sha512", Sha512::digest(message).to_vec()),
        };
        let mut out = MAGIC.to_vec();
        for part in [NAMESPACE.as_bytes(), b"", name.as_bytes(), &digest] {
            out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(part);
        }
        out
    }
}

#[cfg(test)]
#[path = "ssh_tests.rs"]
mod tests;
