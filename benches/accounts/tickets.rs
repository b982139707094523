//! Opening a room in which very many tickets are open: each of them confers authority, and is held against its MAC and
//! the log's head. Beside it, the same rows read by themselves.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use strongroom::room::{Answer, Registration, Room, SecretText};

use crate::{TURNS, bare, opened, staged, time};

const EMAIL: &str = "jane.doe@example.com";
const PASSWORD: &str = "violet kettle sings at noon";
/// So many wait for one flush of the disk.
const CALLERS: usize = 64;

/// Opens a room with so many open tickets, and reads them on a bare connection.
pub fn measure(directory: &Path, tickets: u64) {
    let without = median(|| drop(opened(directory)));
    fill(&opened(directory), tickets);
    let with = median(|| drop(opened(directory)));
    let bare = bare::connect(&directory.join("store/store.db"));
    let rows = median(|| {
        let all =
            "SELECT id, account, state, assignee, created_ms, changed_at, mac FROM ticket WHERE state = 1";
        let mut all = bare.prepare_cached(all).unwrap();
        let mut rows = all.query(()).unwrap();
        let mut read = 0;
        while let Some(row) = rows.next().unwrap() {
            let (id, account, mac): ([u8; 16], [u8; 16], [u8; 32]) =
                (row.get(0).unwrap(), row.get(1).unwrap(), row.get(6).unwrap());
            let numbers: [i64; 3] = [row.get(2).unwrap(), row.get(4).unwrap(), row.get(5).unwrap()];
            std::hint::black_box((id, account, mac, numbers));
            read += 1;
        }
        assert_eq!(read, tickets);
    });
    let spent = with.saturating_sub(without);
    println!(
        "opening with {tickets} open tickets: {with:.1?}, without them {without:.1?}: {:.0?} a ticket; their rows alone \
         {rows:.1?}: {:.2} times (median of {TURNS})",
        spent.div_f64(f64::from(u32::try_from(tickets).unwrap())),
        spent.as_secs_f64() / rows.as_secs_f64(),
    );
}

fn median(run: impl Fn()) -> std::time::Duration {
    let mut times: Vec<_> = (0..TURNS).map(|_| time(&run)).collect();
    times.sort();
    *times.get(TURNS / 2).unwrap()
}

fn fill(room: &Room, tickets: u64) {
    let password = SecretText::new(PASSWORD.to_owned());
    room.register(&Registration { email: EMAIL, name: None, password: &password }).unwrap();
    let Answer::Granted(granted) = room.login(EMAIL, &password).unwrap() else { return };
    let opened = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                let owner = room.owner(&granted.owner);
                while opened.fetch_add(1, Ordering::Relaxed) < tickets {
                    owner.open_ticket("It fails", "Again.").unwrap();
                }
            });
        }
    });
}

/// A room of its own for it.
pub fn room(directory: &Path) {
    drop(staged::room(directory));
}
