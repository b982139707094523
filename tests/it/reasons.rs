//! Reasons in words: about a person under her own key, about staff under the room's month; and where they are not
//! kept, the entry says so.

use strongroom::room::{CaseRef, DetailKind, DetailText, PrincipalKind, Purpose, Room, StaffError, Why};

use crate::{
    dba::{column, log, unguarded},
    scene::{Scene, staff, support},
};

/// What is beside the newest entry of this event.
fn newest(room: &Room, event: &str) -> Vec<(DetailKind, String)> {
    let entry = log(room).into_iter().rev().find(|entry| entry.entry.what.name() == event).unwrap();
    let shown = staff(room, "vera").audit_show(entry.entry.position, &Why::unstated()).unwrap();
    let text = |text| match text {
        DetailText::Text(text) => text.to_string(),
        DetailText::Erased => "erased".to_owned(),
        DetailText::NotKept => "not kept".to_owned(),
        DetailText::Broken => "broken".to_owned(),
    };
    shown.details.into_iter().map(|(kind, detail)| (kind, text(detail))).collect()
}

fn reason(text: &str) -> Vec<(DetailKind, String)> {
    vec![(DetailKind::Subject, text.to_owned())]
}

#[test]
fn why_somebody_was_appointed_is_kept() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let ada = scene.world.staff("ada");
    let why = Why::purpose(Purpose::AccessAdmin);
    let case = ada.open_case(None, &why.clone().because("nina begins on monday")).unwrap();
    assert_eq!(newest(room, "case.opened"), reason("nina begins on monday"));
    let why = why.case(CaseRef::Case(case)).because("for support, 4111 1111 1111 1111");
    ada.appoint("nina", PrincipalKind::Human, &why).unwrap();
    assert_eq!(newest(room, "principal.appointed"), reason("for support, [card •••• 1111]"));
    // Under the month's key of the room (kind 5 of scopes), none of a person.
    let sql = unguarded(&scene.world.path().join("store/store.db"));
    let scopes = column(&sql, "SELECT DISTINCT scope_kind FROM audit_detail WHERE kind = 2");
    assert_eq!(scopes, [rusqlite::types::Value::Integer(5)]);
}

#[test]
fn a_reason_about_a_person_is_kept_under_her_key() {
    let scene = Scene::new();
    let room = &scene.world.room;
    scene.world.staff("sam").account(scene.account(), &support().because("she asked")).unwrap();
    assert_eq!(newest(room, "account.read"), reason("she asked"));
    let sql = unguarded(&scene.world.path().join("store/store.db"));
    let scopes = column(&sql, "SELECT DISTINCT scope_kind FROM audit_detail WHERE kind = 2");
    assert_eq!(scopes, [rusqlite::types::Value::Integer(1)]);
}

/// About a customer whom the room does not know, or does not know any more.
#[test]
fn a_reason_that_is_not_kept_is_listed_as_such() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let sam = scene.world.staff("sam");
    let why = support().because("he says his name is joe");
    assert!(matches!(sam.find("nobody@example.com", &why), Err(StaffError::NotFound)));
    assert_eq!(newest(room, "account.lookup"), reason("not kept"));
    let nobody = strongroom::room::AccountId::from_bytes([9; 16]);
    assert!(matches!(sam.account(nobody, &why), Err(StaffError::NotFound)));
    assert_eq!(newest(room, "account.read"), reason("not kept"));
    let sql = unguarded(&scene.world.path().join("store/store.db"));
    assert!(column(&sql, "SELECT kind FROM audit_detail WHERE kind = 2").is_empty());
    let line =
        &log(room).into_iter().rev().find(|one| one.entry.what.name() == "account.lookup").unwrap().line;
    assert!(line.contains(r#""details":[{"kind":"subject","commitment":null}]"#), "{line}");
    // Nothing was said, nothing is listed.
    sam.account(scene.account(), &support()).unwrap();
    assert!(newest(room, "account.read").is_empty());

    // Behind a fence.
    let keyring = unguarded(&scene.world.path().join("keyring/keyring.db"));
    sam.account(scene.account(), &support().because("she asked")).unwrap();
    let fence = "UPDATE data_key SET wrapped = NULL, fenced_at = 3 WHERE class = 6 AND scope_kind = 1";
    assert!(keyring.execute(fence, []).unwrap() > 0);
    sam.account(scene.account(), &support().because("she asked again")).unwrap();
    assert_eq!(newest(room, "account.read"), reason("not kept"));
}
