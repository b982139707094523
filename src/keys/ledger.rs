//! The erasure ledger: what was erased, outside both databases, so that a restored backup cannot forget it.
//!
//! Append-only lines, each MACed together with the MAC before it. This version reads it at every opening: a keyring
//! older than the newest line is refused. Erasure itself, which writes it, comes with step 1b.

use crate::{
    base::{Secret, base64url},
    crypto::mac,
};

/// The first word of each line.
const MAGIC: &str = "strongroom-ledger/1";
/// What stands before the first MAC.
const START: [u8; 32] = [0; 32];

/// What a ledger says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// Erasures in it.
    pub(crate) lines: u64,
    /// The keyring's epoch after the newest erasure; 0 if there is none.
    pub(crate) epoch: u64,
}

/// The ledger is not what this program wrote: a line was changed, removed or added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadLedger {
    /// The first bad line, from 1.
    pub(crate) line: u64,
}

impl Ledger {
    /// Reads a ledger: each line is `MAGIC INDEX EPOCH CLASS SCOPE POSITION MAC`, where MAC is HMAC-SHA-256 under the
    /// ledger key of the MAC before it and the line up to its last space. An unfinished last line, which a power cut
    /// can leave, is no erasure: its intent is still begun and is carried out again.
    ///
    /// # Errors
    /// [`BadLedger`].
    pub(crate) fn read(text: &str, key: &Secret<32>) -> Result<Self, BadLedger> {
        let (mut previous, mut ledger) = (START, Self { lines: 0, epoch: 0 });
        for line in text.split_inclusive('\n') {
            let Some(line) = line.strip_suffix('\n') else { break };
            let bad = BadLedger { line: ledger.lines + 1 };
            let (said, stated) = line.rsplit_once(' ').ok_or(bad)?;
            let stated = base64url::decode::<32>(stated).ok_or(bad)?;
            let expected = mac::hmac_sha256(key.expose(), &[&previous, said.as_bytes()]);
            if !mac::equal(&expected, &stated) {
                return Err(bad);
            }
            let epoch = epoch(said, bad.line).ok_or(bad)?;
            ledger = Self { lines: bad.line, epoch: epoch.max(ledger.epoch) };
            previous = stated;
        }
        Ok(ledger)
    }
}

/// The epoch of line number `index`.
fn epoch(said: &str, index: u64) -> Option<u64> {
    let mut words = said.split(' ');
    (words.next() == Some(MAGIC) && words.next()?.parse() == Ok(index)).then_some(())?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{BadLedger, Ledger, MAGIC, START};
    use crate::{
        base::{Secret, base64url},
        crypto::mac,
    };

    fn ledger(key: &Secret<32>, lines: u64) -> String {
        let (mut previous, mut text) = (START, String::new());
        for index in 1..=lines {
            let said = format!("{MAGIC} {index} {} identity AQ 17", index + 1);
            previous = mac::hmac_sha256(key.expose(), &[&previous, said.as_bytes()]);
            text.push_str(&format!("{said} {}\n", base64url::encode(&previous)));
        }
        text
    }

    #[test]
    fn a_ledger_is_whole_or_refused() {
        let key = Secret::random().unwrap();
        assert_eq!(Ledger::read("", &key), Ok(Ledger { lines: 0, epoch: 0 }));
        let text = ledger(&key, 3);
        assert_eq!(Ledger::read(&text, &key), Ok(Ledger { lines: 3, epoch: 4 }));
        let torn = text.get(..text.len() - 7).unwrap();
        assert_eq!(
            Ledger::read(torn, &key),
            Ok(Ledger { lines: 2, epoch: 3 }),
            "a torn last line is no erasure"
        );
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        assert_eq!(Ledger::read(&[lines[0], lines[2]].concat(), &key), Err(BadLedger { line: 2 }));
        assert_eq!(Ledger::read(&[lines[1], lines[2]].concat(), &key), Err(BadLedger { line: 1 }));
        assert_eq!(
            Ledger::read(&text.replace(" 3 identity", " 9 identity"), &key),
            Err(BadLedger { line: 2 })
        );
        assert_eq!(Ledger::read(&text, &Secret::random().unwrap()), Err(BadLedger { line: 1 }));
        assert!(Ledger::read("anything\n", &key).is_err());
    }
}
