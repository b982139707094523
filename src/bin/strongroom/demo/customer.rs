//! A customer registers and logs in.

use strongroom::room::{AccountId, Answer, OwnerSession, Registration, SecretText};

use super::{
    amiss::amiss,
    assets::{EMAIL, NAME, PASSWORD},
    stage::Stage,
};
use crate::failed::Failed;

/// The customer, logged in.
pub struct Customer {
    /// The account.
    pub account: AccountId,
    /// The session.
    pub session: OwnerSession,
}

/// Registers the customer and logs her in.
pub fn play(stage: &mut Stage<'_>) -> Result<Customer, Failed> {
    stage.story.scene("customer", "A customer")?;
    stage.story.say("Jane registers. The log knows her by a random id from now on.")?;
    let password = SecretText::new(PASSWORD.to_owned());
    let registration = Registration { email: EMAIL, name: Some(NAME), password: &password };
    let account = stage.room.register(&registration)?.account;
    stage.introduce_customer(account, "jane");
    stage.tell()?;
    stage.story.show(&[("account", &account.to_string())])?;

    stage.story.say(
        "She mistypes her password, then logs in. A wrong password and an unknown address get the same answer, with \
         no hint. Customers' own logins and reads are no entries of this log: they are kept apart, sealed, for 90 days.",
    )?;
    let wrong = SecretText::new("seven grey herons at high tide".to_owned());
    match stage.room.login(EMAIL, &wrong)? {
        Answer::Denied => stage.story.show(&[("wrong", "denied")])?,
        _ => return Err(amiss("a wrong password was taken")),
    }
    match stage.room.login(EMAIL, &password)?.complete() {
        Some(granted) => {
            stage.story.show(&[("right", "granted")])?;
            Ok(Customer { account, session: granted.owner })
        }
        None => Err(amiss("the right password was denied")),
    }
}
