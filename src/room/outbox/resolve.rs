//! Where a notice leads, as the store has it when it is claimed.

use super::{
    super::{core::Core, error::Failure},
    letter::{Contact, Delivery, Letter, about},
};
use crate::{
    access::{
        NoticeKind, Object, Receiver,
        rows::{ChallengeRow, Topic},
    },
    base::{AccountId, AccountState, NoticeId, Scope, Time, limits},
    seal::{At, Email, Sealed},
    store::{
        Queries, StoreError,
        accounts::{self, AccountRow},
        challenges,
        outbox::{self, Channel, NoticeRow},
    },
};

/// Pages of notices that one look goes through: those that lead nowhere stand between the others.
const PAGES_MAX: usize = 8;

/// The sealed address that a notice goes to.
enum Whither {
    /// The account's.
    Account(AccountRow),
    /// One that stands elsewhere, sealed as of this version of the account's address.
    Elsewhere(AccountId, u64, Vec<u8>),
    /// None.
    Nowhere,
}

/// A notice that somebody can be told.
pub(super) struct Resolved {
    pub(super) row: NoticeRow,
    contact: Contact,
    /// The code that it is about.
    code: Option<ChallengeRow>,
    address: Whither,
}

/// What there is to be claimed.
#[derive(Default)]
pub(super) struct Survey {
    /// What can be delivered.
    pub(super) good: Vec<Resolved>,
    /// What leads to nobody any more.
    pub(super) gone: Vec<NoticeId>,
    /// What was tried too often.
    pub(super) spent: Vec<NoticeRow>,
}

impl Resolved {
    /// Whose address it is, if there is one.
    pub(super) fn addressee(&self) -> Option<AccountId> {
        match &self.address {
            Whither::Account(row) => Some(row.id),
            Whither::Elsewhere(account, ..) => Some(*account),
            Whither::Nowhere => None,
        }
    }

    /// The receiver, as entries name him.
    pub(super) fn object(&self) -> Object {
        match self.row.receiver {
            Receiver::Account(id) => Object::Account(id),
            Receiver::Principal(id) => Object::Principal(id),
        }
    }
}

impl Core {
    /// What can be claimed at `now`, up to `limit`, and what never will be.
    pub(super) fn survey(
        &self,
        db: &mut impl Queries,
        now: Time,
        limit: usize,
    ) -> Result<Survey, StoreError> {
        let mut found = Survey::default();
        let mut after = 0;
        for _ in 0..PAGES_MAX {
            let page = outbox::claimable(db, Channel::Letter, now, after, limit)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for row in page {
                if row.tries >= limits::OUTBOX_TRIES_MAX {
                    found.spent.push(row);
                    continue;
                }
                let id = row.id;
                match self.resolve(db, row, now)? {
                    Some(resolved) if found.good.len() < limit => found.good.push(resolved),
                    Some(_) => return Ok(found),
                    None => found.gone.push(id),
                }
            }
        }
        Ok(found)
    }

    /// Where a notice leads; nothing if it is for nobody any more.
    fn resolve(
        &self,
        db: &mut impl Queries,
        row: NoticeRow,
        now: Time,
    ) -> Result<Option<Resolved>, StoreError> {
        let account = match row.receiver {
            Receiver::Account(account) => account,
            Receiver::Principal(_) => {
                let (contact, address) = (Contact::Colleague, Whither::Nowhere);
                return Ok(Some(Resolved { row, contact, code: None, address }));
            }
        };
        if row.kind == NoticeKind::Code {
            return self.resolve_code(db, row, account, now);
        }
        if row.kind == NoticeKind::Erased {
            let (contact, address) = (Contact::Nowhere, Whither::Nowhere);
            return Ok(Some(Resolved { row, contact, code: None, address }));
        }
        let standing = accounts::find(db, account)?.filter(|row| row.state != AccountState::Erased);
        let Some(standing) = standing else { return Ok(None) };
        let (contact, address) = match row.former.clone() {
            Some((version, sealed)) => (Contact::FormerAddress, Whither::Elsewhere(account, version, sealed)),
            None => (Contact::Address, Whither::Account(standing)),
        };
        Ok(Some(Resolved { row, contact, code: None, address }))
    }

    /// Where a code goes: what it is for says so, and its own row, which is vouched for, whose it is.
    fn resolve_code(
        &self,
        db: &mut impl Queries,
        row: NoticeRow,
        account: AccountId,
        now: Time,
    ) -> Result<Option<Resolved>, StoreError> {
        let Some(id) = row.challenge else { return Ok(None) };
        let code = self.vouch(challenges::find(db, id)?);
        let Some(code) = code.filter(|code| code.is_open(now) && code.account == account) else {
            return Ok(None);
        };
        let (contact, address) = match code.topic {
            Topic::Verify | Topic::Invite => {
                let found = challenges::sign_up(db, account)?;
                (Contact::Unconfirmed, found.map(|row| Whither::Elsewhere(account, 1, row.email)))
            }
            Topic::Reset | Topic::Address => {
                let found = accounts::find(db, account)?.filter(|row| row.state == AccountState::Active);
                match code.topic {
                    Topic::Reset => (Contact::Address, found.map(Whither::Account)),
                    _ => {
                        let sealed = challenges::address(db, id)?;
                        let to = found.zip(sealed);
                        let to = to.map(|(row, new)| Whither::Elsewhere(account, row.email_version + 1, new));
                        (Contact::NewAddress, to)
                    }
                }
            }
        };
        let code = ChallengeRow::clone(&code);
        Ok(address.map(|address| Resolved { row, contact, code: Some(code), address }))
    }

    /// The address, sealed; nothing if it goes nowhere that the room knows.
    pub(super) fn sealed_addressee(&self, to: &Resolved) -> Result<Option<Sealed<Email>>, Failure> {
        Ok(match &to.address {
            Whither::Account(row) => Some(self.sealed_address(row)?),
            Whither::Elsewhere(account, version, sealed) => {
                let at = At { room: self.id, scope: Scope::Account(*account), row: *account.as_bytes() };
                Some(Sealed::from_row(&at, *version, Object::Account(*account), sealed.clone()))
            }
            Whither::Nowhere => None,
        })
    }

    /// What is sent.
    pub(super) fn delivery(&self, of: &Resolved) -> Delivery {
        let letter = match &of.code {
            Some(code) => self.code_letter(code),
            None => Letter::Notice { kind: of.row.kind, about: about(of.row.kind, of.row.object) },
        };
        Delivery { to: of.row.receiver, contact: of.contact, letter }
    }

    /// A code's letter: what stands in it is made anew of the row's id.
    pub(in super::super) fn code_letter(&self, code: &ChallengeRow) -> Letter {
        Letter::Code {
            topic: code.topic,
            code: self.codes.code(code.id),
            link: self.codes.link(code.id),
            expires: code.expires,
        }
    }
}
