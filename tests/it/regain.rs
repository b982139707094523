//! The way back: when nobody administers access any more, enough shares appoint somebody, offline and on record.

use std::fs;

use strongroom::room::{
    CaseRef, Custody, CustodyShare, Kind, Page, PrincipalKind, Purpose, RecoverError, Room, RoomKind,
    SecretText, Why,
};
use tempfile::TempDir;

use crate::world::{FIRST, START, World, ceremony, options, secret};

/// A room whose shares were kept.
struct Kept {
    world: World,
    shares: Vec<CustodyShare>,
}

fn kept() -> Kept {
    let directory = TempDir::new().unwrap();
    let clock = strongroom::room::Clock::manual(START);
    let made =
        Room::init(options(&directory.path().join("room"), &clock), &ceremony(RoomKind::Demo)).unwrap();
    Kept { world: World { room: made.room, clock, directory }, shares: made.shares }
}

fn some(shares: &[CustodyShare], numbers: &[usize]) -> Vec<SecretText> {
    numbers.iter().map(|number| secret(shares[*number].text.expose())).collect()
}

/// Closes the room, recovers, and opens it again.
fn recover(
    kept: Kept,
    numbers: &[usize],
    handles: &[&str],
) -> (World, Result<Vec<CustodyShare>, RecoverError>) {
    let Kept { world: World { room, clock, directory }, shares } = kept;
    drop(room);
    let at = directory.path().join("room");
    let handles: Vec<_> = handles.iter().map(|handle| (*handle).to_owned()).collect();
    let made = options(&at, &clock).recover(&some(&shares, numbers), &handles, Custody::default());
    let made = made.map(|recovered| {
        assert_eq!(recovered.codes.len(), handles.len());
        recovered.shares
    });
    let room = options(&at, &clock).open().unwrap();
    (World { room, clock, directory }, made)
}

/// The events of the log, with their outcomes.
fn events(world: &World) -> Vec<String> {
    let vera = world.staff("vera");
    let entries = vera
        .audit_log(strongroom::room::LogPart::All, 0, &Page::first(500), &Why::unstated())
        .unwrap()
        .entries;
    entries.iter().map(|one| format!("{} {}", one.entry.what.name(), one.entry.outcome.name())).collect()
}

fn verified(world: &World) {
    let verified = world.staff("vera").verify(None, &Why::unstated(), |_| ()).unwrap();
    assert!(
        verified.report.faults.is_empty() && verified.authority == Some(true),
        "{:?}",
        verified.report.faults
    );
}

#[test]
fn enough_shares_appoint_somebody_who_administers_access() {
    let kept = kept();
    // Nobody who administers access is left.
    let ada = kept.world.staff("ada");
    let plain = Why::purpose(Purpose::AccessAdmin);
    let case = ada.open_case(None, &plain).unwrap();
    let why = plain.clone().case(CaseRef::Case(case));
    for handle in ["alan", "ada"] {
        let principal = kept.world.room.assume(handle).unwrap().principal;
        ada.disable(principal, &why).unwrap();
    }
    assert!(ada.open_case(None, &plain).is_err());
    drop(ada);
    let (world, made) = recover(kept, &[2, 0], &["rita", "ruth"]);
    assert_eq!(made.unwrap().len(), 3);
    let rita = world.staff("rita");
    let case = rita.open_case(None, &plain).unwrap();
    let why = plain.case(CaseRef::Case(case));
    rita.appoint("nina", PrincipalKind::Human, &why).unwrap();
    assert!(rita.people(&FIRST, &Why::unstated()).is_ok());
    assert!(events(&world).contains(&"access.recovered done".to_owned()));
    verified(&world);
}

#[test]
fn shares_serve_once() {
    let first = kept();
    let old = some(&first.shares, &[0, 1]);
    let (world, made) = recover(first, &[0, 1], &["rita"]);
    let new = made.unwrap();
    let World { room, clock, directory } = world;
    drop(room);
    let at = directory.path().join("room");
    let again = options(&at, &clock).recover(&old, &["ruth".to_owned()], Custody::default());
    assert!(matches!(again, Err(RecoverError::Refused)));
    let mixed = [old.into_iter().next().unwrap(), some(&new, &[1]).pop().unwrap()];
    let again = options(&at, &clock).recover(&mixed, &["ruth".to_owned()], Custody::default());
    assert!(matches!(again, Err(RecoverError::Refused)));
    options(&at, &clock).recover(&some(&new, &[1, 2]), &["ruth".to_owned()], Custody::default()).unwrap();
    let world = World { room: options(&at, &clock).open().unwrap(), clock, directory };
    let recovered: Vec<_> = events(&world).into_iter().filter(|event| event.starts_with("access.")).collect();
    let (done, failed) = ("access.recovered done", "access.recovered failed");
    assert_eq!(recovered, [done, failed, failed, done], "what is refused is on record");
    verified(&world);
}

#[test]
fn too_few_shares_and_mistyped_ones_do_nothing() {
    let before = kept();
    let one = some(&before.shares, &[1]).pop().unwrap();
    let open = options(&before.world.path(), &before.world.clock).recover(
        &some(&before.shares, &[0, 1]),
        &["rita".to_owned()],
        Custody::default(),
    );
    let Err(open) = open else { panic!("beside a room in use") };
    assert!(matches!(open, RecoverError::InUse) && open.kind() == Kind::Busy);
    let World { room, clock, directory } = before.world;
    let size = room.log_size().unwrap();
    drop(room);
    let at = directory.path().join("room");
    let ask = |shares: &[SecretText], handles: &[&str], custody| {
        let handles: Vec<_> = handles.iter().map(|handle| (*handle).to_owned()).collect();
        options(&at, &clock).recover(shares, &handles, custody).err().unwrap()
    };
    let copy = || secret(one.expose());
    let both = some(&before.shares, &[0, 1]);
    assert!(matches!(ask(&[copy()], &["rita"], Custody::default()), RecoverError::TooFew { needed: 2 }));
    assert!(matches!(
        ask(&[copy(), copy()], &["rita"], Custody::default()),
        RecoverError::TooFew { needed: 2 }
    ));
    let foreign = some(&kept().shares, &[0]).pop().unwrap();
    assert!(matches!(
        ask(&[copy(), foreign], &["rita"], Custody::default()),
        RecoverError::Share { number: 2 }
    ));
    assert!(matches!(ask(&both, &[], Custody::default()), RecoverError::Nobody));
    assert!(matches!(ask(&both, &["ADA"], Custody::default()), RecoverError::HandleTaken));
    assert!(matches!(ask(&both, &["rita", "rita"], Custody::default()), RecoverError::HandleTaken));
    let alone = Custody { needed: 1, shares: 1 };
    assert!(matches!(ask(&both, &["rita"], alone), RecoverError::Ceremony { .. }));
    assert_eq!(options(&at, &clock).open().unwrap().log_size().unwrap(), size, "nothing came of it");
}

/// What is half restored is finished first: who would administer it now, nobody knows.
#[test]
fn a_room_in_the_middle_of_a_restore_is_not_recovered() {
    let Kept { world: World { room, clock, directory }, shares } = kept();
    drop(room);
    let at = directory.path().join("room");
    fs::write(at.join("restore.unfinished"), "").unwrap();
    let shares = some(&shares, &[0, 1]);
    let recover = || options(&at, &clock).recover(&shares, &["rita".to_owned()], Custody::default());
    let refused = recover().err().unwrap();
    assert!(matches!(refused, RecoverError::NotOpen { .. }), "{refused}");
    fs::remove_file(at.join("restore.unfinished")).unwrap();
    recover().unwrap();
}
