//! The events of the log and, for each, the keys of its `data`: what replay needs, and counts.
//!
//! A name and its keys are frozen once released. What an older program does not know verifies all the same and is
//! counted ([`super::entry::What::Unknown`]).

use super::{
    backup::BackupKind,
    fact::Fact,
    json::{self, Cursor, Unexpected},
    tree::Hash,
};
use crate::{
    access::{
        Action, PrincipalKind, Role, SuspensionReason,
        rows::{FactorKind, Waivable},
    },
    base::{
        ApiKeyId, ApprovalId, AttachmentId, CaseId, Class, EnrolmentId, FactorId, GrantId, HoldId, InvoiceId,
        MessageId, PaymentId, PrincipalId, SessionId, TicketId, Time, WaiverId,
    },
};

/// Declares the events: variant, name, and the keys of the data in the order in which they stand.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident $name:literal { $($key:ident: $fact:ty),* })+) => {
        /// What an entry is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Event { $($(#[$doc])* $variant,)+ }

        impl Event {
            /// Every event.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The frozen name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The event with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// The keys of its data with what each holds, in order.
            pub const fn keys(self) -> &'static [(&'static str, &'static str)] {
                match self { $(Self::$variant => &[$((stringify!($key), <$fact as Fact>::KIND)),*],)+ }
            }
        }

        /// An event's data.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Data { $($(#[$doc])* $variant {
            $(#[doc = concat!("`", stringify!($key), "` of the data.")] $key: $fact,)*
        },)+ }

        impl Data {
            /// The event that it belongs to.
            pub const fn event(&self) -> Event {
                match self { $(Self::$variant { .. } => Event::$variant,)+ }
            }

            fn write_keys(&self, out: &mut String) {
                match self { $(Self::$variant { $($key),* } => {
                    $($key.write(json::key(out, stringify!($key)));)*
                })+ }
            }

            /// Whether each value can be read back.
            fn has_sound_values(&self) -> bool {
                match self { $(Self::$variant { $($key),* } => true $(&& Fact::is_sound($key))*,)+ }
            }

            fn read_keys(event: Event, cursor: &mut Cursor<'_>) -> Result<Self, Unexpected> {
                let start = cursor.at();
                Ok(match event { $(Event::$variant => Self::$variant {
                    $($key: Fact::read(cursor.key(start, stringify!($key))?)?,)*
                },)+ })
            }
        }
    };
}

