//! Who acts: a member of staff or a customer, by the session at hand.

use strongroom::room::{OwnerSession, Room, Staff};

use crate::{
    call::Call,
    failed::Failed,
    session::{Holder, Session},
};

/// Somebody at work in the room.
pub enum Actor {
    /// A member of staff; what he may do is asked at each request.
    Staff(Staff),
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
            return Ok(Self::Staff(room.staff(&login.token)));
        }
        let session = session(call, room)?;
        match session.holder {
            Holder::Staff => Ok(Self::Staff(room.staff(&session.token))),
            Holder::Customer if call.states_why() => Err(Failed::usage(
                "a customer gives no reason: `--purpose`, `--case` and `--reason` are for staff",
            )),
            Holder::Customer => {
                let owner = room.resume(&session.token);
                let hint = format!("log in with `strongroom {}`", Holder::Customer.commands().0);
                Ok(Self::Customer(owner.map_err(|e| Failed::from(e).hint(hint))?))
            }
        }
    }

    /// The member of staff that the call is by.
    ///
    /// # Errors
    /// As [`Actor::of`], and a customer is logged in.
    pub fn staff(call: &Call, room: &Room) -> Result<Staff, Failed> {
        match Self::of(call, room)? {
            Self::Staff(staff) => Ok(staff),
            Self::Customer(_) => Err(wrong(Holder::Staff)),
        }
    }

    /// The customer that the call is by.
    ///
    /// # Errors
    /// As [`Actor::of`], and a member of staff is logged in.
    pub fn customer(call: &Call, room: &Room) -> Result<OwnerSession, Failed> {
        match Self::of(call, room)? {
            Self::Customer(owner) => Ok(owner),
            Self::Staff(_) => Err(wrong(Holder::Customer)),
        }
    }
}

/// The session at hand.
///
/// # Errors
/// There is none.
pub fn session(call: &Call, room: &Room) -> Result<Session, Failed> {
    call.session_file(room)?.read()?.ok_or_else(|| {
        Failed::of(strongroom::room::Kind::Denied, "nobody is logged in").hint(
            "log in with `strongroom staff login HANDLE` or `strongroom login ADDRESS`; in a demonstration room \
             `--as NAME` does",
        )
    })
}

fn wrong(wanted: Holder) -> Failed {
    Failed::of(strongroom::room::Kind::Denied, format!("this is for {}", wanted.noun()))
        .hint(format!("log in with `strongroom {}`", wanted.commands().0))
}
