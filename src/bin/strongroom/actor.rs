//! Who acts: a member of staff or a customer, by the session at hand.

use strongroom::room::{Kind, OwnerSession, PrincipalId, Room, Staff};

use crate::{call::Call, failed::Failed, holder::Holder, session::Session};

/// A member of staff at work; what he may do is asked at each request.
pub struct AtWork {
    /// His verbs.
    pub staff: Staff,
    /// Who he is.
    pub principal: PrincipalId,
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
            return Ok(Self::Staff(AtWork { staff: room.staff(&login.token), principal: login.principal }));
        }
        let session = session(call, room)?;
        match session.holder {
            Holder::Staff(principal) => {
                Ok(Self::Staff(AtWork { staff: room.staff(&session.token), principal }))
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
