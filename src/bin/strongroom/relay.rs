//! `relay`: carries a connection that came by another way, by SSH above all, to the socket. It says from where.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Shutdown},
    os::unix::net::UnixStream,
    path::Path,
    thread,
};

use crate::{
    failed::{Exit, Failed},
    faults,
    wire::{self, Kind, Relayed, Told},
};

/// Carries standard input to the socket and what comes back to standard output, until either ends.
///
/// # Errors
/// Nothing is served there.
pub fn run(socket: &str, client: Option<IpAddr>) -> Result<Exit, Failed> {
    let path = Path::new(socket);
    let failed = |e: io::Error| faults::file(path, &e);
    let mut socket = UnixStream::connect(path).map_err(failed)?;
    if let Some(client) = client {
        let relayed = Told::Relayed(Relayed { from: client.to_string() });
        let text = wire::written(&relayed).map_err(failed)?;
        wire::send(&mut socket, Kind::Message, &text).map_err(failed)?;
    }
    let mut back = socket.try_clone().map_err(failed)?;
    // Standard input may stay open for good: the thread that reads it ends with the process.
    thread::spawn(move || {
        let _ = carry(&mut io::stdin().lock(), &mut socket);
        let _ = socket.shutdown(Shutdown::Write);
    });
    // Whoever has gone away has what he wanted.
    let _ = carry(&mut back, &mut io::stdout().lock());
    Ok(Exit::Done)
}

/// Moves what comes as it comes.
fn carry(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut part = zeroize::Zeroizing::new(vec![0; wire::PART_BYTES_MAX]);
    loop {
        match from.read(&mut part) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                to.write_all(part.get(..read).unwrap_or_default())?;
                to.flush()?;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
