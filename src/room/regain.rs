//! The way back when nobody administers access any more: offline, with the shares of the people who keep them, on
//! record.

use tracing::instrument;

use super::{
    config::Config,
    core::{Core, RoomOptions},
    custody::{self, Custody, CustodyShare},
    error::{Failure, Kind, OpenRoomError, operation_error},
    init::{Appointment, Code, InitError, person},
    layout::Layout,
    open::Assembled,
};
use crate::{
    access::{Role, Vouched, rows::SettingRow},
    audit::{Actor, Draft, Event},
    base::SecretText,
    store::{self, Presence, StoreError},
};

/// Who administers access from now on, and who keeps the way back.
pub struct Recovered {
    /// The new administrators' one-time codes, in the order in which they were named.
    pub codes: Vec<Code>,
    /// The new shares. The old ones serve no more.
    pub shares: Vec<CustodyShare>,
}

operation_error! {
    /// Access administration could not be recovered.
    RecoverError {
        /// The room does not open.
        NotOpen {
            /// Why.
            why: String,
        } => Unavailable, format!("the room does not open: {why}");
        /// Somebody has the room open.
        InUse => Busy, "somebody has the room open".to_owned();
        /// A share is none of this room, or was mistyped.
        Share {
            /// Which, in the order in which they were given, from 1.
            number: usize,
        } => Invalid, format!("share number {number} as it was given is none of this room, or was mistyped");
        /// Fewer shares were given than it takes.
        TooFew {
            /// How many it takes.
            needed: u8,
        } => Invalid, format!("it takes {needed} different shares");
        /// The shares are not those that count: the refusal is on record.
        Refused => Denied, "these shares do not give the way back: others have replaced them".to_owned();
        /// Nobody was named.
        Nobody => Invalid, "nobody is named who is to administer access".to_owned();
        /// The handle is in use.
        HandleTaken => Conflict, "this handle is in use: name somebody new".to_owned();
        /// A person or the custody was refused.
        Ceremony {
            /// Why.
            why: String,
        } => Invalid, why.clone();
    }
}

impl RoomOptions {
    /// Appoints new people who administer access, on the strength of enough shares, while nobody has the room open. It
    /// replaces the shares.
    ///
    /// # Errors
    /// [`RecoverError`]; shares that are not the room's are refused on record.
    #[instrument(name = "options.recover", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn recover(
        self,
        shares: &[SecretText],
        handles: &[String],
        custody: Custody,
    ) -> Result<Recovered, RecoverError> {
        let core = alone(self)?;
        let parsed = parsed(&core, shares)?;
        let stored = core.store.read(|db| store::settings::find(db, core.id))?;
        let settings: Vouched<SettingRow> =
            core.vouch(stored).ok_or(RecoverError::Failed(Failure::Forged { what: "setting" }))?;
        if !custody::opens(core.id, &parsed, &settings.recovery) {
            return Err(core.refuse_shares()?);
        }
        let people = new_people(&core, handles)?;
        let Some(custody::WayBack { hash, shares }) = custody::fresh(core.id, custody)? else {
            return Err(RecoverError::Ceremony {
                why: "no custody: two shares at least, and 16 at most".to_owned(),
            });
        };
        let next =
            SettingRow { recovery: hash, version: settings.version + 1, ..SettingRow::clone(&settings) };
        core.appoint_anew(&people, &settings, next)?;
        let codes = people.into_iter().map(super::init::Person::into_code).collect();
        Ok(Recovered { codes, shares })
    }
}

/// The room, with nobody else in it.
fn alone(options: RoomOptions) -> Result<Core, RecoverError> {
    let not_open = |e: OpenRoomError| match e {
        OpenRoomError::Failed(failure) => RecoverError::Failed(failure),
        other => RecoverError::NotOpen { why: other.to_string() },
    };
    let config = Config::read(&Layout::new(&options.directory, None).config()).map_err(not_open)?;
    let layout = Layout::new(&options.directory, config.outside.as_deref());
    let presence = Presence::alone(&layout.store()).map_err(|e| match e {
        StoreError::Busy => RecoverError::InUse,
        other => other.into(),
    })?;
    if layout.unfinished_restore().exists() {
        return Err(not_open(OpenRoomError::Unfinished));
    }
    let core = Assembled::new(options, &config, layout, presence, None).map_err(not_open)?.core;
    let checked = core.check_ledger().and_then(|()| core.settle_opening());
    checked.map_err(|unfit| not_open(unfit.told()))?;
    Ok(core)
}

fn parsed(core: &Core, shares: &[SecretText]) -> Result<Vec<crate::crypto::shamir::Share>, RecoverError> {
    let mut parsed: Vec<crate::crypto::shamir::Share> = Vec::new();
    let mut takes = 2;
    for (number, share) in (1..).zip(shares) {
        let (needed, share) = custody::parse(core.id, share).map_err(|_| RecoverError::Share { number })?;
        takes = needed;
        if parsed.iter().all(|other| other.number != share.number) {
            parsed.push(share);
        }
    }
    if parsed.len() < usize::from(takes) {
        return Err(RecoverError::TooFew { needed: takes });
    }
    Ok(parsed)
}

fn new_people(core: &Core, handles: &[String]) -> Result<Vec<super::init::Person>, RecoverError> {
    if handles.is_empty() {
        return Err(RecoverError::Nobody);
    }
    let mut people: Vec<super::init::Person> = Vec::new();
    for handle in handles {
        let appointment = Appointment { handle: handle.clone(), roles: vec![Role::AccessAdmin] };
        let person = person(&appointment, &[]).map_err(|e| match e {
            InitError::Failed(failure) => RecoverError::Failed(failure),
            other => RecoverError::Ceremony { why: other.to_string() },
        })?;
        let is_twice = people.iter().any(|other| other.normal.expose() == person.normal.expose());
        if is_twice || core.principal_by_handle(person.normal.expose())?.is_some() {
            return Err(RecoverError::HandleTaken);
        }
        people.push(person);
    }
    Ok(people)
}

impl Core {
    /// Records that shares were refused; the answer to it.
    fn refuse_shares(&self) -> Result<RecoverError, Failure> {
        let opening = self.opening(None, None)?;
        self.commit(opening.request, |turn| {
            let draft =
                Draft::failed(Event::AccessRecovered, "shares_refused", Actor::System, self.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(Failure::from)
        })?;
        Ok(RecoverError::Refused)
    }
}