events! {
    /// The ceremony that makes a room. Principal n is of kind n; grant n gives role n to holder n, between
    /// `not_before` and `expires`; enrolment n is for principal n of `enrolled`; waiver n puts rule n out of
    /// force until `waivers_expire`.
    RoomInitialised "room.initialised" {
        principals: Vec<PrincipalId>, kinds: Vec<PrincipalKind>,
        grants: Vec<GrantId>, holders: Vec<PrincipalId>, roles: Vec<Role>, not_before: Time, expires: Time,
        enrolments: Vec<EnrolmentId>, enrolled: Vec<PrincipalId>, enrolments_expire: Time,
        waivers: Vec<WaiverId>, rules: Vec<Waivable>, waivers_expire: Time
    }
    /// A backup came back as incarnation `incarnation`; the checkpoint it had, and the newest outside one.
    RoomRestored "room.restored" {
        incarnation: u64, size: u64, root: Hash, outside_size: u64, outside_root: Hash
    }
    /// A backup was taken: of the log up to `size` with this root, and the keyring as of `epoch`.
    BackupTaken "backup.taken" {
        kind: BackupKind, size: u64, root: Hash, epoch: u64, files: u64, bytes: u64
    }
    /// Entries `from` up to, not including, `to` had no outside checkpoint and were accepted: the head covers them.
    LogRecovered "log.recovered" { from: u64, to: u64 }
    /// A principal was made, and the one-time code issued that sets its password.
    PrincipalAppointed "principal.appointed" {
        principal: PrincipalId, kind: PrincipalKind, enrolment: EnrolmentId, expires: Time
    }
    /// A principal was disabled, and its roles were taken away.
    PrincipalDisabled "principal.disabled" { principal: PrincipalId }
    /// The actor gave a role.
    GrantGiven "grant.given" {
        grant: GrantId, principal: PrincipalId, role: Role, not_before: Time, expires: Time
    }
    /// A role was taken away.
    GrantRevoked "grant.revoked" { grant: GrantId }
    /// A one-time code was issued anew; the principal's open codes were withdrawn, and so many sessions ended.
    EnrolmentIssued "enrolment.issued" {
        enrolment: EnrolmentId, principal: PrincipalId, expires: Time, withdrawn: Vec<EnrolmentId>, sessions: u64
    }
    /// A one-time code set a password.
    EnrolmentUsed "enrolment.used" { enrolment: EnrolmentId, principal: PrincipalId }
    /// A member of staff logged in, or tried to.
    StaffLogin "staff.login" { session: SessionId, expires: Time }
    /// A member of staff logged out.
    StaffLogout "staff.logout" { session: SessionId }
    /// A customer's account was made.
    AccountRegistered "account.registered" { cards_masked: u64 }
    /// The accounts of one batch of a file were made: `count` of them.
    AccountsImported "accounts.imported" { count: u64, cards_masked: u64 }
    /// An account was looked up by a whole address; `found` is 0 or 1.
    AccountLookup "account.lookup" { found: u64 }
    /// An account was read masked.
    AccountRead "account.read" {}
    /// Fields of an account were revealed.
    AccountReveal "account.reveal" {}
    /// A password record was hashed anew with stronger settings.
    CredentialUpgraded "credential.upgraded" { generation: u64 }
    /// A password was changed.
    CredentialChanged "credential.changed" { generation: u64 }
    /// A transaction was recorded.
    BillingPaymentRecorded "billing.payment_recorded" { payment: PaymentId, cards_masked: u64 }
    /// An invoice was recorded.
    BillingInvoiceRecorded "billing.invoice_recorded" { invoice: InvoiceId, cards_masked: u64 }
    /// Payment data were read masked.
    BillingRead "billing.read" {}
    /// Payment data were read in detail.
    BillingReveal "billing.reveal" {}
    /// A ticket was opened.
    TicketOpened "ticket.opened" { ticket: TicketId, cards_masked: u64 }
    /// A message was written.
    TicketWritten "ticket.written" { message: MessageId, cards_masked: u64 }
    /// An internal note was left.
    TicketNoted "ticket.noted" { message: MessageId, cards_masked: u64 }
    /// Somebody works on a ticket.
    TicketAssigned "ticket.assigned" { ticket: TicketId, assignee: PrincipalId }
    /// A ticket was closed.
    TicketClosed "ticket.closed" { ticket: TicketId }
    /// A ticket was read.
    TicketRead "ticket.read" {}
    /// A file was attached.
    AttachmentPut "attachment.put" { attachment: AttachmentId, bytes: u64, cards_masked: u64 }
    /// An attached file was opened for reading from byte `from` on.
    AttachmentOpened "attachment.opened" { attachment: AttachmentId, from: u64 }
    /// A case was opened.
    CaseOpened "case.opened" { case: CaseId, expires: Time }
    /// A case was closed.
    CaseClosed "case.closed" { case: CaseId }
    /// `count` entries were read from position `from` on.
    AuditRead "audit.read" { from: u64, count: u64 }
    /// The log was verified up to `size`, with this many faults.
    AuditVerified "audit.verified" { size: u64, faults: u64 }
    /// The checkpoint of this size was taken away.
    AuditCheckpointed "audit.checkpointed" { size: u64 }
    /// The matrix or the policy was read.
    PolicyRead "policy.read" {}
    /// The room's state of health was read.
    HealthRead "health.read" {}
    /// These classes of the subject, of billing these years, are about to be destroyed; those of `deferred` as soon as
    /// no hold stands in the way.
    ErasureBegun "erasure.begun" { classes: Vec<Class>, years: Vec<u64>, deferred: Vec<Class> }
    /// They are destroyed, as of this epoch of the keyring: so many keys, indexes, rows and blobs.
    ErasureDone "erasure.done" {
        classes: Vec<Class>, years: Vec<u64>, epoch: u64, keys: u64, indexes: u64, rows: u64, blobs: u64
    }
    /// An account was closed: its periods begin.
    AccountClosed "account.closed" {}
    /// Something keeps these classes of the subject from being destroyed; to be looked at again by then.
    HoldPlaced "hold.placed" { hold: HoldId, classes: Vec<Class>, review: Time }
    /// A hold ended.
    HoldReleased "hold.released" { hold: HoldId }
    /// This many holds were listed.
    HoldRead "hold.read" { count: u64 }
    /// This many tickets were listed.
    TicketListed "ticket.listed" { count: u64 }
    /// This many clauses of the policy were checked, and this many do not hold.
    PolicyChecked "policy.checked" { clauses: u64, broken: u64 }
    /// Which customer's account is a principal's own was told, or, with `linked` 0, that none is. The log does not say
    /// which.
    PrincipalLinked "principal.linked" { principal: PrincipalId, linked: u64 }
    /// What somebody said of a field was held against it; `matched` is 0 or 1.
    AccountFieldVerified "account.field_verified" { matched: u64 }
    /// Accounts were looked for; this many were shown, of this many found. `query` is a keyed digest.
    AccountFound "account.found" { shown: u64, found: u64, query: Hash }
    /// An account was suspended until `until`.
    AccountSuspended "account.suspended" { cause: SuspensionReason, until: Time }
    /// A suspension was ended.
    AccountReinstated "account.reinstated" {}
    /// Second factors were taken from a principal, and so many sessions ended.
    FactorRemoved "factor.removed" { principal: PrincipalId, factors: Vec<FactorId>, sessions: u64 }
    /// Somebody asked for what needs a second person, or `needed` of them: `request` is the digest of exactly what.
    ApprovalRequested "approval.requested" { approval: ApprovalId, request: Hash, needed: u64, expires: Time }
    /// A second person approved (`approved` is 1) or refused it; or did so afterwards, where a delay stood for him.
    ApprovalDecided "approval.decided" { approval: ApprovalId, request: Hash, approved: u64 }
    /// This many approvals were listed.
    ApprovalListed "approval.listed" { count: u64 }
    /// A rule was put out of force until `expires`.
    WaiverGiven "waiver.given" { waiver: WaiverId, rule: Waivable, expires: Time }
    /// This many messages were claimed from the outbox.
    OutboxClaimed "outbox.claimed" { count: u64 }
    /// The room serves staff again.
    RoomResumed "room.resumed" {}
    /// The time of these requests passed.
    ApprovalExpired "approval.expired" { approvals: Vec<ApprovalId> }
    /// Enough keepers of the way back appointed principals who administer access: n has grant n, between `not_before` and
    /// `expires`, and enrolment n.
    AccessRecovered "access.recovered" {
        principals: Vec<PrincipalId>, grants: Vec<GrantId>, not_before: Time, expires: Time,
        enrolments: Vec<EnrolmentId>, enrolments_expire: Time
    }
    /// A member of staff gave the right password, and was asked for a second factor.
    FactorAsked "factor.asked" {}
    /// A principal has a second factor from now on, and so many other sessions ended.
    FactorAdded "factor.added" { factor: FactorId, principal: PrincipalId, kind: FactorKind, sessions: u64 }
    /// A customer gave himself another name, or none.
    AccountRenamed "account.renamed" { cards_masked: u64 }
    /// An account has another address, of this version.
    AccountReaddressed "account.readdressed" { version: u64 }
    /// The address of an account is again the one of this version: somebody else was first with the other.
    AccountAddressKept "account.address_kept" { version: u64 }
    /// A password was set by a code or a link.
    CredentialReset "credential.reset" { generation: u64 }
    /// A key for a customer's program was made.
    ApiKeyMade "api_key.made" { api_key: ApiKeyId, expires: Time }
    /// A key of a customer's program was taken back.
    ApiKeyRevoked "api_key.revoked" { api_key: ApiKeyId }
    /// This many registrations that nobody confirmed are gone, with their keys.
    RegistrationsExpired "registrations.expired" { count: u64 }
    /// A waiver ended before its time: its rule is in force again.
    WaiverEnded "waiver.ended" { waiver: WaiverId }
    /// The disk was full, with so many bytes free: from now on customers alone go on, from the reserve.
    ReserveGiven "reserve.given" { free: u64 }
    /// The reserve of so many bytes is there again, and everybody goes on; `given` is the entry of its having been given back.
    ReserveRestored "reserve.restored" { given: u64, bytes: u64 }
    /// The room was brought from one format to another; a backup of the log up to `size`, with this root, can bring the
    /// older one back.
    RoomUpgraded "room.upgraded" { from: u64, to: u64, size: u64, root: Hash }
    /// Two people said that the clock is right, which stood at `clock`: what destroys by age goes on.
    ClockConfirmed "clock.confirmed" { clock: Time }
    /// Nothing else was written for some hours; the room was in use, and its clock went on.
    LogBeat "log.beat" {}
}

