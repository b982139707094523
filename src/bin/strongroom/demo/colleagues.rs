//! Colleagues: a second factor, and what takes two of them.

use std::time::Duration;

use strongroom::room::{
    Carried, CaseRef, DetailText, PrincipalKind, Purpose, Role, SecondFactor, SecretText, Staff, StaffError,
    StaffLoginError, TotpOffer, Why,
};

use super::{amiss::amiss, assets::LEAD_PASSWORD, authenticator::Authenticator, stage::Stage};
use crate::failed::Failed;

const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// Plays the scene.
pub fn play(stage: &mut Stage<'_>) -> Result<(), Failed> {
    stage.story.scene("two_people", "Two people")?;
    let ada = stage.staff("ada")?;
    let why = Why::purpose(Purpose::AccessAdmin);
    let why = why.clone().case(CaseRef::Case(ada.open_case(None, &why)?));
    second_factor(stage, &ada, &why)?;
    second_person(stage, &ada, &why)
}

fn second_factor(stage: &mut Stage<'_>, ada: &Staff, why: &Why) -> Result<(), Failed> {
    stage.story.say(
        "Lea has lost her code. Ada, who administers access, issues another, and whatever Lea had before ends with it. \
         Lea sets a password and adds an authenticator; from then on she shows both.",
    )?;
    let code = ada.reenrol(stage.principal("lea")?, why)?.code;
    let password = SecretText::new(LEAD_PASSWORD.to_owned());
    stage.room.enrol(&code, &password)?;
    let login = stage.room.staff_login("lea", &password)?;
    let lea = stage.room.staff(&login.token);
    let offer = TotpOffer::fresh()?;
    let authenticator =
        Authenticator::of(&offer.address("lea")).ok_or_else(|| amiss("the secret is none"))?;
    let now = stage.room.clock().now();
    lea.add_totp(&offer, &authenticator.code(now))?;
    lea.logout()?;
    stage.tell()?;

    stage.story.say("Her password alone is half a login now. A code is guessed at, then hers is taken.")?;
    let asked = || match stage.room.staff_login("lea", &password) {
        Err(StaffLoginError::SecondFactor { asked }) => Ok(asked.challenge),
        Err(other) => Err(other.into()),
        Ok(_) => Err(amiss("a password alone began a session")),
    };
    let guess = SecondFactor::Code(SecretText::new("000000".to_owned()));
    let refused = stage.room.second_factor(&asked()?, &guess);
    let challenge = asked()?;
    match refused {
        Err(e) => stage.story.refused("second_factor", &e)?,
        Ok(_) => return Err(amiss("a guess was taken")),
    }
    // The code that added the factor is used up: this is the one after it.
    let code = authenticator.code(now.plus(Authenticator::STEP));
    let login = stage.room.second_factor(&challenge, &SecondFactor::Code(code))?;
    stage.begin_work("lea", &login.token);
    stage.tell()?;
    Ok(())
}

fn second_person(stage: &mut Stage<'_>, ada: &Staff, why: &Why) -> Result<(), Failed> {
    stage.story.say(
        "Nina is new and is to answer tickets. Ada asks for her role and says why; nobody gives a role alone.",
    )?;
    let nina = ada.appoint("nina", PrincipalKind::Human, why)?;
    stage.introduce(nina.principal, "nina");
    let told = why.clone().because("she stands in for Sam in March");
    let awaited = match ada.give(nina.principal, Role::Support, MONTH, &told) {
        Err(StaffError::Awaits { awaited }) => awaited,
        Err(other) => return Err(other.into()),
        Ok(_) => return Err(amiss("a role was given by one")),
    };
    stage.story.refused("give", &"this waits for a second person")?;
    stage.tell()?;

    stage.story.say(
        "Lea sees exactly what was asked, and Ada's words, which are sealed and open to who may approve. She approves \
         that and nothing else: its digest is what counts.",
    )?;
    let (lea, plain) = (stage.staff("lea")?, Why::unstated());
    let view = lea.approval(awaited.approval, &plain)?;
    let Some(DetailText::Text(words)) = lea.approval_reason(awaited.approval, &plain)? else {
        return Err(amiss("the reason that was given is not there"));
    };
    let asked: Vec<_> = view
        .request
        .lines()
        .filter(|line| ["action ", "object ", "role ", "seconds "].iter().any(|one| line.starts_with(one)))
        .collect();
    stage.story.show(&[("asked", &asked.join("\n")), ("words", words.as_str())])?;
    lea.approve(awaited.approval, &plain)?;
    stage.tell()?;

    stage.story.say("Ada carries it out by its number. It serves once.")?;
    let Carried::Granted(_) = ada.carry_out(awaited.approval, &plain)? else {
        return Err(amiss("another thing was carried out"));
    };
    match ada.carry_out(awaited.approval, &plain) {
        Err(e) => stage.story.refused("carry_out", &e)?,
        Ok(_) => return Err(amiss("an approval served twice")),
    }
    stage.tell()?;
    Ok(())
}
