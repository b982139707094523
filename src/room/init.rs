//! The ceremony that makes a room: keys, databases, and the first people in one entry.
//!
//! Rules that need two people cannot be met from zero, so the first holders are appointed together, on record. There
//! is no default account and no first password: each person gets a one-time code.

use std::{fmt, path::PathBuf, time::Duration};

use tracing::instrument;

use super::{
    config::Config,
    core::{Core, Room, RoomOptions},
    custody::{self, Custody, CustodyShare},
    error::{Failure, Kind, operation_error},
    layout::Layout,
    open,
    settings::RoomSettings,
    token,
};
use crate::{
    access::{
        PrincipalKind, Role, Roles, TeamProfile, conflict, gap, kind_conflict,
        rows::{
            EnrolmentRow, EnrolmentState, GrantRow, GrantState, PrincipalRow, SettingRow, Waivable,
            WaiverRow, WaiverState,
        },
    },
    audit::{Actor, Data, Draft, Head},
    base::{
        Class, EnrolmentId, EntryNonce, GrantId, PrincipalId, RoomId, RoomKind, Scope, SecretText, Time,
        WaiverId, limits,
        text::{self, BadText},
    },
    keys::{BlindIndex, IndexField, KeyFiles, KeyRing},
    seal::{self, At, Handle},
    store::{KeyringDatabase, LogTurn, PrincipalSeals, StoreDatabase, approvals, authority, keyring},
};

/// One person of the ceremony.
#[derive(Clone)]
pub struct Appointment {
    /// The handle under which the person logs in.
    pub handle: String,
    /// The first roles.
    pub roles: Vec<Role>,
}

/// Without the handle: it is sealed wherever it is kept.
impl fmt::Debug for Appointment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Appointment").field("roles", &self.roles).finish_non_exhaustive()
    }
}

/// What a ceremony decides.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// Real or demonstration: part of the room's id for good.
    pub kind: RoomKind,
    /// Where the checkpoint is kept; another device or owner. Relative to the room.
    pub outside: Option<PathBuf>,
    /// The first people: two access administrators and an auditor at least.
    pub appointments: Vec<Appointment>,
    /// How large the team is, and what it waives therefore.
    pub profile: TeamProfile,
    /// Among how many people the way back is shared when nobody administers access any more.
    pub custody: Custody,
}

/// The one-time code of one person.
pub struct Code {
    /// Whose it is.
    pub handle: String,
    /// The person's id in the log.
    pub principal: PrincipalId,
    /// The code, shown once.
    pub code: SecretText,
}

/// A room that was just made.
pub struct Initialised {
    /// The room, open.
    pub room: Room,
    /// The first people's codes, in the order of the ceremony.
    pub codes: Vec<Code>,
    /// The log's public key: for every auditor to pin.
    pub verifier_key: String,
    /// The rules that are out of force for 180 days.
    pub waived: Vec<Waivable>,
    /// The shares of the way back, each for another person to keep.
    pub shares: Vec<CustodyShare>,
}

operation_error! {
    /// A room could not be made.
    InitError {
        /// The directory holds something already.
        Exists {
            /// The directory.
            path: PathBuf,
        } => Conflict, format!("`{}` is not empty", path.display());
        /// The ceremony does not appoint who must be there.
        Ceremony {
            /// What is missing or conflicting.
            what: String,
        } => Invalid, format!("the ceremony cannot make a room: {what}");
        /// A handle was refused.
        Handle {
            /// Why.
            why: BadText,
        } => Invalid, format!("a handle was refused: {why}");
    }
}

/// For how long the ceremony waives rules.
pub const WAIVED_FOR: Duration = limits::WAIVER_LIFETIME_MAX;

/// The first grants' lifetime: until the second access review.
const FIRST_GRANTS: Duration = limits::GRANT_LIFETIME_MAX;

pub(super) struct Person {
    handle: Handle,
    pub(super) normal: SecretText,
    principal: PrincipalId,
    roles: Vec<Role>,
    grants: Vec<GrantId>,
    enrolment: EnrolmentId,
    code: SecretText,
    code_hash: [u8; 32],
    nonce: EntryNonce,
}

