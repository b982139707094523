//! Who acts: a member of staff or a customer, by the session at hand.

use strongroom::room::{Kind, OwnerSession, PrincipalId, Room, Staff};

use crate::{call::Call, failed::Failed, holder::Holder, session::Session};

/// A member of staff at work; what he may do is asked at each request.
pub struct AtWork {
    /// His verbs.
    pub staff: Staff,
    /// Who he is.
    pub principal: PrincipalId,
    /// The handle that he logged in with.
    handle: Option<String>,
}

impl AtWork {
    /// How he knows this login from others.
    pub fn label(&self) -> String {
        self.handle.clone().unwrap_or_else(|| self.principal.to_string())
    }
}

/// Somebody at work in the room.
pub enum Actor {
    /// A member of staff.
    Staff(AtWork),
    /// A customer, with his own data.
    Customer(OwnerSession),
}

impl Actor {
    /// Whoever the call is by.
    ///
    /// # Errors
    /// Nobody is logged in, or not as the call asks.
    pub fn of(call: &Call, room: &Room) -> Result<Self, Failed> {
        if let Some(name) = call.acting() {
            let login = room.assume(name)?;
            return Ok(Self::at_work(call, room.staff(&login.token), login.principal, Some(name.to_owned())));
        }
        let session = session(call, room)?;
        match session.holder {
            Holder::Staff(principal) => {
                call.works_on(session.work.as_deref());
                Ok(Self::at_work(call, room.staff(&session.token), principal, session.handle))
            }
            Holder::Customer(_) if call.states_why() => Err(Failed::usage(
                "a customer gives no reason: `--purpose`, `--case` and `--reason` are for staff",
            )),
            Holder::Customer(_) => {
                let owner = room.resume(&session.token);
                let hint = format!("log in with `strongroom {}`", session.holder.login());
                Ok(Self::Customer(owner.map_err(|e| Failed::from(e).hint(hint))?))
            }
        }
    }

    fn at_work(call: &Call, staff: Staff, principal: PrincipalId, handle: Option<String>) -> Self {
        call.acts(&staff);
        Self::Staff(AtWork { staff, principal, handle })
    }

    /// The room, open, and the member of staff who has it recorded, if the call is by one. Otherwise it is by whoever
    /// holds the files.
    ///
    /// # Errors
    /// As [`Actor::of`] and [`is_by_staff`], or the room does not open.
    pub fn recording(call: &Call) -> Result<(Room, Option<AtWork>), Failed> {
        let by_staff = is_by_staff(call)?;
        if !by_staff {
            call.holds_files()?;
        }
        let room = call.room()?;
        let at_work = if by_staff { Some(Self::staff(call, &room)?) } else { None };
        Ok((room, at_work))
    }

    /// The member of staff that the call is by.
    ///
    /// # Errors
    /// As [`Actor::of`], and a customer is logged in.
    pub fn staff(call: &Call, room: &Room) -> Result<AtWork, Failed> {
        match Self::of(call, room)? {
            Self::Staff(at_work) => Ok(at_work),
            Self::Customer(_) => Err(refused("staff", "staff login HANDLE")),
        }
    }

    /// The customer that the call is by.
    ///
    /// # Errors
    /// As [`Actor::of`], and a member of staff is logged in.
    pub fn customer(call: &Call, room: &Room) -> Result<OwnerSession, Failed> {
        match Self::of(call, room)? {
            Self::Customer(owner) => Ok(owner),
            Self::Staff(_) => Err(refused("customers", "login ADDRESS")),
        }
    }
}

/// Whether a member of staff is at hand, before the room is opened.
///
/// # Errors
/// There is no room, or a reason is stated, and nobody to state it.
pub fn is_by_staff(call: &Call) -> Result<bool, Failed> {
    let is_staff = call.acting().is_some() || has_staff_session(call)?;
    if call.states_why() && !is_staff {
        return Err(Failed::usage(
            "`--purpose`, `--case` and `--reason` mean nothing where no member of staff is logged in",
        ));
    }
    Ok(is_staff)
}

fn has_staff_session(call: &Call) -> Result<bool, Failed> {
    let session = match call.session_file_of(call.identify()?) {
        Ok(file) => file.read()?,
        // There is no place for one.
        Err(_) if !call.names_session() => None,
        Err(failed) => return Err(failed),
    };
    Ok(session.is_some_and(|session| matches!(session.holder, Holder::Staff(_))))
}

/// The session at hand.
///
/// # Errors
/// There is none.
pub fn session(call: &Call, room: &Room) -> Result<Session, Failed> {
    call.session_file(room)?.read()?.ok_or_else(|| {
        Failed::of(Kind::Denied, "nobody is logged in").hint(
            "log in with `strongroom staff login HANDLE` or `strongroom login ADDRESS`; in a demonstration room \
             `--as NAME` does",
        )
    })
}

fn refused(whom: &str, login: &str) -> Failed {
    Failed::of(Kind::Denied, format!("this is for {whom}")).hint(format!("log in with `strongroom {login}`"))
}
