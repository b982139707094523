//! `room.toml`: what is per host. What must agree between hosts is a row in the room.

use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tracing::instrument;

use super::{
    core::{Room, RoomOptions},
    error::{Failure, OpenRoomError},
    layout::{Layout, sync_directory},
    webhook::{WebhookConfig, WebhookPlace},
};
use crate::{
    audit::is_key_name,
    base::{RoomId, limits},
};

/// The format of room.toml.
const FORMAT: u32 = 1;

/// What the file holds. An unknown key is refused: a typing error in a setting that protects must not pass.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    format: u32,
    room: String,
    /// The log's origin, without its incarnation.
    pub(super) origin: String,
    /// Where the checkpoint and the erasure ledger are; relative to the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outside: Option<PathBuf>,
    /// How full the disk may be before attachments are refused, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments_stop_percent: Option<u8>,
    /// How much of the disk is kept for customers' logins, bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    reserve_bytes: Option<u64>,
    /// Where webhooks go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) webhook: Option<WebhookConfig>,
}

/// Where a setting's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingOrigin {
    /// Nobody has said otherwise.
    Default,
    /// The host's `room.toml`.
    File,
    /// The room's own row, which all its hosts share.
    Room,
}

impl SettingOrigin {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "room.toml",
            Self::Room => "room",
        }
    }
}

/// One setting as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub key: &'static str,
    /// Its value, as text.
    pub value: String,
    /// Where that comes from.
    pub origin: SettingOrigin,
}

impl RoomOptions {
    /// What this host's `room.toml` says and what it leaves as it is. It reads that file alone: neither databases nor
    /// keys need be there.
    ///
    /// # Errors
    /// There is no such file, or it does not say what it should.
    #[instrument(
        name = "options.configuration",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn configuration(&self) -> Result<Vec<Setting>, OpenRoomError> {
        let config = Config::read(&Layout::new(&self.directory, None).config())?;
        let said = |key, value: Option<String>, default: &str| match value {
            Some(value) => Setting { key, value, origin: SettingOrigin::File },
            None => Setting { key, value: default.to_owned(), origin: SettingOrigin::Default },
        };
        let outside = config.outside.as_ref().map(|path| path.display().to_string());
        let stop = config.attachments_stop_percent.map(|percent| percent.to_string());
        let reserve = config.reserve_bytes.map(|bytes| bytes.to_string());
        let webhook = config.webhook.as_ref();
        let paths = |paths: &[PathBuf]| {
            paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
        };
        Ok(vec![
            said("format", Some(config.format.to_string()), ""),
            said("room", Some(config.room), ""),
            said("origin", Some(config.origin), ""),
            said("outside", outside, "outside"),
            said("attachments_stop_percent", stop, &limits::ATTACHMENTS_STOP_PERCENT.to_string()),
            said("reserve_bytes", reserve, &limits::RESERVE_BYTES.to_string()),
            said("webhook.url", webhook.map(|webhook| webhook.url.clone()), "none"),
            said("webhook.secrets", webhook.map(|webhook| paths(&webhook.secrets)), "none"),
            said(
                "webhook.authorities",
                webhook
                    .and_then(|webhook| webhook.authorities.as_ref())
                    .map(|path| path.display().to_string()),
                "the program's own",
            ),
        ])
    }
}

impl RoomOptions {
    /// Where this host's `room.toml` sends webhooks; nothing if it names no place.
    ///
    /// # Errors
    /// There is no such file, or it does not say what it should.
    #[instrument(name = "options.webhook", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn webhook(&self) -> Result<Option<WebhookPlace>, OpenRoomError> {
        let config = Config::read(&Layout::new(&self.directory, None).config())?;
        Ok(config.webhook.map(|webhook| webhook.place(&self.directory)))
    }
}

impl Room {
    /// What holds for every host of the room.
    pub fn settings(&self) -> Vec<Setting> {
        self.core
            .settings
            .shown()
            .map(|(key, value)| Setting { key, value, origin: SettingOrigin::Room })
            .into()
    }
}

