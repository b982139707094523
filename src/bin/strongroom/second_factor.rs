//! Showing a second factor: a one-time code, or a signature that `ssh-keygen` makes.

use std::path::PathBuf;

use clap::Args;
use strongroom::room::{
    FactorAsked, FactorKind, Kind, Room, SecondFactor, SecretText, StaffLogin, StaffLoginError,
};

use crate::{failed::Failed, prompt, secret::CodeFrom, sign, terminal};

/// Lines that are typed or pasted of a signature.
const SIGNATURE_LINES_MAX: usize = 64;

/// Where a second factor comes from.
#[derive(Args)]
pub struct FactorFrom {
    #[command(flatten)]
    code: CodeFrom,
    /// Sign with this SSH key, by `ssh-keygen`: its file, or its public half if an agent or a security key holds it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["code_fd", "code_file"])]
    ssh_key: Option<PathBuf>,
}

impl FactorFrom {
    /// A factor that the terminal is asked for.
    pub const fn terminal() -> Self {
        Self { code: CodeFrom::terminal(), ssh_key: None }
    }

    /// The one-time code.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn code(&self) -> Result<SecretText, Failed> {
        self.code.read()
    }

    /// Whether it was said where a code comes from.
    pub const fn names_code(&self) -> bool {
        self.code.is_given()
    }

    /// The signature over a challenge.
    ///
    /// # Errors
    /// It cannot be made, and there is no terminal to ask for it.
    pub fn signature(&self, challenge: &SecretText) -> Result<String, Failed> {
        match &self.ssh_key {
            Some(key) => sign::by_ssh_keygen(key, challenge),
            None if terminal::is_input() => by_hand(challenge),
            None => Err(Failed::usage("there is no terminal to ask for the signature")
                .hint("sign with an SSH key by `--ssh-key FILE`")),
        }
    }

    /// A factor of one of the kinds that are asked for.
    fn show(&self, asked: &FactorAsked) -> Result<SecondFactor, Failed> {
        let has_codes = asked.kinds.contains(&FactorKind::Totp);
        let has_keys = asked.kinds.iter().any(|kind| *kind != FactorKind::Totp);
        if self.ssh_key.is_some() {
            return self.signature(&asked.challenge).map(SecondFactor::Signature);
        }
        if self.names_code() {
            return self.code().map(SecondFactor::Code);
        }
        if !terminal::is_input() {
            let names: Vec<_> = asked.kinds.iter().map(|kind| kind.name()).collect();
            let told = format!("a second factor is asked for: {}", names.join(", "));
            return Err(Failed::of(Kind::Denied, told).hint(
                "give a one-time code with `--code-fd N` or `--code-file FILE`, or sign with `--ssh-key FILE`",
            ));
        }
        if has_codes || !has_keys {
            self.code().map(SecondFactor::Code)
        } else {
            self.signature(&asked.challenge).map(SecondFactor::Signature)
        }
    }
}

/// Logs a member of staff in, with as many factors as he has.
///
/// # Errors
/// The login is denied, or a factor cannot be shown.
pub fn login(
    room: &Room,
    handle: &str,
    password: &SecretText,
    factor: &FactorFrom,
) -> Result<StaffLogin, Failed> {
    match room.staff_login(handle, password) {
        Err(StaffLoginError::SecondFactor { asked }) => {
            Ok(room.second_factor(&asked.challenge, &factor.show(&asked)?)?)
        }
        other => Ok(other?),
    }
}

/// The signature that somebody makes elsewhere, where his key is, and pastes.
fn by_hand(challenge: &SecretText) -> Result<String, Failed> {
    let failed = |e: std::io::Error| Failed::new(format!("reading the signature failed: {}", e.kind()));
    let asked = format!(
        "sign this where your key is, and paste what it prints:\n\
         printf %s {} | ssh-keygen -Y sign -n {} -f KEY\n",
        challenge.expose(),
        sign::NAMESPACE
    );
    let (mut text, mut prompt) = (String::new(), asked.as_str());
    for _ in 0..SIGNATURE_LINES_MAX {
        let line = prompt::secret(prompt, 512).map_err(failed)?;
        prompt = "";
        text.push_str(&String::from_utf8_lossy(&line));
        text.push('\n');
        if line.starts_with(b"-----END") {
            break;
        }
    }
    Ok(text)
}
