//! What a command means once it is known where it runs: the room, who acts, and why.

use std::{
    cell::{Cell, RefCell},
    net::IpAddr,
    path::Path,
};

use strongroom::room::{
    self, Clock, CodesTo, Kind, OpenRoomError, Origin, Purpose, Room, RoomId, RoomOptions, Staff, TraceId,
    Via, Waiting, Why, Work,
};

use crate::{
    failed::Failed,
    globals::Globals,
    line,
    session::{self, SessionFile},
    surroundings::{Supervised, Surroundings},
};

/// Where a room is served unless somebody says otherwise.
pub const SOCKET: &str = "/run/strongroom/socket";

/// Which of the arguments for every command mean something to this one. What would be ignored is refused: somebody
/// meant something by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Neither a session nor a reason.
    Nothing,
    /// A session file.
    Session,
    /// Somebody who acts, and why.
    Actor,
}

/// What a command works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing of a room.
    Nothing,
    /// A room's files as such: for whoever holds them.
    Files,
    /// A room, wherever it is served.
    Room,
    /// A socket, at its other end.
    Listener,
}

/// A command's call.
pub struct Call {
    globals: Globals,
    around: Surroundings,
    clock: Clock,
    acted: RefCell<Option<Staff>>,
    work: Cell<Option<Work>>,
}

impl Call {
    /// The call that these arguments mean.
    ///
    /// # Errors
    /// An argument that means nothing to this command.
    pub fn new(globals: Globals, takes: Takes, around: Surroundings) -> Result<Self, Failed> {
        let of_actors = [
            ("--as", globals.acting.is_some()),
            ("--purpose", globals.purpose.is_some()),
            ("--case", globals.case.is_some()),
            ("--reason", globals.reason.is_some()),
        ];
        let session = ("--session", globals.session.is_some());
        let refused = match takes {
            Takes::Nothing => of_actors.iter().chain([&session]).find(|(_, given)| *given),
            Takes::Session => of_actors.iter().find(|(_, given)| *given),
            Takes::Actor => None,
        };
        match refused {
            Some((name, _)) => Err(Failed::usage(format!("`{name}` means nothing to this command"))),
            None => Ok(Self {
                globals,
                around,
                clock: Clock::system(),
                acted: RefCell::default(),
                work: Cell::new(None),
            }),
        }
    }

    /// The clock.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Keeps who of staff acts: he is told what waits for him when the command is done.
    pub fn acts(&self, staff: &Staff) {
        self.acted.replace(Some(staff.clone()));
    }

    /// What waits for whoever acted; nothing where that cannot be read.
    pub fn waiting(&self) -> Waiting {
        let acted = self.acted.take();
        acted.and_then(|staff| staff.waiting().ok()).unwrap_or_default()
    }

    /// The room's directory.
    pub fn directory(&self) -> &Path {
        self.named_directory().unwrap_or(Path::new("."))
    }

    /// The directory that was named.
    pub fn named_directory(&self) -> Option<&Path> {
        self.globals.room.as_deref()
    }

    /// How the room is opened.
    pub fn options(&self) -> RoomOptions {
        RoomOptions {
            codes_to: CodesTo::Asker,
            clock: self.clock.clone(),
            component: Via::DIRECT.to_owned(),
            origin: self.around.origin.clone(),
            ..RoomOptions::new(self.directory(), &self.around.host)
        }
    }

    /// Opens the room.
    ///
    /// # Errors
    /// It does not open.
    pub fn room(&self) -> Result<Room, Failed> {
        self.opened(RoomOptions::open)
    }

    /// Opens the room, or, where its evidence is broken, opens it for customers alone: for who is to resume it.
    ///
    /// # Errors
    /// It does not open.
    pub fn room_or_held(&self) -> Result<Room, Failed> {
        self.opened(RoomOptions::open_or_hold)
    }

