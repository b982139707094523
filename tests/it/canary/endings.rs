//! What ends: accounts are held, closed and erased.

use std::time::Duration;

use strongroom::room::{AccountId, CaseRef, Class, Classes, HoldId, Purpose, Time, Why};

use super::{
    customers::login,
    marks,
    story::{Customer, Desk, Story},
};
use crate::world::secret;

/// Holds with a reason, right and wrong.
pub fn legal_holds(story: &mut Story, desk: &Desk, customer: &Customer) {
    let (legal, account) = (&desk.legal, customer.session.account());
    let why =
        Why::purpose(Purpose::LegalObligation).because(&format!("{} {}", marks::REASON_HELD, marks::CARD));
    let case = legal.open_case(Some(account), &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    let review = story.clock.now().plus(Duration::from_secs(86_400));
    let classes = Classes::of(&[Class::Identity, Class::Support]);
    let hold = legal.place_hold(account, classes, review, &why).unwrap();
    story.shown("holds", &legal.holds(Some(account), &crate::world::FIRST, &why).unwrap());
    story.refused("holding staff", legal.place_hold(account, Classes::of(&[Class::Staff]), review, &why));
    story.refused("a review in the past", legal.place_hold(account, classes, Time::ZERO, &why));
    story.refused("holding by support", desk.support.0.place_hold(account, classes, review, &why));
    legal.release_hold(hold, &why).unwrap();
    story.refused("releasing twice", legal.release_hold(hold, &why));
    story.refused("releasing nothing", legal.release_hold(HoldId::from_bytes([9; 16]), &why));
    story.refused("closing by support", desk.support.0.close_account(account, &why));
}

/// The other customer closes his account.
pub fn a_customer_leaves(story: &mut Story) -> AccountId {
    let granted = login(story, marks::EMAIL_OTHER, marks::PASSWORD_OTHER).unwrap();
    story.mark_token("a leaving customer's token", &granted.token);
    let room = story.room.clone();
    let owner = room.owner(&granted.owner);
    story.refused("closing", owner.close(&secret(marks::PASSWORD_WRONG_CLOSING)));
    owner.close(&secret(marks::PASSWORD_OTHER)).unwrap();
    story.refused("closing twice", owner.close(&secret(marks::PASSWORD_OTHER)));
    story.refused("resuming", room.resume(&granted.token));
    assert!(login(story, marks::EMAIL_OTHER, marks::PASSWORD_OTHER).is_none());
    granted.owner.account()
}

/// His account is erased, for a reason in words that go with it.
pub fn he_is_erased(story: &mut Story, desk: &Desk, account: AccountId) {
    let privacy = &desk.privacy;
    let words = format!("{} {}", marks::REASON_ERASED, marks::CARD);
    let why = Why::purpose(Purpose::DataSubjectRequest).because(&words);
    let case = privacy.open_case(Some(account), &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    story.refused("erasing by support", desk.support.0.erase_account(account, &why));
    story.shown("plan of an erasure", &privacy.plan_erasure(account, &why).unwrap());
    story.shown("receipt of an erasure", &privacy.erase_account(account, &why).unwrap());
    story.refused("erasing twice", privacy.erase_account(account, &why));
    story.refused("reading what is erased", privacy.account(account, &why).map(drop));
    assert!(login(story, marks::EMAIL_OTHER, marks::PASSWORD_OTHER).is_none());
}
