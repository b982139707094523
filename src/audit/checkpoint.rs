//! Checkpoints (c2sp.org/tlog-checkpoint v1.0.0): a signed statement of the log's size and root.

use std::fmt;

use base64ct::{Base64, Encoding};

use super::{
    note::{self, BadNote, Note, SigningKey, VerifierKey},
    tree::Hash,
};
use crate::base::limits;

/// What a checkpoint states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's identity, equal to the name of the key that signs it: a schema-less URL whose last segment is the
    /// incarnation. No white space, no `+`.
    pub origin: String,
    /// How many entries the log has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The statement in its file's bytes without a signature check: for a reader without a key, who gets
    /// consistency and no authenticity.
    ///
    /// # Errors
    /// [`BadNote::Malformed`].
    pub fn read_unverified(file: &[u8]) -> Result<Self, BadNote> {
        Self::parse(note_of(file)?.unverified_text()).ok_or(BadNote::Malformed)
    }

    /// The statement in its file's bytes, if `key` signed it and its origin is the key's name.
    ///
    /// # Errors
    /// [`BadNote`]; a checkpoint of another log counts as [`BadNote::Unsigned`].
    pub fn open(file: &[u8], key: &VerifierKey) -> Result<Self, BadNote> {
        let checkpoint = Self::parse(note_of(file)?.verify(key)?).ok_or(BadNote::Malformed)?;
        // A key that signs for two logs must not let one stand in for the other.
        if checkpoint.origin == key.name() { Ok(checkpoint) } else { Err(BadNote::Unsigned) }
    }

    /// Opens a checkpoint of any incarnation of `key`'s log.
    ///
    /// # Errors
    /// [`BadNote`].
    pub(crate) fn open_of_any(file: &[u8], key: &VerifierKey) -> Result<Self, BadNote> {
        let origin = Self::read_unverified(file)?.origin;
        Self::open(file, &key.of_incarnation(&origin).ok_or(BadNote::Unsigned)?)
    }

    /// How often the log had been begun again when it was signed: the number at the end of the origin; 0 without one.
    pub fn incarnation(&self) -> u32 {
        note::incarnation(&self.origin).map_or(0, |(_, incarnation)| incarnation)
    }

    /// What the newest of several is told by: a restore begins a smaller log, and a newer one.
    pub(super) fn age(&self) -> (u32, u64) {
        (self.incarnation(), self.size)
    }

    /// The signed note of this statement.
    ///
    /// # Errors
    /// [`BadNote::Malformed`] if the origin is no key name.
    pub(crate) fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, BadNote> {
        if note::is_key_name(&self.origin) {
            note::sign(&self.to_string(), &[key])
        } else {
            Err(BadNote::Malformed)
        }
    }

    /// The statement that a note's text makes. Extension lines are refused: this log writes none, and others
    /// disagree whether a co-signature covers them.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let mut hash = Hash::default();
        let filled = Base64::decode(root, &mut hash).ok()?.len() == hash.len();
        let parsed = Self { origin: origin.to_owned(), size: size.parse().ok()?, root: hash };
        // The text is compared with its canonical form: `+1` and `01` are numbers to the parser, not to a note.
        (filled && note::is_key_name(origin) && lines.next().is_none() && parsed.to_string() == text)
            .then_some(parsed)
    }
}

fn note_of(file: &[u8]) -> Result<Note<'_>, BadNote> {
    if file.len() > limits::CHECKPOINT_BYTES_MAX { Err(BadNote::Malformed) } else { Note::parse(file) }
}

/// The note's text: origin, size, root in base64, each ended by a line feed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, Base64::encode_string(&self.root))
    }
}

#[cfg(test)]
mod tests {
    use super::Checkpoint;
    use crate::{
        audit::{
            note::{BadNote, SigningKey, VerifierKey},
            tree::{leaf_hash, root_of},
        },
        base::Secret,
    };

    const LOG: &str = "audit.example.com/accounts+efaa07ce+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    const TEXT: &str = "audit.example.com/accounts\n5\nfKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nI=\n";
    const LOG_LINE: &str = "\u{2014} audit.example.com/accounts 76oHznlw86hPoZ3qNf6OTZRNK18AGohwVGAnnjTBXMkYRremljEG\
        JmQQvWeTwt/rSdtyG/ziw3dfpjX1emY9r7bhAgQ=\n";
    const WITNESS_LINE: &str = "\u{2014} witness.example.net/w1 ZpvilAAAAABqsTuAAYLRl8Mi51444c9uVlldozvQCq6065Y0PXZOU\
        4l+r1ga1FGR3crnpKnrdTR6ZtEjCdgxdblIWa0l3xABbJUpCg==\n";

    fn signing_key(name: &str) -> SigningKey {
        let count = |seed: &mut [u8; 32]| (0..).zip(seed.iter_mut()).for_each(|(n, byte)| *byte = n);
        SigningKey::new(name, Secret::from_fill(count)).unwrap()
    }

    /// The worked example of reference/audit-log.md 2.8, which four other implementations accept.
    #[test]
    fn the_worked_checkpoint_is_made_and_opened() {
        let entries = (0..5).map(|n| leaf_hash(format!("entry {n}").as_bytes()));
        let made =
            Checkpoint { origin: "audit.example.com/accounts".into(), size: 5, root: root_of(entries) };
        assert_eq!(made.to_string(), TEXT);
        let key = signing_key("audit.example.com/accounts");
        assert_eq!(key.verifier().to_string(), LOG);
        assert_eq!(made.sign(&key).unwrap(), format!("{TEXT}\n{LOG_LINE}").into_bytes());

        let cosigned = format!("{TEXT}\n{LOG_LINE}{WITNESS_LINE}");
        assert_eq!(Checkpoint::open(cosigned.as_bytes(), &VerifierKey::parse(LOG).unwrap()), Ok(made));
    }

    #[test]
    fn another_log_s_checkpoint_does_not_stand_in() {
        let other = Checkpoint { origin: "b".into(), size: 0, root: root_of([]) };
        let file = other.sign(&signing_key("a")).unwrap();
        assert_eq!(Checkpoint::open(&file, signing_key("a").verifier()), Err(BadNote::Unsigned));
        assert_eq!(Checkpoint::read_unverified(&file), Ok(other));
    }

    #[test]
    fn only_the_canonical_text_is_read() {
        let sound = Checkpoint::parse(TEXT).unwrap();
        assert_eq!(sound.size, 5);
        for text in [
            TEXT.replace("\n5\n", "\n05\n"),
            TEXT.replace("\n5\n", "\n+5\n"),
            TEXT.replace("\n5\n", "\n-5\n"),
            TEXT.replace("\n5\n", "\n18446744073709551616\n"),
            TEXT.replace('=', ""),
            TEXT.replace("nI=", "nJ="),
            TEXT.replace("audit.example.com", "audit example.com"),
            format!("{TEXT}extension\n"),
            format!("\n{TEXT}"),
            String::new(),
        ] {
            assert_eq!(Checkpoint::parse(&text), None, "{text:?}");
        }
        let empty_root = "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        assert_eq!(Checkpoint::parse(empty_root).unwrap().root, root_of([]));
    }
}
