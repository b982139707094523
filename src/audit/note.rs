//! C2SP signed notes (c2sp.org/signed-note v1.0.0) with Ed25519 keys, type `0x01`.
//!
//! A text that ends in a line feed, an empty line, then one line `— NAME BASE64(id ‖ signature)` per signature.
//! The key that signs the log's notes signs nothing else.

use std::fmt;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature as Ed25519, Signer};

use crate::{base::Secret, crypto::digest::sha256};

/// The type byte of a plain Ed25519 key (RFC 8032 over the note's text).
const ED25519: u8 = 1;
/// Signatures that a note may carry; more are a denial of service, not a quorum.
const SIGNATURES_MAX: usize = 100;
/// What begins a signature line: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// Whether `name` may name a key: not empty, no white space or control character, no `+`.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// The first four bytes of SHA-256 over name, line feed, type and public key: tells keys of one name apart.
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", &[ED25519], public]);
    [a, b, c, d]
}

/// A public key under its name: what an auditor pins. Text form `NAME+ID+BASE64`, the "vkey" of the C2SP formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: ed25519_dalek::VerifyingKey,
}

impl VerifierKey {
    /// The key that `vkey` stands for.
    ///
    /// # Errors
    /// [`BadKey`] for any other text than the one canonical form of an Ed25519 key.
    pub fn parse(vkey: &str) -> Result<Self, BadKey> {
        let (name, rest) = vkey.split_once('+').ok_or(BadKey)?;
        let (_, encoded) = rest.split_once('+').ok_or(BadKey)?;
        let mut blob = [0; 33];
        let [kind, public @ ..] = blob_of(encoded, &mut blob).ok_or(BadKey)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(public).map_err(|_| BadKey)?;
        if *kind != ED25519 || key.is_weak() || !is_key_name(name) {
            return Err(BadKey);
        }
        let parsed = Self { name: name.to_owned(), id: key_id(name, public), key };
        // One key has one text: the id is checked, and upper-case hexadecimal is refused.
        if parsed.to_string() == vkey { Ok(parsed) } else { Err(BadKey) }
    }

    /// The key's name; for a log it is the origin of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same key under the name of another incarnation of the same log, `origin`; `None` if it is another log's.
    /// A restore changes the number at the end of the origin and nothing else.
    pub(crate) fn of_incarnation(&self, origin: &str) -> Option<Self> {
        if origin != self.name && incarnation(origin)?.0 != incarnation(&self.name)?.0 {
            return None;
        }
        Some(Self { name: origin.to_owned(), id: key_id(origin, self.key.as_bytes()), key: self.key })
    }
}

/// An origin without its incarnation, and the incarnation.
pub(super) fn incarnation(origin: &str) -> Option<(&str, u32)> {
    let (log, number) = origin.rsplit_once('/')?;
    let incarnation: u32 = number.parse().ok()?;
    (incarnation > 0 && incarnation.to_string() == number).then_some((log, incarnation))
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut blob = vec![ED25519];
        blob.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id), Base64::encode_string(&blob))
    }
}

/// `encoded`, standard base64 with padding, decoded into exactly `blob`.
fn blob_of<'b, const N: usize>(encoded: &str, blob: &'b mut [u8; N]) -> Option<&'b [u8; N]> {
    let length = Base64::decode(encoded, blob).ok()?.len();
    (length == N).then_some(blob)
}

/// A text that is no Ed25519 verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadKey;

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no verifier key: it takes the form NAME+ID+BASE64 of an Ed25519 key")
    }
}

impl std::error::Error for BadKey {}

/// The private key of a log, bound to its name. No `Debug` and no `Clone`; wiped on drop.
pub(crate) struct SigningKey {
    public: VerifierKey,
    /// In locked memory; the key is made from it anew for each signature.
    seed: Secret<32>,
}

impl SigningKey {
    /// The key of `seed` under `name`. The public half is derived here and never taken from outside: signing with
    /// a foreign public half would give the private one away.
    ///
    /// # Errors
    /// [`BadKey`] if `name` may not name a key.
    pub(crate) fn new(name: &str, seed: Secret<32>) -> Result<Self, BadKey> {
        if !is_key_name(name) {
            return Err(BadKey);
        }
        let public = ed25519_dalek::SigningKey::from_bytes(seed.expose()).verifying_key();
        let id = key_id(name, public.as_bytes());
        Ok(Self { public: VerifierKey { name: name.to_owned(), id, key: public }, seed })
    }

