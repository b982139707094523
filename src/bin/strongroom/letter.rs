//! What a customer is to be sent, and what his browser keeps. This program sends no mail: it hands both to whoever holds
//! the room's files, as the library hands them to the program that links it.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use strongroom::room::{Asked, Contact, Delivery, Letter, Receiver};
use zeroize::Zeroizing;

use crate::{failed::Failed, output::Output, secret_file::SecretFile, shown};

/// Where the handle and the letters go; without it to standard output.
#[derive(Args)]
pub struct LetterTo {
    /// Write what is to be sent, and the handle that its code goes with, as JSON into this new file, which only its owner
    /// can read
    #[arg(long, value_name = "FILE")]
    letter_to: Option<PathBuf>,
}

/// The place of letters that are not made yet.
pub struct Waiting(Option<SecretFile>);

impl LetterTo {
    /// Makes the file, if there is to be one.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(&self) -> Result<Waiting, Failed> {
        SecretFile::create(self.letter_to.as_ref()).map(Waiting)
    }
}

impl Waiting {
    /// Writes the answer down, or says it. Whoever reads the output alone is told the same whether or not there is
    /// anybody to write to.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn tell(self, name: &str, asked: &Asked, out: &mut Output) -> Result<(), Failed> {
        let values: Vec<_> = asked.unsent.iter().map(value).collect();
        let value = json!({"handle": asked.handle.expose(), "letters": values});
        if let Some(file) = self.0 {
            let path = file.path().to_string_lossy().into_owned();
            file.write(&Zeroizing::new(format!("{value}\n")))?;
            let told = format!("asked: what is to be sent is in {}", shown::line(&path));
            out.result(name, json!({"letter_file": path}), told);
        } else if out.is_json() {
            out.json(name, value);
        } else {
            out.line(format_args!("handle, which goes with the code: {}", asked.handle.expose()));
            asked.unsent.iter().for_each(|letter| line(letter, out));
        }
        Ok(())
    }
}

fn receiver(to: Receiver) -> String {
    match to {
        Receiver::Account(id) => id.to_string(),
        Receiver::Principal(id) => id.to_string(),
    }
}

const fn contact(contact: Contact) -> &'static str {
    match contact {
        Contact::Address => "address",
        Contact::Unconfirmed => "unconfirmed",
        Contact::NewAddress => "new_address",
        Contact::FormerAddress => "former_address",
        Contact::Colleague => "colleague",
        Contact::Nowhere => "nowhere",
    }
}

fn value(letter: &Delivery) -> Value {
    let (to, contact) = (receiver(letter.to), contact(letter.contact));
    match &letter.letter {
        Letter::Code { topic, code, link, expires } => json!({
            "to": to,
            "contact": contact,
            "letter": topic.name(),
            "code": code.expose(),
            "link": link.expose(),
            "expires": expires.to_string(),
        }),
        Letter::Notice { kind, about: None } => json!({"to": to, "contact": contact, "letter": kind.name()}),
        Letter::Notice { kind, about: Some(object) } => {
            json!({"to": to, "contact": contact, "letter": kind.name(), "about": object.to_string()})
        }
    }
}

fn line(letter: &Delivery, out: &mut Output) {
    let whose = match letter.contact {
        Contact::Address => "at the address that it has",
        Contact::Unconfirmed => "at the address that nobody has confirmed",
        Contact::NewAddress => "at the address that it is to have",
        Contact::FormerAddress => "at the address that it had",
        Contact::Colleague => "a colleague",
        Contact::Nowhere => "whose address is erased",
    };
    let to = receiver(letter.to);
    match &letter.letter {
        Letter::Code { topic, code, link, expires } => {
            out.line(format_args!(
                "to send to {to}, {whose}: {} code {}, or until {} link {}",
                topic.name(),
                code.expose(),
                shown::time(*expires),
                link.expose(),
            ));
        }
        Letter::Notice { kind, .. } => {
            out.line(format_args!("to send to {to}, {whose}: notice {kind}"));
        }
    }
}
