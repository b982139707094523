//! What the system's manager of services says and wants to hear: the socket that it listens at for this program,
//! readiness, the watchdog. The protocols are those of sd_listen_fds(3) and sd_notify(3).

use std::{
    io,
    os::unix::net::{SocketAddr, UnixDatagram, UnixListener},
    time::Duration,
};

use crate::surroundings::Supervised;

/// The manager of services, if there is one.
pub struct Supervisor {
    notices: Option<UnixDatagram>,
    /// How often it wants to hear that this program is alive.
    watchdog: Option<Duration>,
}

impl Supervisor {
    /// Whoever started this program with these words.
    ///
    /// # Errors
    /// He is not there.
    pub fn of(said: &Supervised) -> io::Result<Self> {
        let notices = said.notify.as_deref().map(connect).transpose()?;
        Ok(Self { notices, watchdog: said.watchdog })
    }

    /// Says `state`, as `READY=1`. Nobody who listens is no failure: the work goes on.
    pub fn say(&self, state: &str) {
        if let Some(notices) = &self.notices {
            let _ = notices.send(state.as_bytes());
        }
    }

    /// How often to say that one is alive: twice in the time that is given.
    pub fn beat(&self) -> Option<Duration> {
        self.watchdog.map(|watchdog| watchdog / 2)
    }
}

fn connect(name: &str) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    let address = match name.strip_prefix('@') {
        Some(name) => abstract_address(name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    socket.connect_addr(&address)?;
    Ok(socket)
}

#[cfg(target_os = "linux")]
fn abstract_address(name: &str) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    SocketAddr::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn abstract_address(_name: &str) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The socket that was opened for this program, if one was.
///
/// # Errors
/// It is none.
#[cfg(target_os = "linux")]
pub fn activated(said: &Supervised) -> io::Result<Option<UnixListener>> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    /// The number of the first descriptor that is handed over.
    const FIRST: i32 = 3;
    match said.descriptors {
        0 => Ok(None),
        1 => {
            // A copy, by way of the process itself: taking a number over is `unsafe`, since it may be anybody's.
            let this = pidfd_open(getpid(), PidfdFlags::empty())?;
            let listener = UnixListener::from(pidfd_getfd(this, FIRST, PidfdGetfdFlags::empty())?);
            listener.local_addr().map(|_| Some(listener))
        }
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "more than one socket was handed over")),
    }
}

/// The socket that was opened for this program: a matter of Linux.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn activated(_said: &Supervised) -> io::Result<Option<UnixListener>> {
    Ok(None)
}
