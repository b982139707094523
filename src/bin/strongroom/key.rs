//! `key`: keys of a customer's programs.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::room::{ApiKey, ApiKeyId, Listed, Owner, SecretText, Time};
use zeroize::Zeroizing;

use crate::{
    actor::Actor,
    call::Call,
    failed::Failed,
    output::Output,
    paged::{self, Paged},
    secret_file::SecretFile,
    shown,
    table::Table,
    typed,
};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Keys of one's own programs.
#[derive(Subcommand)]
pub enum Key {
    /// Make a key, which is shown this once
    Create(Create),
    /// List one's keys, the newest first, with the day of their last use
    List(Paged),
    /// Take a key back, at once
    Revoke {
        /// Which; the list has its id
        #[arg(value_name = "KEY")]
        id: ApiKeyId,
    },
}

/// A new key.
#[derive(Args)]
pub struct Create {
    /// What it is for, in small letters and `.:_-*`; repeated, or with commas
    #[arg(long = "scope", value_name = "NAME", value_delimiter = ',')]
    scopes: Vec<String>,
    /// For how long, as `8h` or `30d`: two years at most
    #[arg(long = "for", value_name = "TIME", value_parser = typed::lifetime, default_value = "90d")]
    lifetime: Duration,
    /// Write the key into this new file, which only its owner can read, instead of showing it
    #[arg(long, value_name = "FILE")]
    key_to: Option<PathBuf>,
}

impl Key {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let session = Actor::customer(call, &room)?;
        let owner = room.owner(&session);
        match self {
            Self::Create(create) => return create.run(&owner, call.clock().now(), out),
            Self::List(paged) => list(&owner.api_keys(&paged.page())?, out),
            Self::Revoke { id } => {
                owner.revoke_api_key(id)?;
                let value = json!({"key": id.to_string()});
                out.result("key.revoke", value, format_args!("revoked key {id}"));
            }
        }
        Ok(())
    }
}

impl Create {
    fn run(self, owner: &Owner<'_>, now: Time, out: &mut Output) -> Result<(), Failed> {
        let file = SecretFile::create(self.key_to.as_ref())?;
        let scopes: Vec<_> = self.scopes.iter().map(String::as_str).collect();
        let expires = now.plus(self.lifetime);
        let made = owner.make_api_key(&scopes, expires)?;
        let text = if file.is_none() { Some(made.key.expose()) } else { None };
        let value = json!({"key": made.id.to_string(), "text": text, "expires": expires.to_string()});
        let tail = text.map_or_else(String::new, |text| format!("\nthe key, shown this once: {text}"));
        let told = format!("made key {} until {}{tail}", made.id, shown::time(expires));
        out.result("key.create", value, Zeroizing::new(told).as_str());
        kept(file, &made.key)
    }
}

fn kept(file: Option<SecretFile>, key: &SecretText) -> Result<(), Failed> {
    file.map_or(Ok(()), |file| file.write(&Zeroizing::new(format!("{}\n", key.expose()))))
}

/// The day of a number of days since 1970.
fn day(number: u32) -> String {
    let (year, month, day) = Time::from_ms(i64::from(number) * DAY_MS).date();
    format!("{year:04}-{month:02}-{day:02}")
}

fn list(part: &Listed<ApiKey>, out: &mut Output) {
    let Listed { rows: keys, next } = part;
    if out.is_json() {
        let row = |key: &ApiKey| {
            json!({
                "key": key.id.to_string(),
                "prefix": key.prefix,
                "scopes": key.scopes,
                "created": key.created.to_string(),
                "expires": key.expires.to_string(),
                "used": key.used_day.map(day),
                "is_live": key.is_live,
            })
        };
        let keys: Vec<_> = keys.iter().map(row).collect();
        out.json("key.list", json!({"keys": keys, "next": paged::value(next.as_ref())}));
        return;
    }
    let mut table = Table::new(["key", "begins with", "for", "until", "last used", ""]);
    for key in keys {
        table.row([
            key.id.to_string(),
            key.prefix.clone(),
            key.scopes.join(" "),
            shown::time(key.expires),
            key.used_day.map_or_else(|| "–".to_owned(), day),
            if key.is_live { String::new() } else { "counts no more".to_owned() },
        ]);
    }
    out.line(table);
    paged::tell(next.as_ref(), out);
}