    fn opened(&self, open: fn(RoomOptions) -> Result<Room, OpenRoomError>) -> Result<Room, Failed> {
        if let Some(line) = line::current() {
            return Ok(line.room());
        }
        let room = open(self.options())?;
        Ok(match self.around.trace {
            Some(trace) => self.traced(&room, trace),
            None => room,
        })
    }

    /// The room as this command's trace sees it.
    fn traced(&self, room: &Room, trace: TraceId) -> Room {
        let origin = Origin::new().trace(trace);
        room.from(&match &self.around.origin {
            Some(address) => origin.at(address),
            None => origin,
        })
    }

    /// The room's id, without opening it.
    ///
    /// # Errors
    /// There is none.
    pub fn identify(&self) -> Result<RoomId, Failed> {
        match line::current() {
            Some(line) => Ok(line.room().id()),
            None => Ok(room::identify(self.directory())?),
        }
    }

    /// Whether the room's files are at hand: over the socket nothing happens that nobody has recorded.
    ///
    /// # Errors
    /// They are not.
    pub fn holds_files(&self) -> Result<(), Failed> {
        match line::current() {
            None => Ok(()),
            Some(_) => Err(Failed::of(Kind::Denied, "nobody is logged in").hint(
                "log in with `strongroom staff login HANDLE`: over the socket nothing goes unrecorded",
            )),
        }
    }

    /// Where the session of this room is kept.
    ///
    /// # Errors
    /// There is no place for it.
    pub fn session_file(&self, room: &Room) -> Result<SessionFile, Failed> {
        self.session_file_of(room.id())
    }

    /// Where the session of the room with this id is kept.
    ///
    /// # Errors
    /// There is no place for it.
    pub fn session_file_of(&self, room: RoomId) -> Result<SessionFile, Failed> {
        SessionFile::locate(self.globals.session.as_deref(), room, &self.around)
    }

    /// The socket that was named.
    pub fn socket(&self) -> Option<&str> {
        self.globals.socket.as_deref()
    }

    /// The socket that was named, or that nobody has to name.
    pub fn reached(&self) -> String {
        let default = || self.around.socket.clone().unwrap_or_else(|| SOCKET.to_owned());
        self.socket().map_or_else(default, str::to_owned)
    }

    /// The other end of the connection by which SSH brought the person here.
    pub const fn client(&self) -> Option<IpAddr> {
        self.around.client
    }

    /// What the system's manager of services said.
    pub const fn supervised(&self) -> &Supervised {
        &self.around.supervised
    }

    /// Whether a session file was named.
    pub const fn names_session(&self) -> bool {
        self.globals.session.is_some()
    }

    /// As whom to act without a session.
    pub fn acting(&self) -> Option<&str> {
        self.globals.acting.as_deref()
    }

    /// Whether a reason was stated: customers have none to state.
    pub const fn states_why(&self) -> bool {
        self.globals.purpose.is_some() || self.globals.case.is_some() || self.globals.reason.is_some()
    }

    /// What the person works on who acts, as his session has it.
    pub fn works_on(&self, work: Option<&str>) {
        self.work.set(work.and_then(session::work));
    }

    /// Why staff act: as it was said, and while working on what they work on.
    pub fn why(&self) -> Why {
        let why = self.stated_why();
        match self.work.get() {
            Some(work) => why.working_on(&work),
            None => why,
        }
    }

    /// The purpose that was stated.
    pub const fn purpose(&self) -> Option<Purpose> {
        self.globals.purpose
    }

    /// The same, for this purpose if none was stated.
    pub fn why_for(&self, purpose: Purpose) -> Why {
        self.with_case_and_reason(Why::purpose(self.globals.purpose.unwrap_or(purpose)))
    }

    fn stated_why(&self) -> Why {
        self.with_case_and_reason(self.globals.purpose.map_or_else(Why::unstated, Why::purpose))
    }

    fn with_case_and_reason(&self, why: Why) -> Why {
        let why = match self.globals.case {
            Some(case) => why.case(case),
            None => why,
        };
        match &self.globals.reason {
            Some(reason) => why.because(reason),
            None => why,
        }
    }
}
