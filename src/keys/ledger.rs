//! The erasure ledger: what was erased, outside both databases, so that a restored backup cannot forget it.
//!
//! Append-only lines, each MACed together with the MAC before it. FORMAT.md section 9.

use std::{fmt, str};

use crate::{
    base::{Class, Scope, Secret, base64url},
    crypto::mac,
};

/// The first word of each line.
const MAGIC: &str = "strongroom-ledger/1";
/// What stands before the first MAC.
const START: [u8; 32] = [0; 32];

/// One destroyed class of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LedgerLine {
    /// The keyring's epoch after the destruction.
    pub(crate) epoch: u64,
    /// What was destroyed.
    pub(crate) class: Class,
    /// Whose.
    pub(crate) scope: Scope,
    /// Position of the entry that began it: where the fence stands.
    pub(crate) position: u64,
}

/// What a ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// The destructions, oldest first.
    pub(crate) lines: Vec<LedgerLine>,
    /// The keyring's epoch after the newest; 0 if there is none.
    pub(crate) epoch: u64,
    /// How many bytes the whole lines take: what follows is an unfinished one.
    pub(super) bytes: usize,
    /// The newest line's MAC.
    last: [u8; 32],
}

/// The ledger is not what this program wrote: a line was changed, removed or added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadLedger {
    /// The first bad line, from 1.
    pub(crate) line: u64,
}

impl fmt::Display for BadLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the erasure ledger is not what this program wrote", self.line)
    }
}

impl Ledger {
    /// A ledger without lines.
    fn empty() -> Self {
        Self { lines: Vec::new(), epoch: 0, bytes: 0, last: START }
    }

    /// Reads a ledger: each line is `MAGIC INDEX EPOCH CLASS SCOPE POSITION MAC`, where MAC is HMAC-SHA-256 under the
    /// ledger key of the MAC before it and the line up to its last space. An unfinished last line, which a power cut
    /// can leave, is no erasure: its intent is still begun and is carried out again.
    ///
    /// # Errors
    /// [`BadLedger`].
    pub(crate) fn read(text: &[u8], key: &Secret<32>) -> Result<Self, BadLedger> {
        let mut ledger = Self::empty();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let bad = BadLedger { line: ledger.next() };
            let text = str::from_utf8(line).map_err(|_| bad)?;
            let Some(whole) = text.strip_suffix('\n') else { break };
            ledger.take(whole, key).ok_or(bad)?;
            ledger.bytes += line.len();
        }
        Ok(ledger)
    }

    fn next(&self) -> u64 {
        self.lines.len() as u64 + 1
    }

    fn take(&mut self, line: &str, key: &Secret<32>) -> Option<()> {
        let (said, stated) = line.rsplit_once(' ')?;
        let stated = base64url::decode::<32>(stated)?;
        if !mac::equal(&chained(key, &self.last, said), &stated) {
            return None;
        }
        let line = read_line(said, self.next())?;
        // What this program would write differently it has not written.
        (write_line(&line, self.next()) == said).then_some(())?;
        self.epoch = self.epoch.max(line.epoch);
        self.lines.push(line);
        self.last = stated;
        Some(())
    }

    /// Whether a line would say nothing new: the destruction stands in it, and so does its epoch or a later one. The
    /// same destruction under a later epoch is one more, of a keyring that was restored.
    fn knows(&self, line: &LedgerLine) -> bool {
        let stands = self.lines.iter().any(|known| (known.class, known.scope) == (line.class, line.scope));
        stands && line.epoch <= self.epoch
    }

    /// The text of those of `lines` that say something new, and the ledger with them.
    pub(super) fn extended(mut self, lines: &[LedgerLine], key: &Secret<32>) -> (String, Self) {
        let mut text = String::new();
        let new: Vec<_> = lines.iter().filter(|line| !self.knows(line)).collect();
        for line in new {
            let said = write_line(line, self.next());
            self.last = chained(key, &self.last, &said);
            text.push_str(&format!("{said} {}\n", base64url::encode(&self.last)));
            self.epoch = self.epoch.max(line.epoch);
            self.lines.push(*line);
        }
        self.bytes += text.len();
        (text, self)
    }
}

