//! The outbox: what people are to be told. Another program learns of it by ids; a machine that sends mail has the address,
//! on record.

use std::time::Duration;

use serde_json::Value;
use strongroom::room::{
    CaseRef, Letter, PrincipalKind, Purpose, Receiver, Role, SecretText, Staff, StaffError, Time, WebhookKey,
    Why,
};

use super::{amiss::amiss, assets::WEBHOOK_SECRET, door::Door, listener::Request, stage::Stage};
use crate::failed::Failed;

const DAY: Duration = Duration::from_secs(86_400);
const LEASE: Duration = Duration::from_secs(60);

/// Plays the scene; the daemon ends.
pub fn play(stage: &mut Stage<'_>, door: Door) -> Result<(), Failed> {
    stage.story.scene("outbox", "The outbox")?;
    stage.story.say(
        "With the reply it was written down that Jane is to be told, in the same transaction. Another program of the \
         company's learns it by a webhook: ids, no word and no address, under a signature that it checks.",
    )?;
    let request = door.listener.request().map_err(amiss)?;
    door.shut()?;
    let signature = signed(&request)?;
    let body: Value = serde_json::from_str(&request.body).map_err(amiss)?;
    let text = |of| body.pointer(of).and_then(Value::as_str).unwrap_or("-").to_owned();
    let [kind, to, about] = ["/type", "/data/to", "/data/about"].map(text);
    stage.story.show(&[
        ("type", &kind),
        ("to", &to),
        ("about", &about),
        ("signature", &format!("{signature}, as it must be")),
    ])?;

    stage.story.say(
        "A machine that sends mail claims letters. It is a principal as everybody is: Ada appoints it, and Alan approves \
         its role. The address is opened when a letter is claimed, and that is an entry.",
    )?;
    let mailer = appointed(stage)?;
    let letters = delivered(&mailer)?;
    stage.tell()?;
    stage.story.table("letter", ["what", "address"], &letters)
}

/// The signature, if it is the one of this body under the secret that both know.
fn signed(request: &Request) -> Result<&str, Failed> {
    let header = |name| request.header(name).ok_or_else(|| amiss("a webhook lacks a header"));
    let key = WebhookKey::parse(&SecretText::new(WEBHOOK_SECRET.to_owned()));
    let key = key.ok_or_else(|| amiss("the secret of webhooks is none"))?;
    let seconds: i64 = header("webhook-timestamp")?.parse().map_err(amiss)?;
    let expected = key.sign(header("webhook-id")?, Time::from_ms(seconds * 1000), &request.body);
    let signature = header("webhook-signature")?;
    if signature == expected { Ok(signature) } else { Err(amiss("a webhook is signed by somebody else")) }
}

/// The machine at work.
fn appointed(stage: &mut Stage<'_>) -> Result<Staff, Failed> {
    let (ada, alan) = (stage.staff("ada")?, stage.staff("alan")?);
    let why = Why::purpose(Purpose::AccessAdmin);
    let why = why.clone().case(CaseRef::Case(ada.open_case(None, &why)?));
    let mailer = ada.appoint("mailer", PrincipalKind::Machine, &why)?.principal;
    stage.introduce(mailer, "mailer");
    let give = || ada.give(mailer, Role::AuthService, DAY, &why);
    match give() {
        Err(StaffError::Awaits { awaited }) => alan.approve(awaited.approval, &Why::unstated())?,
        Err(other) => return Err(other.into()),
        Ok(_) => return Err(amiss("one person gave a role that takes two")),
    };
    give()?;
    stage.staff("mailer")
}

/// Claims and delivers what there is; which of it went to customers, and to which address.
fn delivered(mailer: &Staff) -> Result<Vec<[String; 2]>, Failed> {
    let mut letters = Vec::new();
    loop {
        let claimed = mailer.claim(100, LEASE, &Why::unstated())?;
        if claimed.is_empty() {
            return Ok(letters);
        }
        for one in claimed {
            mailer.ack(&one.lease, &Why::unstated())?;
            let (Letter::Notice { kind, .. }, Receiver::Account(_)) = (&one.delivery.letter, one.delivery.to)
            else {
                continue;
            };
            let address = one.address.ok_or_else(|| amiss("a letter has no address"))?;
            letters.push([kind.name().to_owned(), address.expose().as_str().to_owned()]);
        }
    }
}
