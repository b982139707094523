//! The session file: a token that acts for its holder, in a file that only he can read.

use std::{
    fs,
    io::Write,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use strongroom::room::{Object, Purpose, RoomId, SecretText, Time, Work};
use zeroize::Zeroizing;

use crate::{
    failed::Failed,
    faults,
    holder::Holder,
    line,
    own_file::{self, NewFile},
    surroundings::Surroundings,
    typed,
    wire::Kept,
};

/// What the file says it is.
const SCHEMA: &str = "strongroom.session/1";
/// Far more than a session file has.
const SESSION_BYTES_MAX: u64 = 4 * 1024;

/// A session as the file holds it.
pub struct Session {
    /// Whose it is.
    pub holder: Holder,
    /// The handle that a member of staff logged in with: to log in again, the password is asked for alone.
    pub handle: Option<String>,
    /// What a member of staff works on, as [`written`] writes it.
    pub work: Option<String>,
    /// From when it counts no more.
    pub expires: Time,
    /// The token.
    pub token: SecretText,
}

impl Session {
    /// The session that came over the socket.
    ///
    /// # Errors
    /// It names no holder.
    pub fn of(kept: &Kept) -> Result<Self, Failed> {
        let holder = Holder::parse(&kept.holder);
        let holder = holder.ok_or_else(|| Failed::new("the session that was sent names no holder"))?;
        let (handle, work) = (kept.handle.clone(), kept.work.clone());
        let expires = Time::from_ms(kept.expires);
        Ok(Self { holder, handle, work, expires, token: SecretText::new(kept.token.clone()) })
    }

    /// The session as it goes over the socket.
    pub fn kept(&self) -> Kept {
        Kept {
            holder: self.holder.object().to_string(),
            handle: self.handle.clone(),
            work: self.work.clone(),
            expires: self.expires.as_ms(),
            token: self.token.expose().to_owned(),
        }
    }
}

/// The file's form. An unknown field is refused: it would be a later version's, and what it asks for unmet.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    schema: String,
    room: String,
    /// `principal:ID` or `account:ID`.
    holder: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
    /// `PURPOSE CASE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work: Option<String>,
    /// Milliseconds since 1970, UTC.
    expires: i64,
    token: String,
}

/// Where the session of one room is kept.
pub struct SessionFile {
    path: PathBuf,
    room: RoomId,
    /// Whether the path is this program's choice, whose directory it may make.
    chosen: bool,
}

impl SessionFile {
    /// The file that was named, or the one for this room in the runtime directory.
    ///
    /// # Errors
    /// None was named and there is no runtime directory.
    pub fn locate(named: Option<&Path>, room: RoomId, around: &Surroundings) -> Result<Self, Failed> {
        if let Some(line) = line::current() {
            let path = line.caller(|caller| caller.session_file.clone()).unwrap_or_else(|| "-".to_owned());
            return Ok(Self { path: path.into(), room, chosen: false });
        }
        let default = || {
            let runtime = around.runtime.as_ref()?;
            Some(runtime.join("strongroom").join(format!("{room}.session")))
        };
        let path = named.map(Path::to_path_buf).or_else(default).ok_or_else(|| {
            Failed::new("there is no place for a session: XDG_RUNTIME_DIR is not set")
                .hint("say where it is kept with `--session FILE`")
        })?;
        Ok(Self { path, room, chosen: named.is_none() })
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The session, if there is one.
    ///
    /// # Errors
    /// The file cannot be read, is open to others, is no session file, or another room's.
    pub fn read(&self) -> Result<Option<Session>, Failed> {
        if let Some(line) = line::current() {
            return line.caller(|caller| caller.session.as_ref().map(Session::of).transpose());
        }
        if let Err(e) = fs::symlink_metadata(&self.path) {
            return match e.kind() {
                std::io::ErrorKind::NotFound => Ok(None),
                _ => Err(faults::file(&self.path, &e)),
            };
        }
        let bytes = own_file::read(&self.path, SESSION_BYTES_MAX)?;
        let refused = |why: &str| Failed::new(format!("`{}` {why}", self.path.display()));
        let form: Form = serde_json::from_slice(&bytes).map_err(|_| refused("is no session file"))?;
        let token = SecretText::new(form.token);
        if form.schema != SCHEMA {
            return Err(refused("is no session file of this version"));
        }
        if form.room != self.room.to_string() {
            return Err(refused("holds a session of another room"));
        }
        let holder = Holder::parse(&form.holder).ok_or_else(|| refused("names no holder"))?;
        let expires = Time::from_ms(form.expires);
        Ok(Some(Session { holder, handle: form.handle, work: form.work, expires, token }))
    }

    /// Refuses to begin a session over one that may still count.
    ///
    /// # Errors
    /// There is one, or the file is none of this program's.
    pub fn is_free(&self, now: Time) -> Result<(), Failed> {
        let Some(session) = self.read()?.filter(|session| now < session.expires) else { return Ok(()) };
        let holder = session.holder;
        Err(Failed::new(format!("`{}` holds {}", self.path.display(), holder.noun())).hint(format!(
            "end it with `strongroom {}`, or keep this one elsewhere with `--session FILE`",
            holder.logout()
        )))
    }

    /// Keeps a session, in place of one that counts no more.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, session: &Session) -> Result<(), Failed> {
        if let Some(line) = line::current() {
            return line.keep_session(Some(session.kept()));
        }
        if let Some(parent) = self.path.parent().filter(|_| self.chosen) {
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(parent);
            made.map_err(|e| faults::file(parent, &e))?;
        }
        self.remove()?;
        let form = Form {
            schema: SCHEMA.to_owned(),
            room: self.room.to_string(),
            holder: session.holder.object().to_string(),
            handle: session.handle.clone(),
            work: session.work.clone(),
            expires: session.expires.as_ms(),
            token: session.token.expose().to_owned(),
        };
        let text = serde_json::to_vec(&form).map(Zeroizing::new);
        drop(Zeroizing::new(form.token));
        let text = text.map_err(|_| Failed::new("the session cannot be written down"))?;
        let mut file = NewFile::create(&self.path)?;
        file.write_all(&text).map_err(|e| faults::file(&self.path, &e))?;
        file.keep()
    }

