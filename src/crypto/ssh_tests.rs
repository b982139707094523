//! Signatures of the test's own making, each byte of them in the test's hand. What `ssh-keygen` writes is taken in
//! `tests/it/factors.rs`.

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha512};

use super::{Malformed, NAMESPACE, PLAIN, SECURITY_KEY, SshSignature};
use crate::crypto::digest::sha256;

const CHALLENGE: &[u8] = b"a challenge";
const APPLICATION: &[u8] = b"ssh:";

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// A signature, part by part.
#[derive(Clone)]
struct Made {
    kind: &'static str,
    magic: &'static [u8],
    version: u32,
    namespace: &'static str,
    reserved: &'static str,
    hash: &'static str,
    /// Flags and counter of a security key.
    token: Option<(u8, u32)>,
    application: &'static [u8],
    left_over: &'static [u8],
}

const GOOD: Made = Made {
    kind: PLAIN,
    magic: b"SSHSIG",
    version: 1,
    namespace: NAMESPACE,
    reserved: "",
    hash: "sha512",
    token: None,
    application: APPLICATION,
    left_over: b"",
};
const TOUCHED: Made = Made { kind: SECURITY_KEY, token: Some((1, 7)), ..GOOD };

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

impl Made {
    fn public(&self) -> Vec<u8> {
        let mut public = [string(self.kind.as_bytes()), string(key().verifying_key().as_bytes())].concat();
        if self.kind == SECURITY_KEY {
            public.extend(string(self.application));
        }
        public
    }

    /// The bytes, signed over this message: `PROTOCOL.sshsig`, and around them `PROTOCOL.u2f`.
    fn bytes(&self, message: &[u8]) -> Vec<u8> {
        let digest = match self.hash {
            "sha256" => sha256(&[message]).to_vec(),
            _ => Sha512::digest(message).to_vec(),
        };
        let head = [
            string(self.namespace.as_bytes()),
            string(self.reserved.as_bytes()),
            string(self.hash.as_bytes()),
        ];
        let mut signed = [b"SSHSIG".as_slice(), &head.concat(), &string(&digest)].concat();
        let mut after = Vec::new();
        if let Some((flags, counter)) = self.token {
            after = [[flags].as_slice(), &counter.to_be_bytes()].concat();
            signed = [sha256(&[self.application]).as_slice(), &after, &sha256(&[&signed])].concat();
        }
        let signature = key().sign(&signed).to_bytes();
        let inner = [string(self.kind.as_bytes()), string(&signature), after].concat();
        [
            self.magic,
            &self.version.to_be_bytes(),
            &string(&self.public()),
            &head.concat(),
            &string(&inner),
            self.left_over,
        ]
        .concat()
    }

    fn armoured(&self) -> String {
        armoured(&self.bytes(CHALLENGE))
    }
}

fn armoured(bytes: &[u8]) -> String {
    let encoded = Base64::encode_string(bytes);
    let lines: Vec<_> =
        encoded.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

fn is_good(text: &str) -> bool {
    SshSignature::parse(text).is_ok_and(|signature| signature.is_over(CHALLENGE))
}

#[test]
fn a_signature_holds_for_its_message_alone() {
    for made in [GOOD, Made { hash: "sha256", ..GOOD }, TOUCHED, Made { hash: "sha256", ..TOUCHED }] {
        let signature = SshSignature::parse(&made.armoured()).unwrap();
        assert!(signature.is_over(CHALLENGE) && !signature.is_over(b"another challenge"));
        assert_eq!(signature.key.point, *key().verifying_key().as_bytes());
        let application = made.token.map(|_| sha256(&[APPLICATION]));
        assert!(signature.key.application == application);
    }
}

#[test]
fn a_security_key_that_nobody_touched_signs_nothing() {
    for flags in [0, 2, 4, 0x80] {
        assert!(!is_good(&Made { token: Some((flags, 7)), ..TOUCHED }.armoured()), "flags {flags}");
    }
    for flags in [1, 5, 0x81] {
        assert!(is_good(&Made { token: Some((flags, 7)), ..TOUCHED }.armoured()), "flags {flags}");
    }
}

#[test]
fn what_was_signed_for_something_else_is_none() {
    for other in [
        Made { namespace: "git", ..GOOD },
        Made { namespace: "", ..GOOD },
        Made { reserved: "x", ..GOOD },
        Made { hash: "sha1", ..GOOD },
        Made { version: 2, ..GOOD },
        Made { magic: b"SSHSIH", ..GOOD },
        Made { left_over: b"\0", ..GOOD },
        Made { kind: "ssh-rsa", ..GOOD },
        Made { kind: SECURITY_KEY, ..GOOD },
        Made { token: Some((1, 7)), ..GOOD },
    ] {
        assert!(SshSignature::parse(&other.armoured()).err() == Some(Malformed));
    }
    // A plain key's signature is none of the same point in a security key, nor for another application.
    let moved = |from: &Made, to: &Made| {
        let mut bytes = from.bytes(CHALLENGE);
        let at = bytes.windows(from.public().len()).position(|part| part == from.public()).unwrap();
        let after = bytes.split_off(at - 4);
        let rest = &after[4 + from.public().len()..];
        armoured(&[bytes.as_slice(), &string(&to.public()), rest].concat())
    };
    assert!(is_good(&moved(&TOUCHED, &TOUCHED)));
    assert!(!is_good(&moved(&GOOD, &TOUCHED)) && !is_good(&moved(&TOUCHED, &GOOD)));
    assert!(!is_good(&moved(&TOUCHED, &Made { application: b"ssh:other", ..TOUCHED })));
}

/// A point of small order would verify signatures that nobody made.
#[test]
fn weak_keys_are_none() {
    let mut bytes = GOOD.bytes(CHALLENGE);
    let point = *key().verifying_key().as_bytes();
    let at = bytes.windows(32).position(|part| part == point).unwrap();
    bytes[at..at + 32].copy_from_slice(&[[1].as_slice(), &[0; 31]].concat());
    assert!(SshSignature::parse(&armoured(&bytes)).is_err());
}

/// Every byte counts, and nothing that is cut, or is no signature at all, is read past its end.
#[test]
fn a_changed_or_cut_signature_is_refused() {
    for made in [GOOD, TOUCHED] {
        let bytes = made.bytes(CHALLENGE);
        assert!(is_good(&armoured(&bytes)));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(!is_good(&armoured(&changed)), "byte {at}");
            assert!(!is_good(&armoured(&bytes[..at])), "cut at {at}");
        }
    }
    let text = GOOD.armoured();
    for other in [
        String::new(),
        text.replace("-----BEGIN", "----BEGIN"),
        text.replace("-----END SSH SIGNATURE-----\n", ""),
        text.replace('A', "!"),
        format!("x{text}"),
        "x".repeat(5000),
        armoured(&[]),
        armoured(&[0xff; 600]),
    ] {
        assert!(!is_good(&other), "{other}");
    }
    assert!(is_good(&format!("  {text}\n")), "white space around it is nobody's");
}