fn chained(key: &Secret<32>, previous: &[u8; 32], said: &str) -> [u8; 32] {
    mac::hmac_sha256(key.expose(), &[previous, said.as_bytes()])
}

fn write_line(line: &LedgerLine, index: u64) -> String {
    let LedgerLine { epoch, class, scope, position } = line;
    let scope = base64url::encode(&scope.to_bytes());
    format!("{MAGIC} {index} {epoch} {} {scope} {position}", class.name())
}

/// What line number `index` says.
fn read_line(said: &str, index: u64) -> Option<LedgerLine> {
    let mut words = said.split(' ');
    (words.next() == Some(MAGIC) && words.next()?.parse() == Ok(index)).then_some(())?;
    let epoch = words.next()?.parse().ok()?;
    let class = words.next()?;
    let class = Class::ALL.into_iter().find(|known| known.name() == class)?;
    let scope = Scope::from_bytes(base64url::decode::<21>(words.next()?)?)?;
    let position = words.next()?.parse().ok()?;
    words.next().is_none().then_some(LedgerLine { epoch, class, scope, position })
}

#[cfg(test)]
mod tests {
    use super::{BadLedger, Ledger, LedgerLine};
    use crate::base::{AccountId, Class, Scope, Secret};

    fn line(n: u64) -> LedgerLine {
        let scope = Scope::AccountYear(AccountId::from_bytes([7; 16]), 2000 + u32::try_from(n).unwrap());
        LedgerLine { epoch: n + 1, class: Class::Billing, scope, position: 10 * n }
    }

    fn text(key: &Secret<32>, lines: u64) -> Vec<u8> {
        let lines: Vec<_> = (1..=lines).map(line).collect();
        Ledger::empty().extended(&lines, key).0.into_bytes()
    }

    fn said(ledger: Result<Ledger, BadLedger>) -> Result<(usize, u64), BadLedger> {
        ledger.map(|ledger| (ledger.lines.len(), ledger.epoch))
    }

    #[test]
    fn a_ledger_is_whole_or_refused() {
        let key = Secret::random().unwrap();
        assert_eq!(said(Ledger::read(b"", &key)), Ok((0, 0)));
        let whole = text(&key, 3);
        let ledger = Ledger::read(&whole, &key).unwrap();
        assert_eq!((ledger.lines.as_slice(), ledger.epoch), ([line(1), line(2), line(3)].as_slice(), 4));
        let torn = whole.get(..whole.len() - 7).unwrap();
        assert_eq!(said(Ledger::read(torn, &key)), Ok((2, 3)), "a torn last line is no erasure");
        let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        let refused = |text: &[u8], line| assert_eq!(said(Ledger::read(text, &key)), Err(BadLedger { line }));
        refused(&[lines[0], lines[2]].concat(), 2);
        refused(&[lines[1], lines[2]].concat(), 1);
        let edited = String::from_utf8(whole.clone()).unwrap();
        refused(edited.replace(" 3 billing", " 9 billing").as_bytes(), 2);
        refused(edited.replace(" 3 billing", " 3 support").as_bytes(), 2);
        refused(edited.replace(" 3 billing", " 03 billing").as_bytes(), 2);
        assert_eq!(said(Ledger::read(&whole, &Secret::random().unwrap())), Err(BadLedger { line: 1 }));
        refused(b"anything\n", 1);
        refused(b"\xff\n", 1);
    }

    #[test]
    fn a_ledger_goes_on_behind_its_last_whole_line_and_says_nothing_twice() {
        let key = Secret::random().unwrap();
        let whole = text(&key, 3);
        let two = Ledger::read(whole.get(..whole.len() - 1).unwrap(), &key).unwrap();
        let kept = two.bytes;
        let (added, grown) = two.extended(&[line(2), line(3)], &key);
        assert_eq!([whole.get(..kept).unwrap(), added.as_bytes()].concat(), whole);
        assert_eq!((grown.bytes, grown.epoch), (whole.len(), 4), "what stands there stands there once");
        let again = [line(1), line(2)].map(|line| LedgerLine { epoch: 9, ..line });
        let (_, restored) = grown.extended(&again, &key);
        assert_eq!((restored.lines.len(), restored.epoch), (5, 9), "destroyed again is said again");
    }
}
