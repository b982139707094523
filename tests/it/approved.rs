//! What was asked for is carried out by its id, as it was approved; who approves it sees what was said of it; and what was
//! waived is in force again when somebody says so.

use std::time::Duration;

use strongroom::room::{
    ApprovalState, Carried, DenialReason, DetailText, Kept, Kind, Page, Role, Staff, StaffError, Waivable,
    WaiverStanding, Why,
};

use crate::{
    dba::{Copy, change},
    scene::reason,
    two_people::{Scene, awaited},
    world::FIRST,
};

const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

fn is_state<T>(result: &Result<T, StaffError>) -> bool {
    matches!(result, Err(StaffError::State { .. }))
}

fn sound(scene: &Scene) {
    let verified = scene.world.staff("vera").verify(None, &Why::unstated(), |_| ()).unwrap();
    assert!(verified.report.faults.is_empty(), "{:?}", verified.report.faults);
    assert_eq!(verified.authority, Some(true));
    let checked =
        scene.world.staff("vera").check_policy(&["protect.logged"], &Why::unstated(), |_| ()).unwrap();
    assert!(!matches!(checked.verdicts[0].kept, Kept::Broken { .. }), "{:?}", checked.verdicts[0].kept);
}

#[test]
fn what_was_approved_is_carried_out_by_its_id() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let plain = Why::unstated();
    let asked = awaited(ada.give(nina, Role::Support, MONTH, &why));
    // Nobody is missing any less for it, and it is still the one request.
    assert_eq!(awaited(ada.carry_out(asked.approval, &plain)).approval, asked.approval);
    scene.approve("lea", asked.approval).unwrap();
    let others = scene.world.staff("alan").carry_out(asked.approval, &plain);
    assert_eq!(others.err().map(|error| error.kind()), Some(Kind::NotFound));
    let Ok(Carried::Granted(_)) = ada.carry_out(asked.approval, &plain) else { panic!("it gives the role") };
    assert_eq!(ada.approval(asked.approval, &plain).unwrap().header.state, ApprovalState::Used);
    assert!(is_state(&ada.carry_out(asked.approval, &plain)), "once");

    let waiver = awaited(ada.waive(Waivable::RefundAndSupport, MONTH, &why)).approval;
    scene.approve("priya", waiver).unwrap();
    scene.approve("alan", waiver).unwrap();
    let Ok(Carried::Waived(id)) = ada.carry_out(waiver, &plain) else { panic!("it waives the rule") };
    assert_eq!(scene.world.room.cautions().unwrap().waivers[0].waiver, id);

    let refused = awaited(ada.give(nina, Role::Billing, MONTH, &why)).approval;
    scene.world.staff("alan").disapprove(refused, &plain).unwrap();
    assert!(is_state(&ada.carry_out(refused, &plain)));
    let late = awaited(ada.give(nina, Role::SupportLead, MONTH, &why)).approval;
    scene.world.clock.advance(7 * DAY);
    assert!(is_state(&scene.world.staff("ada").carry_out(late, &plain)));
    sound(&scene);
}

/// The text beside an approval is what is carried out, so it has to be the one that was approved.
#[test]
fn another_text_is_carried_out_by_nobody() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let approval = awaited(ada.give(nina, Role::Support, MONTH, &why)).approval;
    scene.approve("lea", approval).unwrap();
    let copy = Copy::of(&scene.world);
    let edit = "UPDATE approval SET request_text = \
                CAST(replace(CAST(request_text AS TEXT), 'role support', 'role billing') AS BLOB)";
    change(&copy.store(), edit, [], 1);
    let open = copy.room();
    let ada = open.staff(&open.assume("ada").unwrap().token);
    let failed = ada.carry_out(approval, &Why::unstated()).err().unwrap();
    assert_eq!(failed.kind(), Kind::Integrity, "{failed}");
    assert!(ada.give(nina, Role::Support, MONTH, &why).is_ok(), "what was approved can still be asked for");
}

