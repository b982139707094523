//! A demonstration room at work, for tests of what may be done in it: two customers with tickets, staff who look after
//! them, and a case.

use strongroom::room::{
    AccountId, AttachmentId, CaseId, CaseRef, DenialReason, GrantId, OwnerSession, PrincipalId, Purpose,
    Refused, Room, Staff, StaffError, TicketId, Why,
};

use crate::world::{JANE, World};

/// The other customer's address.
pub const JOE: &str = "joe.bloggs@example.org";
/// Where sam has his customers' attachments from.
pub const SCAN: &[u8] = b"a scan of jane's passport";

/// A room at work.
pub struct Scene {
    /// The room.
    pub world: World,
    /// A customer, logged in.
    pub jane: OwnerSession,
    /// Another.
    pub joe: OwnerSession,
    /// Jane's ticket, which sam works on, with a message, a note and an attachment.
    pub ticket: TicketId,
    /// What is attached to it.
    pub scan: AttachmentId,
    /// Joe's ticket, which nobody works on.
    pub joes: TicketId,
    /// Priya's case about jane.
    pub case: CaseId,
}

impl Scene {
    /// The scene.
    pub fn new() -> Self {
        let world = World::demo();
        let (jane, joe) = (world.customer(JANE), world.customer(JOE));
        let ticket = world.ticket(&jane);
        let scan = world.room.owner(&jane).attach(ticket, "scan.pdf", "application/pdf", SCAN).unwrap();
        world.staff("sam").note(ticket, "She called twice.", &support()).unwrap();
        let joes = world.room.owner(&joe).open_ticket("Domain", "Mine has expired.").unwrap().ticket;
        let case = world.staff("priya").open_case(Some(jane.account()), &rights()).unwrap();
        Self { world, jane, joe, ticket, scan: scan.attachment, joes, case }
    }

    /// Jane's account.
    pub fn account(&self) -> AccountId {
        self.jane.account()
    }

    /// The id of a member of staff.
    pub fn id(&self, handle: &str) -> PrincipalId {
        self.world.room.assume(handle).unwrap().principal
    }

    /// The one grant of a member of staff.
    pub fn grant(&self, handle: &str) -> GrantId {
        let holder = self.id(handle);
        let people = self.world.staff("ada").people(&crate::world::FIRST, &Why::unstated()).unwrap().rows;
        people.iter().find(|one| one.header.principal == holder).unwrap().grants[0].grant
    }
}

/// A member of staff at work in `room`, with a new session.
pub fn staff(room: &Room, handle: &str) -> Staff {
    room.staff(&room.assume(handle).unwrap().token)
}

/// Support's reason.
pub fn support() -> Why {
    Why::purpose(Purpose::SupportRequest)
}

/// Support's reason, with a ticket.
pub fn on(ticket: TicketId) -> Why {
    support().case(CaseRef::Ticket(ticket))
}

/// The privacy officer's reason.
pub fn rights() -> Why {
    Why::purpose(Purpose::DataSubjectRequest)
}

/// The privacy officer's reason, with a case.
pub fn in_case(case: CaseId) -> Why {
    rights().case(CaseRef::Case(case))
}

/// The refusal that this must be.
pub fn refused<T>(result: Result<T, StaffError>) -> Refused {
    match result {
        Err(StaffError::Denied { refused }) => refused,
        Err(other) => panic!("not denied: {other}"),
        Ok(_) => panic!("granted"),
    }
}

/// Why it was refused.
pub fn reason<T>(result: Result<T, StaffError>) -> DenialReason {
    refused(result).reason
}
