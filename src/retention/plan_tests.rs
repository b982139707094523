//! The promises that a plan keeps whatever it is given.

use proptest::{collection::vec, prelude::*};

use super::{AccountFacts, Clause, Fate, Held, Periods, Plan, Schedule, plan};
use crate::base::{AccountId, AccountState, Class, Classes, HoldId, Scope, Time};

const ACCOUNT: AccountId = AccountId::from_bytes([7; 16]);

fn facts(state: AccountState, billing_years: &[u32]) -> AccountFacts {
    AccountFacts { account: ACCOUNT, state, billing_years: billing_years.to_vec() }
}

fn hold(id: u8, classes: Classes, review: i64) -> Held {
    Held { hold: HoldId::from_bytes([id; 16]), classes, review: Time::from_ms(review) }
}

fn fate_of(plan: &Plan, class: Class, year: Option<u32>) -> Fate {
    let lines: Vec<_> = plan.lines().iter().filter(|line| (line.class, line.year) == (class, year)).collect();
    assert_eq!(lines.len(), 1, "{class:?} {year:?} stands once");
    lines[0].fate
}

/// 2026-06-01T00:00:00Z.
const JUNE_2026: Time = Time::from_ms(1_780_272_000_000);

#[test]
fn a_closed_account_loses_what_law_does_not_keep() {
    let plan =
        plan(&facts(AccountState::Closed, &[2018, 2017, 2026, 2018]), &[], &Schedule::DEFAULT, JUNE_2026);
    let gone: Vec<_> = plan.destroyed().collect();
    let whole = Scope::Account(ACCOUNT);
    let expected = [
        (Class::Identity, whole),
        (Class::Credential, whole),
        (Class::Billing, Scope::AccountYear(ACCOUNT, 2017)),
        (Class::Billing, Scope::AccountYear(ACCOUNT, 2018)),
        (Class::Support, whole),
        (Class::Activity, whole),
        (Class::AuditDetail, whole),
    ];
    assert_eq!(gone, expected);
    let kept =
        Fate::Keep { clause: Clause::KeepFinancial, until: Some(Schedule::DEFAULT.financial_ends(2026)) };
    assert_eq!(fate_of(&plan, Class::Billing, Some(2026)), kept);
    assert!(plan.held().is_empty());
}

#[test]
fn seven_years_end_where_the_year_ends_last() {
    let ends = Schedule::DEFAULT.financial_ends(2018);
    let at = |now| {
        fate_of(
            &plan(&facts(AccountState::Closed, &[2018]), &[], &Schedule::DEFAULT, now),
            Class::Billing,
            Some(2018),
        )
    };
    assert_eq!(ends.to_string(), "2026-01-01T12:00:00.000Z");
    assert_eq!(at(ends), Fate::Destroy);
    let a_moment_before = Time::from_ms(ends.as_ms() - 1);
    assert_eq!(at(a_moment_before), Fate::Keep { clause: Clause::KeepFinancial, until: Some(ends) });
}

#[test]
fn of_two_holds_the_plan_names_the_longer() {
    let classes = Classes::of(&[Class::Support]);
    let (short, long) = (hold(1, classes, 5), hold(2, classes, 9));
    for holds in [[short, long], [long, short]] {
        let plan = plan(&facts(AccountState::Closed, &[]), &holds, &Schedule::DEFAULT, JUNE_2026);
        assert_eq!(fate_of(&plan, Class::Support, None), Fate::Held(long));
        assert_eq!(fate_of(&plan, Class::Identity, None), Fate::Destroy);
        assert_eq!(plan.held(), classes);
    }
}

fn a_state() -> impl Strategy<Value = AccountState> {
    prop_oneof![Just(AccountState::Active), Just(AccountState::Closed), Just(AccountState::Erased)]
}

fn a_hold() -> impl Strategy<Value = Held> {
    (any::<u8>(), any::<u8>(), any::<i64>())
        .prop_map(|(id, bits, review)| hold(id, Classes::from_bits(bits), review))
}

fn a_schedule() -> impl Strategy<Value = Schedule> {
    let periods = (any::<u32>(), any::<u32>(), 0..120_u32, any::<u32>());
    periods.prop_filter_map("refused", |(account_days, ticket_days, financial_years, access_log_days)| {
        let days = |days: u32| days % 40_000;
        let periods = Periods {
            account_days: days(account_days),
            ticket_days: days(ticket_days),
            financial_years,
            access_log_days: days(access_log_days),
        };
        Schedule::new(periods).ok()
    })
}

/// Years around now, and any other number that a row could hold.
fn a_year() -> impl Strategy<Value = u32> {
    prop_oneof![3 => 1960..2060_u32, 1 => any::<u32>()]
}

fn a_time() -> impl Strategy<Value = Time> {
    prop_oneof![3 => 0..2_900_000_000_000_i64, 1 => any::<i64>()].prop_map(Time::from_ms)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn doubt_keeps(
        state in a_state(),
        years in vec(a_year(), 0..12),
        holds in vec(a_hold(), 0..4),
        schedule in a_schedule(),
        now in a_time(),
    ) {
        let plan = plan(&facts(state, &years), &holds, &schedule, now);
        let mut distinct = years.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let mut expected = Vec::new();
        for class in Class::ALL {
            match class {
                Class::Staff => {}
                Class::Billing => expected.extend(distinct.iter().map(|year| (class, Some(*year)))),
                _ => expected.push((class, None)),
            }
        }
        let said: Vec<_> = plan.lines().iter().map(|line| (line.class, line.year)).collect();
        prop_assert_eq!(said, expected, "each class once for each scope");

        for line in plan.lines() {
            let destroyed = line.fate == Fate::Destroy;
            let on_it = holds.iter().any(|held| held.classes.contains(line.class));
            prop_assert!(!(on_it && destroyed), "held and destroyed: {:?}", line);
            prop_assert!(!(state == AccountState::Active && destroyed), "in use and destroyed: {:?}", line);
            prop_assert!(line.class != Class::Accountability || !destroyed);
            if let (Class::Billing, Some(year), true) = (line.class, line.year, destroyed) {
                prop_assert!(now.date().0 > i64::from(year) + 7, "{} in {}", year, now);
            }
            if let Fate::Keep { until: Some(until), .. } = line.fate {
                prop_assert!(until > now || until == Time::MAX, "what is kept is kept until later");
            }
        }
        let others = plan.lines().iter().filter(|line| {
            !matches!(line.class, Class::Billing | Class::Accountability)
                && !holds.iter().any(|held| held.classes.contains(line.class))
        });
        for line in others {
            prop_assert_eq!(line.fate == Fate::Destroy, state != AccountState::Active, "{:?}", line);
        }
        prop_assert_eq!(plan.destroyed().count(), plan.lines().iter().filter(|l| l.fate == Fate::Destroy).count());
    }
}