    /// The public half.
    pub(crate) fn verifier(&self) -> &VerifierKey {
        &self.public
    }
}

/// The note of `text`, signed with each of `keys` (two while one replaces the other).
///
/// # Errors
/// [`BadNote::Malformed`] if `text` does not end in a line feed or holds a control character.
pub(crate) fn sign(text: &str, keys: &[&SigningKey]) -> Result<Vec<u8>, BadNote> {
    if !text.ends_with('\n') || !is_plain(text) {
        return Err(BadNote::Malformed);
    }
    let mut note = format!("{text}\n");
    for key in keys {
        let mut blob = key.public.id.to_vec();
        let signing = ed25519_dalek::SigningKey::from_bytes(key.seed.expose());
        blob.extend_from_slice(&signing.sign(text.as_bytes()).to_bytes());
        note.push_str(&format!("{DASH}{} {}\n", key.public.name, Base64::encode_string(&blob)));
    }
    Ok(note.into_bytes())
}

/// No control character but the line feed: in particular no carriage return and no tab.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte >= 0x20 || byte == b'\n')
}

/// One signature line.
struct Signature<'n> {
    name: &'n str,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// A note that was parsed; nothing about it is verified.
pub(crate) struct Note<'n> {
    text: &'n str,
    signatures: Vec<Signature<'n>>,
}

impl<'n> Note<'n> {
    /// Parses a note.
    ///
    /// # Errors
    /// [`BadNote::Malformed`].
    pub(crate) fn parse(bytes: &'n [u8]) -> Result<Self, BadNote> {
        let note = std::str::from_utf8(bytes).map_err(|_| BadNote::Malformed)?;
        // The text may hold empty lines: the last one ends it.
        let cut = note.rfind("\n\n").ok_or(BadNote::Malformed)?;
        let (text, rest) = note.split_at_checked(cut + 1).ok_or(BadNote::Malformed)?;
        let lines =
            rest.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n')).ok_or(BadNote::Malformed)?;
        if !is_plain(note) {
            return Err(BadNote::Malformed);
        }
        let signatures =
            lines.split('\n').map(Signature::parse).collect::<Option<Vec<_>>>().ok_or(BadNote::Malformed)?;
        if signatures.len() > SIGNATURES_MAX {
            return Err(BadNote::Malformed);
        }
        Ok(Self { text, signatures })
    }

    /// The text that was signed, final line feed included, whoever signed it.
    pub(crate) fn unverified_text(&self) -> &'n str {
        self.text
    }

    /// The text, if `key` signed it. Signatures by other keys are not looked at; a line that claims to be by `key`
    /// and is not rejects the note, whatever else stands in it.
    ///
    /// # Errors
    /// [`BadNote::Unsigned`] and [`BadNote::WrongSignature`].
    pub(crate) fn verify(&self, key: &VerifierKey) -> Result<&'n str, BadNote> {
        let ours = self.signatures.iter().find(|line| line.name == key.name && line.id == key.id);
        let signature = Ed25519::from_slice(&ours.ok_or(BadNote::Unsigned)?.bytes);
        let signature = signature.map_err(|_| BadNote::WrongSignature)?;
        // Strict: a small-order point makes one signature fit several texts.
        let verified = key.key.verify_strict(self.text.as_bytes(), &signature);
        verified.map(|()| self.text).map_err(|_| BadNote::WrongSignature)
    }
}

impl<'n> Signature<'n> {
    fn parse(line: &'n str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
        let blob = Base64::decode_vec(encoded).ok()?;
        let (id, bytes) = blob.split_first_chunk::<4>()?;
        (is_key_name(name) && !bytes.is_empty()).then(|| Self { name, id: *id, bytes: bytes.to_vec() })
    }
}

/// Why a note was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadNote {
    /// Not a signed note.
    Malformed,
    /// No signature by the key that was asked for.
    Unsigned,
    /// A signature in the key's name that is not the key's.
    WrongSignature,
}

