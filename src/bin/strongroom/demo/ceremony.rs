//! The first scene: a room is made, its first people are appointed, one of them sets his password and logs in.

use std::path::Path;

use strongroom::room::{
    Appointment, Ceremony, InitError, Initialised, Room, RoomKind, SecretText, TeamProfile, VerifierKey,
};

use super::{
    amiss::amiss,
    assets::{STAFF, STAFF_PASSWORD},
    stage::{Stage, options},
    story::Story,
};
use crate::failed::Failed;

/// Appoints the people of a room that was just made.
pub fn play(made: Initialised, mut story: Story<'_>) -> Result<Stage<'_>, Failed> {
    let Initialised { room, codes, verifier_key, waived: _, shares: _ } = made;
    story.scene("ceremony", "The ceremony")?;
    story.say(
        "A room has no default account. Its first people are appointed together: two access administrators and an \
         auditor at least. Each gets a code that sets a password once.",
    )?;
    let roles = STAFF.iter().map(|person| person.role.name());
    let rows: Vec<_> = codes
        .iter()
        .zip(roles)
        .map(|(code, role)| [code.handle.clone(), role.to_owned(), shortened(&code.code)])
        .collect();
    story.table("appointed", ["handle", "role", "code"], &rows)?;
    story.say(
        "The auditors take the log's public key home. Without it nobody outside could tell a forged log.",
    )?;
    story.show(&[("key", &verifier_key)])?;

    let key = VerifierKey::parse(&verifier_key).map_err(amiss)?;
    let mut stage = Stage::new(room, key, story)?;
    for code in &codes {
        stage.introduce(code.principal, &code.handle);
    }
    stage.story.say(
        "Vera, the auditor, reads the log behind everybody. What she gets is shown as it arises: entries that are \
         on disk and signed for. Her reading is an entry too; those positions are left out.",
    )?;
    stage.story.entry_names()?;
    stage.tell()?;

    let sam = codes.iter().find(|code| code.handle == "sam").ok_or_else(|| amiss("sam has no code"))?;
    enrol(&mut stage, &sam.code)?;
    Ok(stage)
}

/// Makes the room.
pub fn init(directory: &Path) -> Result<Initialised, Failed> {
    let appoint = |handle: &str, role| Appointment { handle: handle.to_owned(), roles: vec![role] };
    let appointments = STAFF.iter().map(|person| appoint(person.handle, person.role)).collect();
    let ceremony = Ceremony {
        kind: RoomKind::Demo,
        outside: None,
        appointments,
        profile: TeamProfile::Small,
        custody: strongroom::room::Custody::default(),
    };
    Room::init(options(directory), &ceremony).map_err(|e| match &e {
        InitError::Exists { .. } => {
            Failed::from(e).hint("name a directory that is not there yet: `strongroom demo DIR`")
        }
        _ => e.into(),
    })
}

/// Enough of a code to see that there is one.
fn shortened(code: &SecretText) -> String {
    code.expose().chars().take(6).chain(['\u{2026}']).collect()
}

fn enrol(stage: &mut Stage<'_>, code: &SecretText) -> Result<(), Failed> {
    let password = SecretText::new(STAFF_PASSWORD.to_owned());
    stage.story.say("Sam, of support, sets his password with his code. The code does not work again.")?;
    stage.room.enrol(code, &password)?;
    stage.tell()?;
    match stage.room.enrol(code, &password) {
        Err(e) => stage.story.refused("enrol_again", &e)?,
        Ok(_) => return Err(amiss("a code worked twice")),
    }
    stage.tell()?;

    stage.story.say(
        "Somebody guesses at his password, then Sam logs in. The others need none here: the first byte of the room's \
         id says that it is a demonstration, and no switch changes a room's id.",
    )?;
    let guess = SecretText::new("correct horse battery staple".to_owned());
    match stage.room.staff_login("sam", &guess) {
        Err(e) => stage.story.refused("staff_login", &e)?,
        Ok(_) => return Err(amiss("a wrong password was taken")),
    }
    let login = stage.room.staff_login("sam", &password)?;
    stage.begin_work("sam", &login.token);
    stage.tell()?;
    Ok(())
}
