//! Holding what a caller says against a field, without showing it: an agent learns that the caller knows the name, and
//! never the name.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    erase::shown,
    error::{Failure, StaffError},
    staff::Staff,
};
use crate::{
    access::{Action, Field, Object},
    audit::Data,
    base::{AccountId, Class, EntryNonce, Scope, SecretText, Time, limits, text},
    seal::{At, Name, Sealed, verdict},
    store::{
        accounts::{self, AccountRow},
        field_checks::{self, CameTo, FieldCheck, Lately},
    },
};

/// What comes of holding an answer against a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Compared {
    /// The field says so.
    Match,
    /// It does not, or there is none.
    NoMatch,
}

impl Staff {
    /// Whether what somebody says is what a field of an account says: addresses as they are looked up, names whatever
    /// their capital letters and spaces. Nothing else is told, and each attempt is an entry with its outcome.
    ///
    /// # Errors
    /// [`StaffError::TooOften`] after five wrong answers about the account in a day, from whomever, and after 200
    /// answers that this colleague has held against fields; [`StaffError`].
    #[instrument(name = "staff.verify_field", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn verify_field(
        &self,
        account: AccountId,
        field: Field,
        answer: &SecretText,
        why: &Why,
    ) -> Result<Compared, StaffError> {
        let check = EntryNonce::random().map_err(Failure::from)?;
        let sought =
            Sought { subject: Some(account), objects: vec![Object::Account(account)], fields: vec![field] };
        let answered = self.act(
            Action::AccountVerifyField,
            why,
            Some(account),
            |_, turn| Ok(accounts::find(turn, account)?.map(|row| (sought, row))),
            |core, turn, permit, row| {
                shown(turn, account)?;
                let now = turn.time();
                let wrong = field_checks::wrong_about(turn, account, since(now))?;
                not_too_often(
                    "wrong answers about this account",
                    wrong,
                    limits::FIELD_CHECKS_WRONG_MAX,
                    now,
                )?;
                let own = field_checks::of(turn, permit.actor(), since(now))?;
                let what = "answers held against fields by one colleague";
                not_too_often(what, own, limits::FIELD_CHECKS_OF_ONE_MAX, now)?;
                let matched = core.says(&row, field, answer)?;
                let came_to = if matched { CameTo::Match } else { CameTo::NoMatch };
                let one = FieldCheck { account, principal: permit.actor(), came_to, at: now };
                field_checks::insert(turn, check, &one, since(now))?;
                Ok(Granted::change(Data::AccountFieldVerified { matched: u64::from(matched) }, matched))
            },
        )?;
        Ok(if answered.value { Compared::Match } else { Compared::NoMatch })
    }
}

/// From when on answers and searches count.
pub(super) fn since(now: Time) -> Time {
    let span = i64::try_from(limits::FIELD_CHECK_SPAN.as_millis()).unwrap_or(i64::MAX);
    Time::from_ms(now.as_ms().saturating_sub(span))
}

/// Refuses where there were that many already.
pub(super) fn not_too_often(
    what: &'static str,
    lately: Lately,
    most: u64,
    now: Time,
) -> Result<(), StaffError> {
    if lately.count < most {
        return Ok(());
    }
    let wait = limits::FIELD_CHECK_SPAN.saturating_sub(now.since(lately.oldest));
    Err(StaffError::TooOften { what, wait })
}

impl Core {
    /// Whether a field of an account says this. What could not be there is not what it says.
    fn says(&self, row: &AccountRow, field: Field, answer: &SecretText) -> Result<bool, StaffError> {
        let scope = Scope::Account(row.id);
        let key = |generation| self.vault.key_for_reading(Class::Identity, scope, generation);
        match field {
            Field::Email => {
                let Ok(normal) = text::address(answer.expose()) else { return Ok(false) };
                let sealed = self.sealed_address(row)?;
                Ok(verdict::is_address(&key(sealed.generation())?, &sealed, &SecretText::new(normal))?)
            }
            Field::Name => {
                let normal = text::spoken_name(answer.expose()).map(SecretText::new);
                let (Some(bytes), Some(normal)) = (&row.name, normal) else { return Ok(false) };
                let at = At { room: self.id, scope, row: *row.id.as_bytes() };
                let sealed = Sealed::<Name>::from_row(&at, 0, Object::Account(row.id), bytes.clone());
                Ok(verdict::is_name(&key(sealed.generation())?, &sealed, &normal)?)
            }
            _ => Err(StaffError::Input { field: "field", why: "no answer is held against it".to_owned() }),
        }
    }
}
