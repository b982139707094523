//! The socket at which a room is served: handed over by the manager of services, or made here.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
};

use crate::{failed::Failed, faults, supervisor, surroundings::Supervised};

/// The socket's mode: its group is who may knock.
const MODE: u32 = 0o660;

/// A socket that is listened at. One that was made here goes with this value.
pub struct Listening {
    socket: UnixListener,
    made: Option<PathBuf>,
}

impl Listening {
    /// Takes the socket that was handed over, or makes one at `path`.
    ///
    /// # Errors
    /// There is none, or somebody listens at that path.
    pub fn begin(said: &Supervised, path: Option<&str>) -> Result<Self, Failed> {
        let handed = supervisor::activated(said)
            .map_err(|e| Failed::new(format!("the socket that was handed over: {}", e.kind())))?;
        match (handed, path) {
            (Some(socket), None) => Ok(Self { socket, made: None }),
            (Some(_), Some(_)) => {
                Err(Failed::usage("a socket was handed over, and `--socket` names another"))
            }
            (None, None) => {
                Err(Failed::usage("`--socket` is missing").hint("say where to listen with `--socket PATH`"))
            }
            (None, Some(path)) => {
                let path = Path::new(path);
                let socket = bind(path).map_err(|e| match e.kind() {
                    ErrorKind::AddrInUse => {
                        Failed::new(format!("`{}` is taken, and nothing is overwritten", path.display()))
                    }
                    _ => faults::file(path, &e),
                })?;
                Ok(Self { socket, made: Some(path.to_path_buf()) })
            }
        }
    }

    /// The socket.
    pub const fn socket(&self) -> &UnixListener {
        &self.socket
    }

    /// Where it is, for people.
    pub fn place(&self) -> String {
        match &self.made {
            Some(path) => format!("`{}`", path.display()),
            None => "the socket that was handed over".to_owned(),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            // Somebody removed it before.
            let _ = fs::remove_file(path);
        }
    }
}

/// Listens at `path`, in place of a socket that a process has left which is no more.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let is_left = fs::symlink_metadata(path).is_ok_and(|facts| facts.file_type().is_socket())
        && UnixStream::connect(path).is_err_and(|e| e.kind() == ErrorKind::ConnectionRefused);
    if is_left {
        fs::remove_file(path)?;
    }
    let socket = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
    Ok(socket)
}
