//! A customer registers and logs in.

use strongroom::room::{AccountId, Answer, OwnerSession, Registration, SecretText};

use super::{
    assets::{EMAIL, NAME, PASSWORD},
    stage::Stage,
};
use crate::output::Failed;

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
    let password = SecretText::new(PASSWORD.to_owned());
    stage.story.say("Jane registers. From now on the log knows her as a random id.")?;
    let registered = stage.room.register(&Registration { email: EMAIL, name: Some(NAME), password: &password })?;
    stage.introduce_customer(registered.account, "jane");
    stage.story.show(&[("account", &registered.account.to_string())])?;
    stage.tell()?;

    stage.story.say(
        "She mistypes her password, then logs in. A wrong password and an unknown address get the same answer, with \
         no hint. Customers' own doings are no staff entries: they are kept apart, sealed, and for 90 days.",
    )?;
    let wrong = SecretText::new("seven grey herons at high tide".to_owned());
    match stage.room.login(EMAIL, &wrong)? {
        Answer::Denied => stage.story.show(&[("wrong password", "denied")])?,
        Answer::Granted(_) => return Err(Failed::new("a wrong password was taken")),
    }
    match stage.room.login(EMAIL, &password)? {
        Answer::Granted(granted) => {
            stage.story.show(&[("right password", "granted")])?;
            Ok(Customer { account: registered.account, session: granted.owner })
        }
        Answer::Denied => Err(Failed::new("the right password was denied")),
    }
}
