//! Rules that are out of force for a time: what a small team cannot keep. They end by themselves, and whoever reads a
//! report sees them first.

use std::time::Duration;

use tracing::instrument;

use super::{
    ask::{Asked, Granted, Sought, Why},
    error::{Failure, StaffError},
    notices::Says,
    staff::Staff,
};
use crate::{
    access::{
        Action, NoticeKind, Object, Parameter, Roles,
        rows::{Waivable, WaiverRow, WaiverState},
    },
    audit::Data,
    base::{WaiverId, limits},
    store::approvals,
};

impl Staff {
    /// Puts a rule out of force for so long, half a year at most. It takes two second persons, as
    /// [`Staff::give`] says.
    ///
    /// # Errors
    /// [`StaffError::Awaits`]; [`StaffError::Input`] for a time that is none or too long.
    #[instrument(name = "staff.waive", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn waive(&self, rule: Waivable, lifetime: Duration, why: &Why) -> Result<WaiverId, StaffError> {
        let waiver = WaiverId::random().map_err(Failure::from)?;
        let room = Object::Room(self.room.core.id);
        self.act(
            Asked::of(Action::WaiverGive, vec![Parameter::Rule(rule), Parameter::Lifetime(lifetime)]),
            why,
            None,
            |_, _| Ok(Some((Sought { subject: None, objects: vec![room], fields: Vec::new() }, ()))),
            |core, turn, permit, ()| {
                let input = |why: &str| StaffError::Input { field: "lifetime", why: why.to_owned() };
                if lifetime.is_zero() {
                    return Err(input("it is none"));
                }
                if lifetime > limits::WAIVER_LIFETIME_MAX {
                    return Err(input("a rule is waived for 180 days at most"));
                }
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
}