impl Event {
    /// Whether its entries serve the two people who resume a room that is held: they log in, ask, approve and look at
    /// how the room stands. Nothing of a customer's is opened by any of it.
    pub(crate) const fn serves_resuming(self) -> bool {
        matches!(
            self,
            Self::StaffLogin
                | Self::StaffLogout
                | Self::FactorAsked
                | Self::ApprovalRequested
                | Self::ApprovalDecided
                | Self::ApprovalListed
                | Self::ApprovalExpired
                | Self::HealthRead
                | Self::RoomResumed
                // The first of them to come finds that a full disk has room again.
                | Self::ReserveGiven
                | Self::ReserveRestored
        )
    }

    /// Under which event a refused action stands in the log.
    pub(crate) const fn of(action: Action) -> Self {
        match action {
            Action::AccountLookup => Self::AccountLookup,
            Action::AccountReadMasked => Self::AccountRead,
            Action::AccountRevealField => Self::AccountReveal,
            Action::BillingReadMasked => Self::BillingRead,
            Action::BillingReadDetail => Self::BillingReveal,
            Action::BillingWrite => Self::BillingPaymentRecorded,
            Action::TicketReadAssigned | Action::TicketReadAny => Self::TicketRead,
            Action::TicketWrite => Self::TicketWritten,
            Action::TicketAssign => Self::TicketAssigned,
            Action::TicketClose => Self::TicketClosed,
            Action::AttachmentPut => Self::AttachmentPut,
            Action::AttachmentOpen => Self::AttachmentOpened,
            Action::CaseOpen => Self::CaseOpened,
            Action::CaseClose => Self::CaseClosed,
            Action::AuditRead => Self::AuditRead,
            Action::AuditVerify => Self::AuditVerified,
            Action::AuditCheckpoint => Self::AuditCheckpointed,
            Action::StaffCreate => Self::PrincipalAppointed,
            Action::StaffDisable => Self::PrincipalDisabled,
            Action::GrantGive => Self::GrantGiven,
            Action::GrantRevoke => Self::GrantRevoked,
            Action::PolicyRead => Self::PolicyRead,
            Action::HealthRead => Self::HealthRead,
            Action::AccountClose => Self::AccountClosed,
            Action::AccountErase => Self::ErasureBegun,
            Action::HoldPlace => Self::HoldPlaced,
            Action::HoldRelease => Self::HoldReleased,
            Action::HoldRead => Self::HoldRead,
            Action::TicketList => Self::TicketListed,
            Action::PolicyCheck => Self::PolicyChecked,
            Action::StaffReenrol => Self::EnrolmentIssued,
            Action::StaffLink => Self::PrincipalLinked,
            Action::AccountVerifyField => Self::AccountFieldVerified,
            Action::AccountFind => Self::AccountFound,
            Action::AccountSuspend => Self::AccountSuspended,
            Action::AccountReinstate => Self::AccountReinstated,
            Action::StaffFactorReset => Self::FactorRemoved,
            Action::ApprovalDecide => Self::ApprovalDecided,
            Action::ApprovalRead => Self::ApprovalListed,
            Action::WaiverGive => Self::WaiverGiven,
            Action::WaiverEnd => Self::WaiverEnded,
            Action::ApprovalReason => Self::ApprovalListed,
            Action::OutboxClaim => Self::OutboxClaimed,
            Action::RoomResume => Self::RoomResumed,
        }
    }
}