impl fmt::Display for BadNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "this is no signed note",
            Self::Unsigned => "the note carries no signature by this key",
            Self::WrongSignature => "the signature in the key's name is wrong",
        })
    }
}

impl std::error::Error for BadNote {}

#[cfg(test)]
mod tests {
    use super::{BadKey, BadNote, Note, SigningKey, VerifierKey, sign};
    use crate::base::Secret;

    const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
        Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    fn open(note: &str, vkey: &str) -> Result<String, BadNote> {
        Note::parse(note.as_bytes())?.verify(&VerifierKey::parse(vkey).unwrap()).map(str::to_owned)
    }

    fn key(name: &str, byte: u8) -> SigningKey {
        SigningKey::new(name, Secret::from_fill(|seed| seed.fill(byte))).unwrap()
    }

    #[test]
    fn the_specification_s_note_opens_and_each_changed_byte_is_found() {
        assert_eq!(open(NOTE, VKEY).unwrap(), "This is an example message.\n");
        for at in 0..NOTE.len() {
            for bit in 0..8 {
                let mut bytes = NOTE.as_bytes().to_vec();
                bytes[at] ^= 1 << bit;
                let key = VerifierKey::parse(VKEY).unwrap();
                let opened = Note::parse(&bytes).and_then(|note| note.verify(&key).map(str::to_owned));
                assert!(opened.is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn keys_have_one_text() {
        assert_eq!(VerifierKey::parse(VKEY).unwrap().to_string(), VKEY);
        for refused in [
            "",
            "example.com/foo",
            "example.com/foo+530d903a",
            "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
            "example.com/foo+530d903a+AAkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        ] {
            assert_eq!(VerifierKey::parse(refused), Err(BadKey), "{refused}");
        }
        assert!(SigningKey::new("a+b", Secret::from_fill(|_| ())).is_err());
    }

    #[test]
    fn several_keys_sign_one_note_and_each_verifies_alone() {
        let (old, new, other) = (key("log", 1), key("log", 2), key("log", 3));
        let note = sign("a\n\nb\n", &[&old, &new]).unwrap();
        let note = Note::parse(&note).unwrap();
        assert_eq!(note.verify(old.verifier()), Ok("a\n\nb\n"));
        assert_eq!(note.verify(new.verifier()), Ok("a\n\nb\n"));
        assert_eq!(note.verify(other.verifier()), Err(BadNote::Unsigned));
    }

    #[test]
    fn a_signature_in_the_key_s_name_must_be_the_key_s() {
        let (log, other) = (key("log", 1), key("other", 2));
        let forged = sign("forged\n", &[&log]).unwrap();
        let line = String::from_utf8(forged).unwrap().lines().last().unwrap().to_owned();
        let genuine = String::from_utf8(sign("genuine\n", &[&other]).unwrap()).unwrap();
        let mixed = format!("{genuine}{line}\n");
        let note = Note::parse(mixed.as_bytes()).unwrap();
        assert_eq!(note.verify(log.verifier()), Err(BadNote::WrongSignature));
        assert_eq!(note.verify(other.verifier()), Ok("genuine\n"));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let line = NOTE.lines().last().unwrap();
        for malformed in [
            String::new(),
            "text\n".into(),
            "text\n\n".into(),
            format!("text\n\n{line}"),
            format!("te\txt\n\n{line}\n"),
            format!("te\rxt\n\n{line}\n"),
            format!("text\n\n{line}\nmore\n"),
            format!("text\n\n{}\n", line.replace('\u{2014}', "-")),
            "text\n\n\u{2014} name AAAA\n".into(),
            "text\n\n\u{2014} name AAAAAB==\n".into(),
            format!("text\n\n{}", format!("{line}\n").repeat(101)),
        ] {
            assert_eq!(Note::parse(malformed.as_bytes()).err(), Some(BadNote::Malformed), "{malformed:?}");
        }
        assert_eq!(sign("no line feed", &[]), Err(BadNote::Malformed));
        assert_eq!(sign("tab\t\n", &[]), Err(BadNote::Malformed));
    }
}