fn said(staff: &Staff, approval: strongroom::room::ApprovalId) -> Option<String> {
    match staff.approval_reason(approval, &Why::unstated()).unwrap() {
        Some(DetailText::Text(text)) => Some(text.to_string()),
        Some(_) => panic!("it is there"),
        None => None,
    }
}

#[test]
fn who_may_approve_sees_what_was_said_and_the_log_says_that_he_did() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let told = why.clone().because("she takes over from Tom");
    let approval = awaited(ada.give(nina, Role::Support, MONTH, &told)).approval;
    awaited(ada.give(nina, Role::Support, MONTH, &why.clone().because("asked again")));
    for _ in 0..20 {
        scene.world.staff("vera").people(&FIRST, &Why::unstated()).unwrap();
    }
    let silent = awaited(ada.give(nina, Role::Billing, MONTH, &why)).approval;
    let before = scene.world.room.log_size().unwrap();
    for handle in ["lea", "alan"] {
        let staff = scene.world.staff(handle);
        assert_eq!(said(&staff, approval).as_deref(), Some("she takes over from Tom"), "{handle}");
        assert_eq!(said(&staff, silent), None);
        scene.approve(handle, approval).unwrap();
        assert_eq!(said(&staff, approval).as_deref(), Some("she takes over from Tom"), "also afterwards");
        if handle == "lea" {
            scene.approve("alan", silent).unwrap();
            break;
        }
    }
    let page = scene.world.staff("vera");
    let log =
        page.audit_log(strongroom::room::LogPart::All, before, &Page::first(100), &Why::unstated()).unwrap();
    let readings = log.entries.iter().filter(|one| one.entry.what.name() == "approval.listed");
    let fields: Vec<_> = readings.map(|one| one.entry.fields.clone()).collect();
    assert_eq!(fields, vec![vec!["detail".to_owned()]; 3], "each reading stands there");
    // Whoever approves nothing is told that something waits, and not why.
    for handle in ["sam", "vera"] {
        let staff = scene.world.staff(handle);
        staff.approval(approval, &Why::unstated()).unwrap();
        let refused = staff.approval_reason(approval, &Why::unstated());
        assert_eq!(reason(refused), DenialReason::NotAllowed, "{handle}");
    }
    sound(&scene);
}

#[test]
fn a_waiver_is_ended_by_one_and_its_rule_is_in_force_again() {
    let scene = Scene::new();
    let (ada, why) = scene.admin("ada");
    let approval = awaited(ada.waive(Waivable::SecondPerson, MONTH, &why)).approval;
    scene.approve("priya", approval).unwrap();
    scene.approve("alan", approval).unwrap();
    let waiver = ada.waive(Waivable::SecondPerson, MONTH, &why).unwrap();
    let nina = scene.nina();
    assert!(awaited(ada.give(nina, Role::Support, MONTH, &why)).not_before.is_some());
    let standing = || scene.world.room.waivers(true, &Page::first(500)).unwrap().rows[0].standing;
    assert_eq!(standing(), WaiverStanding::InForce);

    let plain = Why::unstated();
    assert_eq!(reason(scene.world.staff("sam").end_waiver(waiver, &plain)), DenialReason::NotAllowed);
    scene.world.staff("sid").end_waiver(waiver, &plain).unwrap();
    assert_eq!(standing(), WaiverStanding::Ended);
    assert!(scene.world.room.cautions().unwrap().waivers.is_empty());
    assert_eq!(awaited(ada.give(nina, Role::Support, MONTH, &why)).not_before, None);
    scene.world.clock.advance(2 * DAY);
    awaited(scene.world.staff("ada").give(nina, Role::Support, MONTH, &why));
    assert!(is_state(&scene.world.staff("sid").end_waiver(waiver, &plain)), "once");
    sound(&scene);

    // Put back as it was, it is genuine and old: the log says that it ended.
    let copy = Copy::of(&scene.world);
    change(&copy.store(), "UPDATE waiver SET state = 1", [], 1);
    let kinds: Vec<_> = copy.verify().report.faults.iter().map(|fault| fault.kind.name()).collect();
    assert_eq!(kinds, ["waivers_differ"]);
}
