//! The ciphers, MACs and hashes that every higher floor uses, each behind one small face.
//!
//! | What | Where from | For |
//! |---|---|---|
//! | [`gcm`] | NIST SP 800-38D | the seam to the one bulk cipher; only this floor uses it |
//! | [`xaes`] | C2SP XAES-256-GCM | sealed fields and wrapped keys: small, whole, a random nonce each |
//! | [`chunked`] | C2SP chunked encryption, Cobblestone-256 | attachments: any size, streams, random access |
//! | [`hkdf`] | RFC 5869, Expand only | a key for each purpose out of one data key |
//! | [`mac`] | RFC 2104, FIPS 180-4 | rows, heads, commitments, blind indexes; comparison in constant time |
//! | [`shamir`] | Shamir 1979, the field of FIPS 197 | a secret that several people hold between them |
//! | [`digest`] | FIPS 180-4 | the log's leaves and nodes |
//! | [`totp`] | RFC 6238, RFC 4226 | one-time codes of staff |
//! | [`ssh`] | OpenSSH PROTOCOL.sshsig, PROTOCOL.u2f | signatures of staff over a challenge |
//!
//! Plaintext and keys lie in buffers that are wiped on drop and, by this floor's own code, on every failure.
//! What is left: the compiler may move a value, and what it leaves on the stack is out of reach.

pub(crate) mod chunked;
pub(crate) mod digest;
pub(crate) mod gcm;
pub(crate) mod hkdf;
pub(crate) mod mac;
pub(crate) mod shamir;
pub(crate) mod ssh;
pub(crate) mod totp;
pub(crate) mod xaes;

/// How the vectors are written.
#[cfg(test)]
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