impl Person {
    /// The one-time code, for its owner.
    pub(super) fn into_code(self) -> Code {
        Code { handle: self.handle.as_str().to_owned(), principal: self.principal, code: self.code }
    }
}

impl Room {
    /// Makes a room in a directory that is empty or not there.
    ///
    /// # Errors
    /// [`InitError`]; what was made so far is left for the operator to look at and remove.
    #[instrument(name = "room.init", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn init(options: RoomOptions, ceremony: &Ceremony) -> Result<Initialised, InitError> {
        let roles: Vec<Roles> =
            ceremony.appointments.iter().map(|person| person.roles.iter().copied().collect()).collect();
        let waived = ceremony.profile.waived(&roles);
        let people = people(&ceremony.appointments, &waived)?;
        check_team(ceremony, &roles, &waived)?;
        let id = RoomId::of_kind(ceremony.kind)?;
        let no_custody =
            || InitError::Ceremony { what: "two shares at least are needed, and 16 at most made".to_owned() };
        let custody::WayBack { hash: recovery, shares } =
            custody::fresh(id, ceremony.custody)?.ok_or_else(no_custody)?;
        let layout = Layout::new(&options.directory, ceremony.outside.as_deref());
        refuse_existing(&layout)?;
        layout.create().map_err(|e| Failure::file(layout.root(), &e))?;
        let origin = format!("strongroom/{id}");
        let provider = KeyFiles::new(layout.keys());
        let (ring, rows) = KeyRing::create(&provider, id)?;
        let now = options.clock.now();
        KeyringDatabase::create(&layout.keyring(), &id, now, &rows)?;
        let parts = open::LogParts::new(&ring, id, &origin, 1, &layout, &options.clock)?;
        // What this process asks for becomes the room's.
        let settings = RoomSettings {
            passwords: options.passwords.unwrap_or_default(),
            quotas: options.quotas.unwrap_or_default(),
        };
        let settings = settings.first_row(id, recovery);
        let vouched = (&settings, &parts.voucher.mac(&settings));
        let head = Head::new(1, 1, parts.first_fold(vouched.0, vouched.1));
        StoreDatabase::create(&layout.store(), &id, now, vouched, &head, &parts.notary.mac(&head))?;
        parts.notary.publish(0, &head).map_err(|_| Failure::Internal("the first checkpoint"))?;
        Config::new(id, origin, ceremony.outside.clone()).create(&layout.config())?;
        let room = options.open().map_err(|e| match e {
            super::error::OpenRoomError::Failed(failure) => InitError::Failed(failure),
            other => InitError::Ceremony { what: other.to_string() },
        })?;
        room.core.appoint(&people, &waived)?;
        let verifier_key = room.verifier_key();
        let codes = people.into_iter().map(Person::into_code).collect();
        Ok(Initialised { room, codes, verifier_key, waived, shares })
    }
}

fn refuse_existing(layout: &Layout) -> Result<(), InitError> {
    let root = layout.root();
    match std::fs::read_dir(root).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(InitError::Exists { path: root.to_path_buf() }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Failure::file(root, &e).into()),
    }
}

/// The team has to be able to go on, whoever leaves it.
fn check_team(ceremony: &Ceremony, roles: &[Roles], waived: &[Waivable]) -> Result<(), InitError> {
    let Some(gap) = gap(roles, waived) else { return Ok(()) };
    let leaver = gap.leaver.and_then(|place| ceremony.appointments.get(place));
    let when = match leaver.map(|person| person.roles.iter().map(|role| role.name()).collect::<Vec<_>>()) {
        Some(roles) => format!("when somebody leaves who is {}", roles.join(" and ")),
        None => "as it appoints".to_owned(),
    };
    let what = format!(
        "{when}, nobody could come to do {}: appoint more who may approve, or take a smaller profile than {}",
        gap.action, ceremony.profile
    );
    Err(InitError::Ceremony { what })
}

fn check_first_holders(appointments: &[Appointment]) -> Result<(), InitError> {
    let ceremony = |what: &str| InitError::Ceremony { what: what.to_owned() };
    let holders = |role| appointments.iter().filter(|person| person.roles.contains(&role)).count();
    if holders(Role::AccessAdmin) < 2 {
        return Err(ceremony("it appoints fewer than two access administrators"));
    }
    if holders(Role::Auditor) < 1 {
        return Err(ceremony("it appoints no auditor"));
    }
    Ok(())
}

