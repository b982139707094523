//! A log in memory with all that stands beside it, for the verifier's tests to tamper with.

use std::convert::Infallible;

use super::{
    Checkpoint, Data, Entry, Evidence, FaultKind, Grant, Hash, Head, HeadRow, Hold, Key, NO_LEAF, Outcome,
    Place, Replay, Report, Row, SigningKey, Via, What, entry::Actor, leaf_hash, verify,
};
use crate::{
    access::{Object, PrincipalKind, Role},
    base::{
        AccountId, CaseId, Class, EntryNonce, GrantId, HoldId, PrincipalId, RequestId, RoomId, Secret, Time,
    },
};

const ORIGIN: &str = "audit.example.com/room/1";
pub(super) const ROOM: RoomId = RoomId::from_bytes([1; 16]);
pub(super) const ADMIN: PrincipalId = PrincipalId::from_bytes([7; 16]);

fn byte(position: u64) -> u8 {
    u8::try_from(position).unwrap()
}

fn time(position: u64) -> Time {
    Time::from_ms(1_790_000_000_000 + i64::from(byte(position)))
}

pub(super) fn signing_key(byte: u8) -> SigningKey {
    SigningKey::new(ORIGIN, Secret::from_fill(|seed| seed.fill(byte))).unwrap()
}

fn head_key() -> Secret<32> {
    Secret::from_fill(|key| key.fill(6))
}

/// A log and all that stands beside it, as an attacker finds it.
#[derive(Clone)]
pub(super) struct Log {
    pub(super) rows: Vec<Row>,
    pub(super) head: Vec<u8>,
    pub(super) mac: Hash,
    pub(super) files: [Option<Vec<u8>>; 2],
    pub(super) grants: Vec<Grant>,
    pub(super) holds: Vec<Hold>,
}

