//! Rules that are out of force for a time: what a small team cannot keep. They end by themselves, and whoever reads a
//! report sees them first.

use std::time::Duration;

use tracing::instrument;

use super::{
    ask::{Asked, Granted, Sought, Why, for_a_time},
    cautions::{WaiverHeader, WaiverStanding},
    core::Room,
    cursor::{Listed, Page},
    error::{Failure, ListError, StaffError},
    notices::Says,
    paging::{For, List},
    staff::Staff,
};
use crate::{
    access::{
        Action, NoticeKind, Object, Parameter, Roles, Vouched,
        rows::{Waivable, WaiverRow, WaiverState},
    },
    audit::Data,
    base::{WaiverId, limits},
    store::{Place, approvals, authority},
};

impl Staff {
    /// Puts a rule out of force for so long, half a year at most. [`Staff::end_waiver`] ends that earlier. It takes two second persons, as
    /// [`Staff::give`] says.
    ///
    /// # Errors
    /// [`StaffError::Awaits`]; [`StaffError::Input`] for a time that is none or too long.
    #[instrument(name = "staff.waive", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn waive(&self, rule: Waivable, lifetime: Duration, why: &Why) -> Result<WaiverId, StaffError> {
        self.waive_rule(rule, lifetime, why)
    }

    /// The same, for whoever has a span of his own.
    pub(super) fn waive_rule(
        &self,
        rule: Waivable,
        lifetime: Duration,
        why: &Why,
    ) -> Result<WaiverId, StaffError> {
        let most = limits::WAIVER_LIFETIME_MAX;
        let lifetime = for_a_time(lifetime, most, "a rule is waived for 180 days at most")?;
        let waiver = WaiverId::random().map_err(Failure::from)?;
        let room = Object::Room(self.room.core.id);
        self.act(
            Asked::of(Action::WaiverGive, vec![Parameter::Rule(rule), Parameter::Lifetime(lifetime)]),
            why,
            None,
            |_, _| Ok(Some((Sought { subject: None, objects: vec![room], fields: Vec::new() }, ()))),
            |core, turn, permit, ()| {
                let created = turn.time();
                let expires = created.plus(lifetime);
                let row = WaiverRow {
                    id: waiver,
                    rule,
                    given_by: Some(permit.actor()),
                    created,
                    expires,
                    state: WaiverState::Live,
                    changed_at: turn.position(),
                };
                approvals::insert_waiver(turn, &row, &core.voucher.mac(&row))?;
                let everybody = core.colleagues(turn, Roles::NONE)?;
                let about = Some(Object::Waiver(waiver));
                core.tell_colleagues(turn, everybody, Says { kind: NoticeKind::PolicyChanged, about })?;
                Ok(Granted::change(Data::WaiverGiven { waiver, rule, expires }, ()))
            },
        )?;
        Ok(waiver)
    }

    /// Puts a rule in force again before its waiver ends. It takes no second person: what is given up here is a leave to
    /// do with fewer of them.
    ///
    /// # Errors
    /// [`StaffError::State`] where the waiver has ended.
    #[instrument(name = "staff.end_waiver", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn end_waiver(&self, waiver: WaiverId, why: &Why) -> Result<(), StaffError> {
        self.act(
            Action::WaiverEnd,
            why,
            None,
            |core, turn| {
                let row: Option<Vouched<WaiverRow>> = core.vouch(approvals::waiver(turn, waiver)?);
                let objects = vec![Object::Waiver(waiver)];
                Ok(row.map(|row| (Sought { subject: None, objects, fields: Vec::new() }, row)))
            },
            |core, turn, _, row| {
                if !row.is_live(turn.time()) {
                    return Err(StaffError::State { what: "the waiver has ended already" });
                }
                let (state, changed_at) = (WaiverState::Ended, turn.position());
                core.change(turn, &*row, &WaiverRow { state, changed_at, ..WaiverRow::clone(&row) })?;
                Ok(Granted::change(Data::WaiverEnded { waiver }, ()))
            },
        )?;
        Ok(())
    }
}

impl Room {
    /// A part of the waivers in force, or of every waiver that there was, in the order in which they end or ended: rules,
    /// people and dates; at most 500 at once.
    ///
    /// # Errors
    /// The cursor is none of this list, or the room could not be read.
    #[instrument(name = "room.waivers", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn waivers(&self, is_all: bool, page: &Page) -> Result<Listed<WaiverHeader>, ListError> {
        let core = &*self.core;
        let list = if is_all { List::Waivers } else { List::WaiversLive };
        let paging = core.paging(list, For::ROOM, page, limits::LIST_ROWS_MAX)?;
        let stored = core.store.read(|db| authority::all::<WaiverRow>(db, u32::MAX))?;
        let rows = stored.into_iter().filter_map(|row| core.vouch(Some(row)));
        let waivers = rows.map(|row| WaiverHeader::of(&row, core.clock.now()));
        let is_wanted = |one: &WaiverHeader| is_all || one.standing == WaiverStanding::InForce;
        let mut waivers: Vec<_> =
            waivers.filter(|one| is_wanted(one) && place(one) > paging.behind()).collect();
        waivers.sort_by_key(place);
        Ok(paging.cut(waivers, place))
    }
}

/// Where a waiver stands in its list: by its end, those of one moment by their rules.
fn place(waiver: &WaiverHeader) -> Place {
    let mut id = [0; 16];
    let parts = [waiver.rule.number()].into_iter().chain(*waiver.waiver.as_bytes());
    id.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
    Place { number: waiver.expires.as_ms(), id }
}
