//! `staff factor`: what a member of staff shows beside a password.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use strongroom::room::{FactorId, PrincipalId, SecretText, TotpOffer};

use crate::{
    actor::Actor, call::Call, failed::Failed, output::Output, prompt, second_factor::FactorFrom,
    secret_file::SecretFile, shown, table::Table, terminal,
};

/// What is typed of a code.
const CODE_TYPED_BYTES_MAX: usize = 64;

/// Second factors.
#[derive(Subcommand)]
pub enum Factor {
    /// Add one: one-time codes of an authenticator application, or an SSH key
    Add(Add),
    /// List one's own
    List,
    /// Take one of one's own away
    Remove {
        /// Which
        factor: FactorId,
    },
    /// Take all of them from a colleague who lost them; this takes a second person
    Reset {
        /// From whom
        principal: PrincipalId,
    },
}

/// A new factor.
#[derive(Args)]
pub struct Add {
    /// Which kind
    kind: Which,
    /// Write the secret of one-time codes into this new file, which only its owner can read, instead of showing it
    #[arg(long, value_name = "FILE")]
    secret_to: Option<PathBuf>,
    #[command(flatten)]
    factor: FactorFrom,
}

/// Kinds of factors that can be added.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// One-time codes (RFC 6238)
    Totp,
    /// An SSH key, `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`
    Ssh,
}

impl Factor {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        match self {
            Self::Add(add) => add.run(call, out),
            Self::List => list(call, out),
            Self::Remove { factor } => {
                Actor::staff(call, &call.room()?)?.staff.remove_factor(factor)?;
                let value = json!({"factor": factor.to_string()});
                out.result("staff.factor.remove", value, format_args!("removed {factor}"));
                Ok(())
            }
            Self::Reset { principal } => {
                let factors =
                    Actor::staff(call, &call.room()?)?.staff.reset_factors(principal, &call.why())?;
                let value = json!({"principal": principal.to_string(), "factors": factors});
                let told = shown::count(factors, "second factor", "second factors");
                out.result("staff.factor.reset", value, format_args!("took {told} from {principal}"));
                Ok(())
            }
        }
    }
}

fn list(call: &Call, out: &mut Output) -> Result<(), Failed> {
    let factors = Actor::staff(call, &call.room()?)?.staff.factors()?;
    if out.is_json() {
        let rows: Vec<_> = factors
            .iter()
            .map(|one| {
                json!({
                    "factor": one.factor.to_string(),
                    "kind": one.kind.name(),
                    "created": one.created.to_string(),
                })
            })
            .collect();
        out.json("staff.factor.list", json!({"factors": rows}));
        return Ok(());
    }
    let mut table = Table::new(["factor", "kind", "added"]);
    for one in &factors {
        table.row([one.factor.to_string(), one.kind.name().to_owned(), shown::time(one.created)]);
    }
    out.line(table);
    Ok(())
}

impl Add {
    fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let at_work = Actor::staff(call, &room)?;
        let staff = &at_work.staff;
        let (factor, kind) = match self.kind {
            Which::Totp => {
                let offer = TotpOffer::fresh()?;
                let code = self.first_code(&offer.address(&at_work.label()))?;
                (staff.add_totp(&offer, &code)?, "one-time codes")
            }
            Which::Ssh if self.secret_to.is_some() => {
                return Err(Failed::usage("`--secret-to` means nothing for an SSH key"));
            }
            Which::Ssh => {
                let challenge = staff.key_challenge()?;
                let signature = self.factor.signature(&challenge)?;
                (staff.add_ssh_key(&challenge, &signature)?, "an SSH key")
            }
        };
        let value = json!({"factor": factor.to_string()});
        out.result("staff.factor.add", value, format_args!("added {kind} as {factor}"));
        Ok(())
    }

    /// Shows the secret this once, and asks for the first code.
    fn first_code(&self, address: &SecretText) -> Result<SecretText, Failed> {
        if let Some(file) = SecretFile::create(self.secret_to.as_ref())? {
            file.write(&zeroize::Zeroizing::new(format!("{}\n", address.expose())))?;
            return self.factor.code();
        }
        if self.factor.names_code() || !terminal::is_input() {
            return Err(Failed::usage("there is no terminal to show the secret on")
                .hint("write it into a new file with `--secret-to FILE`"));
        }
        let asked = zeroize::Zeroizing::new(format!(
            "the secret, shown this once, for your authenticator application:\n{}\nits first code: ",
            address.expose()
        ));
        let typed = prompt::secret(&asked, CODE_TYPED_BYTES_MAX)
            .map_err(|e| Failed::new(format!("reading the code failed: {}", e.kind())))?;
        Ok(SecretText::new(String::from_utf8_lossy(&typed).into_owned()))
    }
}
