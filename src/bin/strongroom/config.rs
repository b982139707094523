//! `config`: what is set, and by what.

use clap::Subcommand;
use serde_json::json;
use strongroom::room::Setting;

use crate::{call::Call, failed::Failed, output::Output, table::Table};

/// What is set for this host, and for the room.
#[derive(Subcommand)]
pub enum Config {
    /// Read room.toml and say whether it is sound; neither databases nor keys need be there
    Check,
    /// Show every setting as it holds
    Show {
        /// Say where each value comes from
        #[arg(long)]
        origin: bool,
    },
}

impl Config {
    /// Carries it out.
    ///
    /// # Errors
    /// room.toml does not say what it should; to show the room's own settings, the room does not open.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let mut settings = call.options().configuration()?;
        match self {
            Self::Check if out.is_json() => out.json("config.check", json!({"sound": true})),
            Self::Check => out.line("room.toml is sound"),
            Self::Show { origin } => {
                settings.extend(call.room()?.settings());
                show(&settings, origin, out);
            }
        }
        Ok(())
    }
}

fn show(settings: &[Setting], origin: bool, out: &mut Output) {
    if out.is_json() {
        let rows = settings
            .iter()
            .map(|set| json!({"key": set.key, "value": set.value, "origin": set.origin.name()}))
            .collect::<Vec<_>>();
        return out.json("config.show", json!({"settings": rows}));
    }
    if origin {
        let mut table = Table::new(["setting", "value", "from"]);
        for set in settings {
            table.row([set.key.to_owned(), set.value.clone(), set.origin.name().to_owned()]);
        }
        out.line(table);
    } else {
        let mut table = Table::new(["setting", "value"]);
        for set in settings {
            table.row([set.key.to_owned(), set.value.clone()]);
        }
        out.line(table);
    }
}