/// Checks the ceremony and draws its ids and codes.
fn people(appointments: &[Appointment], waived: &[Waivable]) -> Result<Vec<Person>, InitError> {
    check_first_holders(appointments)?;
    let ceremony = |what: &str| InitError::Ceremony { what: what.to_owned() };
    let mut people: Vec<Person> = Vec::new();
    for appointment in appointments {
        let person = person(appointment, waived)?;
        if people.iter().any(|other| other.normal.expose() == person.normal.expose()) {
            return Err(ceremony("a handle stands twice"));
        }
        people.push(person);
    }
    Ok(people)
}

pub(super) fn person(appointment: &Appointment, waived: &[Waivable]) -> Result<Person, InitError> {
    let mut held = crate::access::Roles::NONE;
    for role in &appointment.roles {
        if held.contains(*role) {
            return Err(InitError::Ceremony {
                what: format!("one person gets the role {} twice", role.name()),
            });
        }
        if let Some(conflict) = kind_conflict(PrincipalKind::Human, *role)
            .or(conflict(held, *role, |rule| waived.contains(&rule)))
        {
            return Err(InitError::Ceremony { what: conflict.to_string() });
        }
        held = held.with(*role);
    }
    let handle =
        text::line(&appointment.handle, limits::NAME_BYTES_MAX).map_err(|why| InitError::Handle { why })?;
    let normal = text::handle(&handle).map_err(|why| InitError::Handle { why })?;
    let (code, code_hash) = token::fresh()?;
    let grants = appointment.roles.iter().map(|_| GrantId::random()).collect::<Result<_, _>>()?;
    Ok(Person {
        handle: Handle::new(handle),
        normal: SecretText::new(normal),
        principal: PrincipalId::random()?,
        roles: appointment.roles.clone(),
        grants,
        enrolment: EnrolmentId::random()?,
        code,
        code_hash,
        nonce: EntryNonce::random()?,
    })
}

impl Core {
    /// Appoints the first people under one entry.
    fn appoint(&self, people: &[Person], waived: &[Waivable]) -> Result<(), Failure> {
        let ids = waived.iter().map(|_| WaiverId::random()).collect::<Result<Vec<_>, _>>()?;
        let waivers: Vec<_> = ids.into_iter().zip(waived.iter().copied()).collect();
        self.appoint_with(people, |turn, times| {
            for (id, rule) in &waivers {
                self.insert_first_waiver(turn, *id, *rule, times.now)?;
            }
            Ok(ceremony_data(people, &waivers, times))
        })
    }

    /// Appoints those who administer access from now on, and changes the way back.
    pub(super) fn appoint_anew(
        &self,
        people: &[Person],
        settings: &SettingRow,
        mut next: SettingRow,
    ) -> Result<(), Failure> {
        self.appoint_with(people, |turn, times| {
            next.changed_at = turn.position();
            self.change(turn, settings, &next)?;
            Ok(recovery_data(people, times))
        })
    }