impl Data {
    /// Appends the JSON object.
    pub(super) fn write(&self, out: &mut String) {
        out.push('{');
        self.write_keys(out);
        out.push('}');
    }

    /// Reads the JSON object of `event`.
    pub(super) fn read(event: Event, cursor: &mut Cursor<'_>) -> Result<Self, Unexpected> {
        let here = cursor.unexpected();
        cursor.require("{")?;
        let data = Self::read_keys(event, cursor)?;
        cursor.require("}")?;
        if data.is_sound() { Ok(data) } else { Err(here) }
    }

    /// Whether it can be written: integers are in range, lists that belong together are equally long.
    pub(super) fn is_sound(&self) -> bool {
        let paired = match self {
            Self::RoomInitialised {
                principals,
                kinds,
                grants,
                holders,
                roles,
                enrolments,
                enrolled,
                waivers,
                rules,
                ..
            } => {
                principals.len() == kinds.len()
                    && grants.len() == holders.len()
                    && grants.len() == roles.len()
                    && enrolments.len() == enrolled.len()
                    && waivers.len() == rules.len()
            }
            Self::AccessRecovered { principals, grants, enrolments, .. } => {
                principals.len() == grants.len() && principals.len() == enrolments.len()
            }
            _ => true,
        };
        paired && self.has_sound_values()
    }
}

