//! What the verified log says was done: the other half of each comparison.

use std::collections::BTreeMap;

use crate::{
    audit::{Data, Entry, Named, Replay, Via, What},
    base::{AccountId, Class, Scope, Time},
    store::census::RowKind,
};

/// A row that the log says was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Made {
    pub(super) id: [u8; 16],
    /// Whom it is about.
    pub(super) subject: Option<AccountId>,
    /// The entry.
    pub(super) position: u64,
    /// When.
    pub(super) time: Time,
}

/// An erasure, begun or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Erasure {
    pub(super) account: AccountId,
    /// What goes.
    pub(super) classes: Vec<Class>,
    /// Of billing, which years.
    pub(super) years: Vec<u64>,
    /// What a hold defers.
    pub(super) deferred: Vec<Class>,
    pub(super) position: u64,
    pub(super) time: Time,
}

impl Erasure {
    /// What goes, as the keyring cuts it.
    pub(super) fn scopes(&self) -> Vec<(Class, Scope)> {
        let account = self.account;
        let year = |year: &u64| Some(Scope::AccountYear(account, u32::try_from(*year).ok()?));
        let of = |class: &Class| match class {
            Class::Billing => self.years.iter().filter_map(year).map(|scope| (*class, scope)).collect(),
            _ => vec![(*class, Scope::Account(account))],
        };
        self.classes.iter().flat_map(of).collect()
    }
}

/// What the log says, entry by entry. It grows with what was ever made in the room: 56 bytes a row.
#[derive(Default)]
pub(super) struct Record {
    made: BTreeMap<RowKind, Vec<Made>>,
    /// Grants and holds.
    pub(super) authority: Replay,
    pub(super) closed: BTreeMap<AccountId, Time>,
    pub(super) begun: Vec<Erasure>,
    pub(super) done: Vec<Erasure>,
    /// Card numbers that were masked before something was stored.
    pub(super) cards_masked: u64,
    /// When the first entry came by direct use of the room's files.
    pub(super) direct_since: Option<Time>,
    /// Entries by the component that carried the call.
    pub(super) components: BTreeMap<String, u64>,
    pub(super) entries: u64,
}

impl Record {
    /// Takes the next entry in.
    pub(super) fn apply(&mut self, entry: &Entry) {
        self.entries += 1;
        if entry.via.is_direct() {
            self.direct_since.get_or_insert(entry.time);
        }
        *self.components.entry(entry.via.component.clone()).or_default() += 1;
        self.authority.apply(entry);
        let What::Known(data) = &entry.what else { return };
        if entry.outcome.is_refusal() {
            return;
        }
        self.count_cards(data);
        self.follow(data, entry);
        for (kind, id) in made_by(data, entry) {
            let made = Made {
                id,
                subject: entry.subjects.first().copied(),
                position: entry.position,
                time: entry.time,
            };
            self.made.entry(kind).or_default().push(made);
        }
    }

    /// Entries that came by direct use of the room's files.
    pub(super) fn direct(&self) -> u64 {
        self.components.get(Via::DIRECT).copied().unwrap_or_default()
    }

    fn count_cards(&mut self, data: &Data) {
        self.cards_masked += match data {
            Data::AccountRegistered { cards_masked }
            | Data::AccountRenamed { cards_masked }
            | Data::AccountsImported { cards_masked, .. }
            | Data::BillingPaymentRecorded { cards_masked, .. }
            | Data::BillingInvoiceRecorded { cards_masked, .. }
            | Data::TicketOpened { cards_masked, .. }
            | Data::TicketWritten { cards_masked, .. }
            | Data::TicketNoted { cards_masked, .. }
            | Data::AttachmentPut { cards_masked, .. } => *cards_masked,
            _ => 0,
        };
    }

    fn follow(&mut self, data: &Data, entry: &Entry) {
        let Some(account) = entry.subjects.first().copied() else { return };
        let erasure = |classes: &[Class], years: &[u64], deferred: &[Class]| Erasure {
            account,
            classes: classes.to_vec(),
            years: years.to_vec(),
            deferred: deferred.to_vec(),
            position: entry.position,
            time: entry.time,
        };
        match data {
            Data::AccountClosed {} => {
                self.closed.entry(account).or_insert(entry.time);
            }
            Data::ErasureBegun { classes, years, deferred } => {
                self.begun.push(erasure(classes, years, deferred));
            }
            Data::ErasureDone { classes, years, .. } => self.done.push(erasure(classes, years, &[])),
            _ => {}
        }
    }

