//! A customer is erased. Then an older backup is restored, and he stays gone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use strongroom::room::{
    AccountId, Answer, Backups, CaseRef, Class, Destroyed, Purpose, Registration, Room, SecretText,
    VerifierKey, Why, verify,
};

use super::{
    amiss::amiss,
    assets::{GONE_EMAIL, GONE_NAME, GONE_PASSWORD},
    stage::options,
    story::Story,
    tampering::beside,
};
use crate::{failed::Failed, shown};

/// Plays the scene in the room in `directory`, which nobody has open.
pub fn play(directory: &Path, key: &VerifierKey, story: &mut Story<'_>) -> Result<(), Failed> {
    story.scene("erasure", "Erased means erased")?;
    story.say(
        "Max is a customer, too. The operator backs the room up, data and keyring apart, while everybody works: Max is \
         in both.",
    )?;
    let room = options(directory).open()?;
    let account = customer(&room)?;
    let backups = back_up(directory, &room, story)?;

    story.say(
        "Then he asks to be erased. Priya, of privacy, closes his account and erases it: his keys are destroyed, and a \
         fence stands where they were, so that none is ever made again.",
    )?;
    erase(&room, account, story)?;
    is_gone(&room, account, story)?;
    drop(room);

    story.say(
        "A disk fails, and the operator restores both backups. They are whole and untouched, and hold Max with all his \
         keys. But the ledger outside the room lists what was destroyed, and before the room serves anybody it is \
         destroyed again.",
    )?;
    let restored = options(directory).restore(&backups, |_, _| ())?;
    story.show(&[
        ("log", &format!("incarnation {}", restored.incarnation)),
        ("lost", &format!("entries {} to {}", restored.size, restored.outside_size.saturating_sub(1))),
    ])?;
    is_gone(&options(directory).open()?, account, story)?;
    for backup in backups.data.iter().chain(&backups.keyring) {
        fs::remove_dir_all(backup).map_err(amiss)?;
    }

    story.say(
        "The log does not pretend that nothing happened: a restore is the first entry of a new incarnation, and says \
         where the old one stood. Vera's key still fits.",
    )?;
    let verified = verify(directory, Some(key), |_| ())?;
    let text = format!("the room: {} entries, {}", verified.report.size, verified.report.verdict());
    story.verified(json!({ "of": "room", "entries": verified.report.size }), &text, verified.is_sound())?;
    if verified.is_sound() { Ok(()) } else { Err(amiss("the restored room does not verify")) }
}

fn customer(room: &Room) -> Result<AccountId, Failed> {
    let password = SecretText::new(GONE_PASSWORD.to_owned());
    let registration = Registration { email: GONE_EMAIL, name: Some(GONE_NAME), password: &password };
    let account = room.register(&registration)?.account;
    match room.login(GONE_EMAIL, &password)?.complete() {
        Some(granted) => {
            room.owner(&granted.owner).open_ticket("Moving my site", "Please move it to the new plan.")?;
        }
        None => return Err(amiss("the right password was denied")),
    }
    Ok(account)
}

fn back_up(directory: &Path, room: &Room, story: &mut Story<'_>) -> Result<Backups, Failed> {
    let at = |half: &str| -> Result<PathBuf, Failed> { beside(directory, half, room.id()).map_err(amiss) };
    let (data, keyring) = (at("data-backup")?, at("keyring-backup")?);
    let taken = [room.backup_data(&data, |_, _| ())?, room.backup_keyring(&keyring, |_, _| ())?];
    let [first, second] = taken.map(|backup| format!("{} bytes, entry {}", backup.bytes, backup.position));
    story.show(&[("data", &first), ("keyring", &second)])?;
    Ok(Backups { data: Some(data), keyring: Some(keyring), ..Backups::default() })
}

fn erase(room: &Room, account: AccountId, story: &mut Story<'_>) -> Result<(), Failed> {
    let priya = room.staff(&room.assume("priya")?.token);
    let why = Why::purpose(Purpose::DataSubjectRequest);
    let case = priya.open_case(Some(account), &why)?;
    let why = why.case(CaseRef::Case(case));
    priya.close_account(account, &why)?;
    let receipt = priya.erase_account(account, &why)?;
    let gone = receipt.destroyed.iter().filter(|gone| gone.rows > 0);
    let rows: Vec<_> = gone.map(|gone| (gone.class.name(), told(gone))).collect();
    let values: Vec<_> = rows.iter().map(|(class, told)| (*class, told.as_str())).collect();
    story.show(&values)?;
    if receipt.probe.left.is_empty() { Ok(()) } else { Err(amiss("something of him is left")) }
}

/// What went of a class. The keys of activity are days' keys, which are everybody's.
fn told(gone: &Destroyed) -> String {
    let rows = shown::count(gone.rows, "row removed", "rows removed");
    if gone.class == Class::Activity {
        return rows;
    }
    format!("{}, {rows}", shown::count(gone.keys, "key destroyed", "keys destroyed"))
}

/// He cannot log in, and nobody is shown anything of him.
fn is_gone(room: &Room, account: AccountId, story: &mut Story<'_>) -> Result<(), Failed> {
    match room.login(GONE_EMAIL, &SecretText::new(GONE_PASSWORD.to_owned()))? {
        Answer::Denied => story.show(&[("max logs in", "denied")])?,
        _ => return Err(amiss("the erased customer is back")),
    }
    let sam = room.staff(&room.assume("sam")?.token);
    match sam.account(account, &Why::purpose(Purpose::SupportRequest)) {
        Err(e) => story.refused("account", &e),
        Ok(_) => Err(amiss("the erased customer's account opens")),
    }
}
