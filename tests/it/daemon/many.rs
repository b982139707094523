//! Many callers at once: nothing is lost, and memory stays flat.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;

use super::Served;

/// So many clients, each with a connection of its own, read a ticket until `is_over` says enough. How many readings
/// were answered.
fn read_on(served: &Served, clients: u64, is_over: &(dyn Fn(u64) -> bool + Sync)) -> u64 {
    let jane = served.world.customer(crate::world::JANE);
    let ticket = served.world.ticket(&jane).to_string();
    let login = served.world.room.assume("sam").unwrap();
    let session = json!({
        "holder": format!("principal:{}", login.principal),
        "expires": login.expires.as_ms(),
        "token": login.token.expose(),
    });
    let answered = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let mut line = served.line();
                line.hello();
                let words = ["ticket", "show", ticket.as_str(), "--purpose", "support_request", "--json"];
                let call = json!({"call": {"arguments": words, "session": session}});
                for round in 0.. {
                    if is_over(round) {
                        return;
                    }
                    line.say(&call);
                    let ended = line.ended();
                    assert_eq!(ended.exit, 0, "{}", ended.error);
                    assert!(ended.output.contains("Please look at the last one."), "{}", ended.output);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    answered.into_inner()
}

/// Each answer has its entry, and each entry is of a reading that was answered.
fn each_has_its_entry(served: &Served, before: u64, answered: u64) {
    let (mut from, mut entries) = (before, 0);
    let end = served.world.room.log_size().unwrap();
    while from < end {
        let part = served.entries(from);
        entries += part
            .iter()
            .filter(|entry| entry.entry.position < end && entry.entry.what.name() == "ticket.read")
            .inspect(|entry| assert_eq!(entry.entry.via.component, "socket"))
            .count() as u64;
        from += part.len() as u64;
    }
    assert_eq!(entries, answered);
    let vera = served.world.staff("vera");
    let why = strongroom::room::Why::purpose(strongroom::room::Purpose::Audit);
    assert!(vera.verify(None, &why, |_| ()).unwrap().is_sound());
}

#[test]
fn sixty_clients_lose_nothing() {
    let served = Served::new();
    let before = served.world.room.log_size().unwrap();
    let answered = read_on(&served, 60, &|round| round == 3);
    assert_eq!(answered, 180);
    each_has_its_entry(&served, before, answered);
}

#[test]
#[ignore = "a minute of 200 clients"]
fn two_hundred_clients_for_a_minute_lose_nothing_in_flat_memory() {
    let served = Served::new();
    let before = served.world.room.log_size().unwrap();
    let (is_over, is_warm) = (AtomicBool::new(false), AtomicU64::new(0));
    let answered = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(20));
            is_warm.store(served.status("VmRSS"), Ordering::Relaxed);
            thread::sleep(Duration::from_secs(40));
            is_over.store(true, Ordering::Relaxed);
        });
        read_on(&served, 200, &|_| is_over.load(Ordering::Relaxed))
    });
    let (warm, now) = (is_warm.into_inner(), served.status("VmRSS"));
    crate::postgres::report(&format!("{answered} readings; {warm} KiB after 20 seconds, {now} KiB after 60"));
    assert!(answered > 200);
    assert!(now < warm + warm / 4, "it grew from {warm} to {now} KiB");
    each_has_its_entry(&served, before, answered);
}
