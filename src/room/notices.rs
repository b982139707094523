//! Telling people: a notice is written in the transaction of what it tells of, so that neither is without the other. It
//! names ids; what is said, and to which address, is known when it is claimed (`outbox`). A room that nobody has upgraded
//! has no table for it, and tells nobody.

use std::sync::atomic::Ordering;

use super::core::{CodesTo, Core};
use crate::{
    access::{
        NoticeKind, Object, Permit, PrincipalKind, Receiver, Role, Roles, approving,
        rows::{ApprovalRow, ChallengeRow, GrantRow, PrincipalRow, PrincipalState},
    },
    base::{AccountId, NoticeId, PrincipalId, limits},
    store::{
        LogTurn, Queries, StoreError, authority,
        outbox::{self, Channel},
    },
};

/// What a notice says beside whom it is for.
#[derive(Clone, Copy)]
pub(super) struct Says {
    pub(super) kind: NoticeKind,
    /// What it is about, of the sort that its kind has.
    pub(super) about: Option<Object>,
}

impl From<NoticeKind> for Says {
    fn from(kind: NoticeKind) -> Self {
        Self { kind, about: None }
    }
}

impl Core {
    /// Whether the room has an outbox. Once it has, it has one for good.
    pub(super) fn has_outbox(&self, db: &mut impl Queries) -> Result<bool, StoreError> {
        if self.outbox.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let is_there = outbox::is_there(db)?;
        self.outbox.store(is_there, Ordering::Relaxed);
        Ok(is_there)
    }

    /// Whether the outbox has what a customer asks for delivered.
    pub(super) fn posts_codes(&self, turn: &mut LogTurn<'_>) -> Result<bool, StoreError> {
        Ok(self.has_outbox(turn)? && self.codes_to == CodesTo::Outbox)
    }

    /// Tells a customer something, at the address that he has when it is delivered.
    pub(super) fn tell(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
        says: impl Into<Says>,
    ) -> Result<(), StoreError> {
        self.write_notice(turn, Receiver::Account(account), says.into(), None)
    }

    /// Tells a customer something at an address that he has no more: as it stood in his row, with its version.
    pub(super) fn tell_former(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
        says: impl Into<Says>,
        former: (u64, Vec<u8>),
    ) -> Result<(), StoreError> {
        self.write_notice(turn, Receiver::Account(account), says.into(), Some(former))
    }

    /// Tells colleagues something, each of them once.
    pub(super) fn tell_colleagues(
        &self,
        turn: &mut LogTurn<'_>,
        mut colleagues: Vec<PrincipalId>,
        says: impl Into<Says>,
    ) -> Result<(), StoreError> {
        let says = says.into();
        colleagues.sort_unstable();
        colleagues.dedup();
        colleagues.into_iter().try_for_each(|id| self.write_notice(turn, Receiver::Principal(id), says, None))
    }

    /// Has a code delivered; the row is the same whether there is anybody to deliver it to.
    pub(super) fn tell_code(&self, turn: &mut LogTurn<'_>, code: &ChallengeRow) -> Result<(), StoreError> {
        let row = outbox::NoticeRow {
            id: NoticeId::random()?,
            kind: NoticeKind::Code,
            receiver: Receiver::Account(code.account),
            challenge: Some(code.id),
            object: None,
            created: code.created,
            expires: code.expires,
            tries: 0,
            former: None,
            seq: 0,
        };
        outbox::insert(turn, Channel::Letter, &row)
    }

    /// Writes the notice, and where webhooks are sent the one that tells of the same; of what is told at two addresses it
    /// tells once.
    fn write_notice(
        &self,
        turn: &mut LogTurn<'_>,
        receiver: Receiver,
        says: Says,
        former: Option<(u64, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        if !self.has_outbox(turn)? {
            return Ok(());
        }
        let created = turn.time();
        let row = outbox::NoticeRow {
            id: NoticeId::random()?,
            kind: says.kind,
            receiver,
            challenge: None,
            object: says.about.map(|object| *object.id_bytes()),
            created,
            expires: created.plus(limits::OUTBOX_LIFETIME),
            tries: 0,
            former,
            seq: 0,
        };
        outbox::insert(turn, Channel::Letter, &row)?;
        if !self.sends_webhooks || row.former.is_some() {
            return Ok(());
        }
        outbox::insert(turn, Channel::Webhook, &outbox::NoticeRow { id: NoticeId::random()?, ..row })
    }

    /// Tells whom a permit's cell asks to be told: the person that it is about, and who guards accounts and administers
    /// access; of what is done to a colleague, him too.
    pub(super) fn tell_of(&self, turn: &mut LogTurn<'_>, permit: &Permit) -> Result<(), StoreError> {
        if !permit.asks_notice() {
            return Ok(());
        }
        let about = |kind, who| Says { kind, about: Some(Object::Principal(who)) };
        let mut told = self.security_channel(turn)?;
        told.retain(|id| *id != permit.actor());
        let named = permit.objects().iter().find_map(|object| match object {
            Object::Principal(id) => Some(*id),
            _ => None,
        });
        let says = match named {
            Some(colleague) => {
                told.push(colleague);
                about(NoticeKind::StaffChanged, colleague)
            }
            None => about(NoticeKind::EmergencyUsed, permit.actor()),
        };
        if let Some(subject) = permit.subject() {
            self.tell(turn, subject, says)?;
        }
        self.tell_colleagues(turn, told, says)
    }

    /// Tells who can approve a request that it waits; where a delay may stand for them, all colleagues.
    pub(super) fn tell_approvers(&self, turn: &mut LogTurn<'_>, row: &ApprovalRow) -> Result<(), StoreError> {
        let is_delayed = self.delayed_until(turn, row)?.is_some();
        let roles = if is_delayed { Roles::NONE } else { approving::approvers(row.action, row.role) };
        let mut told = self.colleagues(turn, roles)?;
        told.retain(|id| *id != row.requester && Some(*id) != row.beneficiary);
        let about = Some(Object::Approval(row.id));
        self.tell_colleagues(turn, told, Says { kind: NoticeKind::ApprovalWanted, about })
    }

    /// The people who may act and hold one of these roles; all of them where none is named.
    pub(super) fn colleagues(
        &self,
        turn: &mut LogTurn<'_>,
        roles: Roles,
    ) -> Result<Vec<PrincipalId>, StoreError> {
        let now = turn.time();
        let grants = authority::all::<GrantRow>(turn, u32::MAX)?.into_iter();
        let grants = grants.filter_map(|row| self.vouch(Some(row)));
        let holders: Vec<_> = grants
            .filter(|grant| grant.is_live(now) && roles.contains(grant.role))
            .map(|grant| grant.principal)
            .collect();
        let people = authority::all::<PrincipalRow>(turn, u32::MAX)?.into_iter();
        let people = people.filter_map(|row| self.vouch(Some(row)));
        let told = people
            .filter(|row| row.kind == PrincipalKind::Human && row.state == PrincipalState::Active)
            .map(|row| row.id)
            .filter(|id| roles.is_empty() || holders.contains(id));
        Ok(told.collect())
    }

    /// Whom security is told through: who guards accounts, and who administers access.
    pub(super) fn security_channel(&self, turn: &mut LogTurn<'_>) -> Result<Vec<PrincipalId>, StoreError> {
        self.colleagues(turn, [Role::Security, Role::AccessAdmin].into_iter().collect())
    }
}