/// The events as a markdown table, for FORMAT.md.
pub fn events_markdown() -> String {
    let mut out = String::from("| Event | Keys of `data` |\n|---|---|\n");
    for event in Event::ALL {
        let keys = event.keys().iter().map(|(key, kind)| format!("`{key}` {kind}")).collect::<Vec<_>>();
        let keys = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
        out.push_str(&format!("| `{}` | {keys} |\n", event.name()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Data, Event, events_markdown};
    use crate::{
        access::{Action, Role},
        audit::json::{Cursor, is_name},
        base::{GrantId, PrincipalId, Time},
    };

    #[test]
    fn names_are_names_and_mean_one_event() {
        for event in Event::ALL {
            assert!(is_name(event.name()), "{event:?}");
            assert_eq!(Event::from_name(event.name()), Some(event));
        }
        assert_eq!(Event::from_name("grant.forged"), None);
        assert_eq!(Action::ALL.map(Event::of).len(), Action::ALL.len());
    }

    #[test]
    fn data_has_one_text() {
        let given = Data::GrantGiven {
            grant: GrantId::from_bytes([1; 16]),
            principal: PrincipalId::from_bytes([2; 16]),
            role: Role::Support,
            not_before: Time::from_ms(5),
            expires: Time::from_ms(6),
        };
        let mut text = String::new();
        given.write(&mut text);
        assert_eq!(
            text,
            r#"{"grant":"AQEBAQEBAQEBAQEBAQEBAQ","principal":"AgICAgICAgICAgICAgICAg","role":"support","not_before":5,"expires":6}"#
        );
        assert_eq!(Data::read(Event::GrantGiven, &mut Cursor::new(&text)), Ok(given));
        for refused in [
            text.replace("support", "superuser"),
            text.replace("\"role\":\"support\",", ""),
            text.replace(":5", ":05"),
            text.replace("}", ",\"more\":1}"),
            text.replace("expires", "expired"),
        ] {
            assert!(Data::read(Event::GrantGiven, &mut Cursor::new(&refused)).is_err(), "{refused}");
        }
        assert!(Data::read(Event::GrantRevoked, &mut Cursor::new(&text)).is_err());
    }

    #[test]
    fn lists_that_belong_together_are_equally_long() {
        let ceremony = |roles| Data::RoomInitialised {
            principals: vec![],
            kinds: vec![],
            grants: vec![GrantId::from_bytes([1; 16])],
            holders: vec![PrincipalId::from_bytes([2; 16])],
            roles,
            not_before: Time::ZERO,
            expires: Time::ZERO,
            enrolments: vec![],
            enrolled: vec![],
            enrolments_expire: Time::ZERO,
            waivers: vec![],
            rules: vec![],
            waivers_expire: Time::ZERO,
        };
        assert!(ceremony(vec![Role::Auditor]).is_sound());
        assert!(!ceremony(vec![]).is_sound());
        let mut text = String::new();
        ceremony(vec![]).write(&mut text);
        assert!(Data::read(Event::RoomInitialised, &mut Cursor::new(&text)).is_err());
        assert!(!Data::LogRecovered { from: 1 << 53, to: 0 }.is_sound());
    }

    #[test]
    fn the_table_names_every_event() {
        assert_eq!(events_markdown().lines().count(), Event::ALL.len() + 2);
        assert!(events_markdown().contains("| `ticket.assigned` | `ticket` id, `assignee` id |"));
    }
}
