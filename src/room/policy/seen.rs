//! What the checks look at: one state of both databases, and what the log of that state says.

use super::{record::Record, verdict::Ways};
use crate::{
    access::{
        Vouched,
        rows::{HoldRow, HoldState},
    },
    audit::{Entry, Evidence, Head, HeadRow, Key, Report, verify},
    base::{AccountId, Class, Time},
    keys::LedgerLine,
    room::{core::Core, error::Failure, verify::Entries},
    store::{OneState, Queries, StoreError, authority, log},
};

/// One state of a room.
pub(super) struct Seen<'s, 'd, 'k> {
    pub(super) core: &'s Core,
    pub(super) store: &'s mut OneState<'d>,
    pub(super) keys: &'s mut OneState<'k>,
    pub(super) record: Record,
    pub(super) report: Report,
    pub(super) ledger: Vec<LedgerLine>,
    pub(super) now: Time,
}

/// The holds in force, as far as they are genuine.
pub(super) struct Holds(Vec<Vouched<HoldRow>>);

impl Holds {
    /// Whether a class of an account is held.
    pub(super) fn keep(&self, account: AccountId, class: Class) -> bool {
        self.0.iter().any(|hold| hold.account == account && hold.classes.contains(class))
    }
}

impl Seen<'_, '_, '_> {
    /// The holds in force.
    pub(super) fn holds(&mut self) -> Result<Holds, StoreError> {
        let rows = authority::all::<HoldRow>(self.store, u32::MAX)?.into_iter();
        let genuine = rows.filter_map(|stored| self.core.voucher.vouch(stored).ok());
        Ok(Holds(genuine.filter(|hold| hold.state == HoldState::Live).collect()))
    }

    /// Which way the entries of the log came.
    pub(super) fn ways(&self) -> Ways {
        let (record, report) = (&self.record, &self.report);
        Ways {
            entries: record.entries,
            direct: record.direct(),
            direct_since: record.direct_since,
            log_faults: (report.faults.len() as u64).saturating_add(report.faults_left_out),
        }
    }
}

impl Core {
    /// Shows one state of the room to `look`. Checkpoints and ledger are read before the store, and the store before the
    /// keyring: of what goes on meanwhile, a ledger's line has its entry `begun`, a key is there before what it seals,
    /// and a fence before its entry `done`.
    pub(super) fn look<T>(
        &self,
        progress: &mut dyn FnMut(u64),
        look: impl FnOnce(&mut Seen<'_, '_, '_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let notary = self.store.book().notary();
        let files = notary.files().map_err(|e| Failure::File { path: "checkpoint".into(), fault: e.kind })?;
        let ledger = self.ledger.read().map_err(Failure::from)?.lines;
        self.store.read_one_state(|store| {
            let (record, report) = self.read_log(store, &files, progress)?;
            self.vault.database.read_one_state(|keys| {
                let now = self.clock.now();
                look(&mut Seen { core: self, store, keys, record, report, ledger, now })
            })
        })
    }

    fn read_log(
        &self,
        store: &mut OneState<'_>,
        files: &[Option<Vec<u8>>; 2],
        progress: &mut dyn FnMut(u64),
    ) -> Result<(Record, Report), Failure> {
        let notary = self.store.book().notary();
        let head = log::head(store.engine())?.and_then(|stored| {
            let head = Head::from_canonical(&stored.head, &self.id)?;
            Some(HeadRow { authentic: Some(notary.check(&head, &stored.mac).is_ok()), head })
        });
        let files = files.each_ref().map(Option::as_deref);
        let evidence = Evidence {
            head,
            files,
            key: Key::OfRoom(notary.verifier()),
            grants: None,
            holds: None,
            approvals: None,
            waivers: None,
            factors: None,
            lives: None,
        };
        let mut record = Record::default();
        let rows = Entries::new(store).inspect(|row| {
            let line = row.as_ref().ok().and_then(|row| row.entry.as_deref());
            if let Some(Ok(entry)) = line.map(Entry::decode) {
                record.apply(&entry);
            }
        });
        let report = verify(rows, &evidence, progress)?;
        Ok((record, report))
    }
}