/// What the parser says, without the value that it found: that may be a secret which was pasted here.
fn unquoted(message: &str) -> String {
    let invalid = ["invalid type: ", "invalid value: "].iter().find(|start| message.starts_with(**start));
    let parts =
        invalid.and_then(|start| Some((start, message.strip_prefix(start)?.rsplit_once(", expected ")?)));
    let Some((start, (found, expected))) = parts else { return message.to_owned() };
    let kind = found.split(['`', '"']).next().unwrap_or_default().trim_end();
    format!("{start}{kind}, expected {expected}")
}

impl Config {
    pub(super) fn new(room: RoomId, origin: String, outside: Option<PathBuf>) -> Self {
        let room = room.to_string();
        Self {
            format: FORMAT,
            room,
            origin,
            outside,
            attachments_stop_percent: None,
            reserve_bytes: None,
            webhook: None,
        }
    }

    /// The room that the file says it belongs to.
    pub(super) fn room(&self) -> Option<RoomId> {
        self.room.parse().ok()
    }

    /// How full the disk may be before attachments are refused, percent.
    pub(super) fn attachments_stop_percent(&self) -> u8 {
        self.attachments_stop_percent.unwrap_or(limits::ATTACHMENTS_STOP_PERCENT)
    }

    /// How much of the disk is kept for customers' logins, bytes.
    pub(super) fn reserve_bytes(&self) -> u64 {
        self.reserve_bytes.unwrap_or(limits::RESERVE_BYTES)
    }

    /// Writes a new file.
    pub(super) fn create(&self, path: &Path) -> Result<(), Failure> {
        let text = toml::to_string(self).map_err(|_| Failure::Internal("room.toml"))?;
        let fail = |e: std::io::Error| Failure::file(path, &e);
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(fail)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?;
        path.parent().map_or(Ok(()), sync_directory).map_err(fail)
    }

    /// Reads the file.
    pub(super) fn read(path: &Path) -> Result<Self, OpenRoomError> {
        let bad = |line, what: &str| OpenRoomError::Config {
            path: path.to_path_buf(),
            line,
            what: what.to_owned(),
        };
        let mut text = String::new();
        let file = fs::File::open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => OpenRoomError::NoRoom { path: path.to_path_buf() },
            _ => Failure::file(path, &e).into(),
        })?;
        let limit = limits::ROOM_TOML_BYTES_MAX;
        let read = file.take(limit + 1).read_to_string(&mut text).map_err(|e| match e.kind() {
            std::io::ErrorKind::InvalidData => bad(None, "it is not UTF-8"),
            _ => Failure::file(path, &e).into(),
        })?;
        // What stands past the limit would be a setting that nobody obeys.
        if u64::try_from(read).unwrap_or(u64::MAX) > limit {
            return Err(bad(None, &format!("it is longer than {limit} bytes")));
        }
        let line = |at: usize| text.get(..at).unwrap_or("").matches('\n').count() + 1;
        let config: Self = toml::from_str(&text)
            .map_err(|e| bad(e.span().map(|span| line(span.start)), &unquoted(e.message())))?;
        if !is_key_name(&config.origin) {
            return Err(bad(None, "the origin is no name of a log: it takes no white space and no `+`"));
        }
        if !(1..=100).contains(&config.attachments_stop_percent()) {
            return Err(bad(None, "attachments_stop_percent is between 1 and 100"));
        }
        if config.reserve_bytes() < limits::RESERVE_BYTES_MIN {
            let what = format!("reserve_bytes is {} at least", limits::RESERVE_BYTES_MIN);
            return Err(bad(None, &what));
        }
        if let Some(fault) = config.webhook.as_ref().and_then(WebhookConfig::fault) {
            return Err(bad(None, fault));
        }
        if config.format == FORMAT {
            Ok(config)
        } else {
            Err(OpenRoomError::Format { room: config.format, program: FORMAT })
        }
    }
}