    /// Appoints people under one entry, whose data `beside` gives.
    fn appoint_with(
        &self,
        people: &[Person],
        beside: impl FnOnce(&mut LogTurn<'_>, &Times) -> Result<Data, Failure>,
    ) -> Result<(), Failure> {
        let mut sealed = Vec::new();
        for person in people {
            let key =
                self.vault.key_for_writing(&self.store, Class::Staff, Scope::Principal(person.principal))?;
            let at = At { room: self.id, scope: key.scope(), row: *person.principal.as_bytes() };
            sealed.push(seal::seal(&key, &at, 0, &person.handle)?);
            self.claim(&self.handle_index(&person.normal)?, person)?;
        }
        let opening = self.opening(None, None)?;
        self.commit(opening.request, |turn| {
            let times = Times::from(turn.time());
            for (person, handle) in people.iter().zip(&sealed) {
                self.insert_person(turn, person, handle.clone(), &times)?;
            }
            let data = beside(turn, &times)?;
            let draft = Draft::done(data, Actor::System, self.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(Failure::from)
        })?;
        for person in people {
            let index = self.handle_index(&person.normal)?;
            self.vault.database.commit(|turn| keyring::make_index_live(turn, &index, person.nonce))?;
        }
        Ok(())
    }

    fn insert_first_waiver(
        &self,
        turn: &mut LogTurn<'_>,
        id: WaiverId,
        rule: Waivable,
        created: Time,
    ) -> Result<(), Failure> {
        let row = WaiverRow {
            id,
            rule,
            given_by: None,
            created,
            expires: created.plus(limits::WAIVER_LIFETIME_MAX),
            state: WaiverState::Live,
            changed_at: turn.position(),
        };
        Ok(approvals::insert_waiver(turn, &row, &self.voucher.mac(&row))?)
    }

    fn claim(&self, index: &BlindIndex, person: &Person) -> Result<(), Failure> {
        let target = person.principal.as_bytes();
        Ok(self
            .vault
            .commit(&self.store, |turn| keyring::insert_pending_index(turn, index, target, person.nonce))?)
    }

    /// The index of a normalised handle under the current index key.
    pub(super) fn handle_index(&self, normal: &SecretText) -> Result<BlindIndex, Failure> {
        self.index(IndexField::Handle, normal)
    }

    fn insert_person(
        &self,
        turn: &mut LogTurn<'_>,
        person: &Person,
        handle: Vec<u8>,
        times: &Times,
    ) -> Result<(), Failure> {
        let changed_at = turn.position();
        let row = PrincipalRow::appointed(person.principal, PrincipalKind::Human, changed_at);
        let seals = PrincipalSeals { index_nonce: person.nonce, handle };
        authority::insert_principal(turn, &row, &self.voucher.mac(&row), seals)?;
        for (role, id) in person.roles.iter().zip(&person.grants) {
            let row = GrantRow {
                id: *id,
                principal: person.principal,
                role: *role,
                not_before: times.now,
                expires: times.expires,
                state: GrantState::Live,
                granted_by: None,
                changed_at,
            };
            authority::insert_grant(turn, &row, &self.voucher.mac(&row))?;
        }
        let row = EnrolmentRow {
            id: person.enrolment,
            principal: person.principal,
            code_hash: person.code_hash,
            expires: times.enrolments_expire,
            state: EnrolmentState::Open,
            changed_at,
        };
        Ok(authority::insert_enrolment(turn, &row, &self.voucher.mac(&row))?)
    }
}

/// From when what an appointment gives counts, and until when.
struct Times {
    now: Time,
    expires: Time,
    enrolments_expire: Time,
}

impl From<Time> for Times {
    fn from(now: Time) -> Self {
        Self { now, expires: now.plus(FIRST_GRANTS), enrolments_expire: now.plus(limits::ENROLMENT_LIFETIME) }
    }
}

fn recovery_data(people: &[Person], times: &Times) -> Data {
    Data::AccessRecovered {
        principals: people.iter().map(|person| person.principal).collect(),
        grants: people.iter().flat_map(|person| person.grants.clone()).collect(),
        not_before: times.now,
        expires: times.expires,
        enrolments: people.iter().map(|person| person.enrolment).collect(),
        enrolments_expire: times.enrolments_expire,
    }
}

fn ceremony_data(people: &[Person], waivers: &[(WaiverId, Waivable)], times: &Times) -> Data {
    let Times { now: not_before, expires, enrolments_expire } = *times;
    let principals: Vec<_> = people.iter().map(|person| person.principal).collect();
    let each_role =
        || people.iter().flat_map(|person| person.roles.iter().map(move |role| (person.principal, *role)));
    Data::RoomInitialised {
        kinds: people.iter().map(|_| PrincipalKind::Human).collect(),
        grants: people.iter().flat_map(|person| person.grants.clone()).collect(),
        holders: each_role().map(|(principal, _)| principal).collect(),
        roles: each_role().map(|(_, role)| role).collect(),
        not_before,
        expires,
        enrolments: people.iter().map(|person| person.enrolment).collect(),
        enrolled: principals.clone(),
        enrolments_expire,
        waivers: waivers.iter().map(|(id, _)| *id).collect(),
        rules: waivers.iter().map(|(_, rule)| *rule).collect(),
        waivers_expire: not_before.plus(limits::WAIVER_LIFETIME_MAX),
        principals,
    }
}