    /// Removes the file, if there is one.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove(&self) -> Result<(), Failed> {
        if let Some(line) = line::current() {
            return line.keep_session(None);
        }
        match fs::remove_file(&self.path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(faults::file(&self.path, &e)),
            _ => Ok(()),
        }
    }
}

/// How a session holds it: `PURPOSE CASE`.
pub fn written(work: &Work) -> String {
    format!("{} {}", work.purpose.name(), Object::from(work.case))
}

/// What a session holds.
pub fn work(text: &str) -> Option<Work> {
    let (purpose, case) = text.split_once(' ')?;
    Some(Work { purpose: Purpose::from_name(purpose)?, case: typed::case(case).ok()?, account: None })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use strongroom::room::{PrincipalId, RoomId, SecretText, Time};

    use super::{Session, SessionFile};
    use crate::{holder::Holder, surroundings::Surroundings};

    const ROOM: RoomId = RoomId::from_bytes([2; 16]);
    const HOLDER: Holder = Holder::Staff(PrincipalId::from_bytes([3; 16]));

    fn session(expires: i64) -> Session {
        Session {
            holder: HOLDER,
            handle: Some("sam".to_owned()),
            work: None,
            expires: Time::from_ms(expires),
            token: SecretText::new("t".into()),
        }
    }

    #[test]
    fn a_session_comes_back_and_others_cannot_read_it() {
        let directory = tempfile::tempdir().unwrap();
        let around = Surroundings { runtime: Some(directory.path().into()), ..Surroundings::default() };
        let file = SessionFile::locate(None, ROOM, &around).ok().unwrap();
        assert!(file.read().ok().unwrap().is_none());
        file.write(&session(5)).ok().unwrap();
        let back = file.read().ok().unwrap().unwrap();
        assert_eq!((back.holder, back.expires.as_ms(), back.token.expose()), (HOLDER, 5, "t"));
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
        let parent = file.path().parent().unwrap();
        assert_eq!(fs::metadata(parent).unwrap().permissions().mode() & 0o777, 0o700);

        assert!(file.is_free(Time::from_ms(4)).is_err());
        assert!(file.is_free(Time::from_ms(5)).is_ok());
        file.write(&session(9)).ok().unwrap();
        assert_eq!(file.read().ok().unwrap().unwrap().expires.as_ms(), 9);
        file.remove().ok().unwrap();
        assert!(file.read().ok().unwrap().is_none());
    }

    #[test]
    fn another_rooms_session_and_unknown_fields_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("session");
        let file = SessionFile::locate(Some(&path), ROOM, &Surroundings::default()).ok().unwrap();
        file.write(&session(5)).ok().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let other = RoomId::from_bytes([1; 16]);
        assert!(
            SessionFile::locate(Some(&path), other, &Surroundings::default()).ok().unwrap().read().is_err()
        );
        for broken in [
            String::new(),
            text.replace("session/1", "session/2"),
            text.replace("\"expires\":5", "\"expires\":\"5\""),
            text.replace("principal:", "ticket:"),
            text.replace('}', ",\"more\":1}"),
            text.replace('}', ",\"token\":\"u\"}"),
        ] {
            fs::write(&path, &broken).unwrap();
            assert!(file.read().is_err(), "{broken}");
        }
        assert!(SessionFile::locate(None, ROOM, &Surroundings::default()).is_err());
    }
}