/// What the entry at `position` is about: grants and holds now and then, reading otherwise, an event of the future at 13.
fn what(position: u64) -> What {
    let grant = |n: u8| GrantId::from_bytes([n; 16]);
    let (not_before, expires) = (Time::from_ms(1), Time::from_ms(1_000_000));
    match position {
        0 => What::Known(Data::RoomInitialised {
            principals: vec![ADMIN],
            kinds: vec![PrincipalKind::Human],
            grants: vec![grant(100)],
            holders: vec![ADMIN],
            roles: vec![Role::AccessAdmin],
            not_before,
            expires,
            enrolments: vec![],
            enrolled: vec![],
            enrolments_expire: expires,
            waivers: vec![],
            rules: vec![],
            waivers_expire: expires,
        }),
        3 | 5 | 8 => What::Known(Data::GrantGiven {
            grant: grant(byte(position)),
            principal: PrincipalId::from_bytes([50; 16]),
            role: Role::Support,
            not_before,
            expires,
        }),
        9 => What::Known(Data::GrantRevoked { grant: grant(5) }),
        4 | 7 => What::Known(Data::HoldPlaced {
            hold: HoldId::from_bytes([byte(position); 16]),
            classes: vec![Class::Billing, Class::Support],
            review: expires,
        }),
        10 => What::Known(Data::HoldReleased { hold: HoldId::from_bytes([7; 16]) }),
        13 => What::Unknown { event: "moon.risen".into(), data: r#"{"full":1}"#.into() },
        _ => What::Known(Data::AccountRead {}),
    }
}

pub(super) fn entry(position: u64, prev: Hash) -> Entry {
    Entry {
        position,
        time: time(position),
        what: what(position),
        outcome: if matches!(position, 0 | 3..=5 | 7..=10) { Outcome::Done } else { Outcome::Granted },
        reason: None,
        actor: Actor::Principal(ADMIN),
        session: None,
        roles: vec!["access-admin".into()],
        rule: None,
        policy: [0; 32],
        purpose: None,
        case: Some(Object::from(CaseId::from_bytes([70; 16])).into()),
        subjects: vec![AccountId::from_bytes([60; 16])],
        objects: vec![],
        fields: vec![],
        view: None,
        request: RequestId::from_bytes([byte(position); 16]),
        via: Via::new("direct", "host"),
        details: vec![],
        nonce: EntryNonce::from_bytes([byte(position); 16]),
        prev,
    }
}

impl Log {
    /// A genuine log of `size` entries; the files hold `older` and `newest`.
    pub(super) fn new(size: u64, older: u64, newest: u64) -> Self {
        let mut log = Self::empty();
        let mut head = Head::new(1, 0, [0; 32]);
        let mut prev = NO_LEAF;
        for position in 0..=size {
            for (file, signed) in [(0, older), (1, newest)] {
                if signed == position {
                    log.files[file] = Some(signed_note(&head, 5));
                }
            }
            if position < size {
                prev = log.push(&entry(position, prev));
                head.push(prev, time(position));
            }
        }
        log.set_head(&head);
        let mut replay = Replay::default();
        log.rows.iter().for_each(|row| replay.apply(&Entry::decode(row.entry.as_ref().unwrap()).unwrap()));
        log.grants = replay.grants();
        log.holds = replay.holds();
        log
    }

    fn empty() -> Self {
        Self { rows: vec![], head: vec![], mac: [0; 32], files: [None, None], grants: vec![], holds: vec![] }
    }

    pub(super) fn push(&mut self, entry: &Entry) -> Hash {
        let line = entry.encode().unwrap();
        let leaf = leaf_hash(&line);
        self.rows.push(Row { position: self.rows.len() as u64, entry: Some(line), leaf });
        leaf
    }

    pub(super) fn set_head(&mut self, head: &Head) {
        self.head = head.canonical(&ROOM);
        self.mac = head.mac(&ROOM, &head_key());
    }

    /// The head that fits the rows as they are.
    pub(super) fn fitting_head(&self) -> Head {
        let mut head = Head::new(1, 0, [0; 32]);
        self.rows.iter().for_each(|row| head.push(row.leaf, Time::from_ms(9)));
        head
    }

    /// Changes the entry at `at` and its leaf hash, nothing else.
    pub(super) fn edit(&mut self, at: usize, change: impl FnOnce(&mut Entry)) {
        let mut entry = Entry::decode(self.rows[at].entry.as_ref().unwrap()).unwrap();
        change(&mut entry);
        let line = entry.encode().unwrap();
        self.rows[at].leaf = leaf_hash(&line);
        self.rows[at].entry = Some(line);
    }

    /// Makes positions and links fit from `from` on, as an attacker with SQL can.
    pub(super) fn rechain(&mut self, from: usize) {
        for at in from..self.rows.len() {
            let prev = if at == 0 { NO_LEAF } else { self.rows[at - 1].leaf };
            self.rows[at].position = at as u64;
            self.edit(at, |entry| {
                entry.position = at as u64;
                entry.prev = prev;
            });
        }
    }

    /// Numbers the rows of the table anew and leaves the lines.
    pub(super) fn renumber(&mut self) {
        (0..).zip(&mut self.rows).for_each(|(position, row)| row.position = position);
    }

    fn head_row(&self, with_mac_key: bool) -> Option<HeadRow> {
        let head = Head::from_canonical(&self.head, &ROOM)?;
        let authentic = with_mac_key.then(|| head.mac(&ROOM, &head_key()) == self.mac);
        Some(HeadRow { head, authentic })
    }

    pub(super) fn report(&self, key: Key<'_>, with_mac_key: bool) -> Report {
        let evidence = Evidence {
            head: self.head_row(with_mac_key),
            files: self.files.each_ref().map(Option::as_deref),
            key,
            grants: Some(&self.grants),
            holds: Some(&self.holds),
            approvals: None,
            waivers: None,
            factors: None,
            lives: None,
        };
        verify(self.rows.iter().cloned().map(Ok::<_, Infallible>), &evidence, |_| ()).unwrap()
    }

    /// What the room itself finds, with a pinned key.
    pub(super) fn verified(&self) -> Report {
        self.report(Key::Pinned(signing_key(5).verifier()), true)
    }

    #[track_caller]
    pub(super) fn finds(&self, faults: &[(FaultKind, Place)]) {
        let found: Vec<_> = self.verified().faults.iter().map(|fault| (fault.kind, fault.place)).collect();
        assert_eq!(found, faults);
    }
}

pub(super) fn signed_note(head: &Head, key: u8) -> Vec<u8> {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: head.size, root: head.root };
    checkpoint.sign(&signing_key(key)).unwrap()
}