    /// The rows of a kind that the log says were made, in the order of their ids.
    pub(super) fn made(&self, kind: RowKind) -> Vec<Made> {
        let all = self.made.get(&kind).map(Vec::as_slice).unwrap_or_default();
        let mut made = all.to_vec();
        made.sort_unstable();
        made
    }

    /// Whether the log says that this class of an account was erased, or is being erased: its rows go one after the
    /// other.
    pub(super) fn is_erased(&self, account: AccountId, class: Class) -> bool {
        let mut erasures = self.begun.iter().chain(&self.done);
        erasures.any(|erasure| erasure.account == account && erasure.classes.contains(&class))
    }

    /// Erasures that were begun and are not done.
    pub(super) fn undone(&self) -> impl Iterator<Item = &Erasure> {
        self.begun.iter().filter(|begun| {
            let done = |class: &Class| self.is_done_after(begun.position, begun.account, *class);
            !begun.classes.iter().all(done)
        })
    }

    /// Whether a class of an account was done with after this position.
    pub(super) fn is_done_after(&self, position: u64, account: AccountId, class: Class) -> bool {
        let mut later = self.done.iter().filter(|done| done.position > position && done.account == account);
        later.any(|done| done.classes.contains(&class))
    }
}

/// The rows that an entry says were made.
fn made_by(data: &Data, entry: &Entry) -> Vec<(RowKind, [u8; 16])> {
    let named = |kinds: &[RowKind]| -> Vec<(RowKind, [u8; 16])> {
        let kind = |named: &Named| kinds.iter().copied().find(|kind| kind.noun() == named.noun);
        entry.objects.iter().filter_map(|named| Some((kind(named)?, named.id))).collect()
    };
    match data {
        Data::RoomInitialised { principals, grants, enrolments, waivers, .. } => {
            let principals = principals.iter().map(|id| (RowKind::Principal, *id.as_bytes()));
            let grants = grants.iter().map(|id| (RowKind::Grant, *id.as_bytes()));
            let enrolments = enrolments.iter().map(|id| (RowKind::Enrolment, *id.as_bytes()));
            let waivers = waivers.iter().map(|id| (RowKind::Waiver, *id.as_bytes()));
            principals.chain(grants).chain(enrolments).chain(waivers).collect()
        }
        Data::PrincipalAppointed { principal, enrolment, .. } => {
            vec![(RowKind::Principal, *principal.as_bytes()), (RowKind::Enrolment, *enrolment.as_bytes())]
        }
        Data::AccessRecovered { principals, grants, enrolments, .. } => {
            let principals = principals.iter().map(|id| (RowKind::Principal, *id.as_bytes()));
            let grants = grants.iter().map(|id| (RowKind::Grant, *id.as_bytes()));
            let enrolments = enrolments.iter().map(|id| (RowKind::Enrolment, *id.as_bytes()));
            principals.chain(grants).chain(enrolments).collect()
        }
        Data::ApprovalRequested { approval, .. } => vec![(RowKind::Approval, *approval.as_bytes())],
        Data::WaiverGiven { waiver, .. } => vec![(RowKind::Waiver, *waiver.as_bytes())],
        Data::FactorAdded { factor, .. } => vec![(RowKind::Factor, *factor.as_bytes())],
        Data::HoldPlaced { hold, .. } => vec![(RowKind::Hold, *hold.as_bytes())],
        Data::GrantGiven { grant, .. } => vec![(RowKind::Grant, *grant.as_bytes())],
        Data::EnrolmentIssued { enrolment, .. } => vec![(RowKind::Enrolment, *enrolment.as_bytes())],
        Data::AccountRegistered { .. } | Data::AccountsImported { .. } => named(&[RowKind::Account]),
        Data::TicketOpened { .. } => named(&[RowKind::Ticket, RowKind::Message]),
        Data::TicketWritten { message, .. } | Data::TicketNoted { message, .. } => {
            vec![(RowKind::Message, *message.as_bytes())]
        }
        Data::AttachmentPut { attachment, .. } => vec![(RowKind::Attachment, *attachment.as_bytes())],
        Data::BillingPaymentRecorded { payment, .. } => vec![(RowKind::Payment, *payment.as_bytes())],
        Data::BillingInvoiceRecorded { invoice, .. } => vec![(RowKind::Invoice, *invoice.as_bytes())],
        Data::ApiKeyMade { api_key, .. } => vec![(RowKind::ApiKey, *api_key.as_bytes())],
        Data::CaseOpened { case, .. } => vec![(RowKind::Case, *case.as_bytes())],
        _ => Vec::new(),
    }
}
