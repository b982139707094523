//! The verbs as futures: each does what its blocking twin does, waits on no thread, and settles when nobody waits for it.

use std::{
    fs::File,
    future::Future,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Sender, channel},
    },
    task::{Context, Poll, Waker},
    thread::{self, ThreadId},
    time::Duration,
};

use strongroom::room::{
    Admission, AsyncOwner, AsyncRoom, CodeError, CodesTo, Delivery, Failure, Kind, Letter, Load, LoginError,
    Origin, Page, Places, Proof, Purpose, Registration, Room, RoomOptions, SecretText, Time, Why,
};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};

use tracing_subscriber::{Layer, Registry, prelude::*};

use crate::{
    dba::log,
    examples::now,
    source,
    world::{FIRST, JANE, PASSWORD, World, options, secret},
};

const OTHER: &str = "a second kettle whistles at dusk";

/// A runtime of one worker, and the number of threads that it has at this moment.
fn runtime() -> (Runtime, Arc<AtomicUsize>) {
    let threads = Arc::new(AtomicUsize::new(0));
    let (came, gone) = (Arc::clone(&threads), Arc::clone(&threads));
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_time();
    builder.on_thread_start(move || {
        came.fetch_add(1, Ordering::SeqCst);
    });
    builder.on_thread_stop(move || {
        gone.fetch_sub(1, Ordering::SeqCst);
    });
    (builder.build().unwrap(), threads)
}

fn on_tokio(world: &World) -> AsyncRoom {
    AsyncRoom::new(world.room.clone(), Admission::default())
}

/// So many at once for each load, and so many that wait.
fn narrow(at_once: usize, waiting: usize) -> Admission {
    let places = Places { at_once, waiting };
    Admission { passwords: places, commits: places, reads: places, ..Admission::default() }
}

/// What was sent: code and link.
fn letter(unsent: Vec<Delivery>) -> (SecretText, SecretText) {
    match unsent.into_iter().next().unwrap().letter {
        Letter::Code { code, link, .. } => (code, link),
        Letter::Notice { .. } => panic!("no code"),
    }
}

async fn logged_in(room: &AsyncRoom, email: &str, password: &str) -> (AsyncOwner, SecretText) {
    let login = room.login(email, &secret(password)).await.unwrap().complete();
    let Some(login) = login else { panic!("the right password was denied") };
    (room.owner(login.owner), login.token)
}

/// Asks once, and goes away.
fn begun_and_dropped(verb: impl Future) {
    let mut context = Context::from_waker(Waker::noop());
    assert!(pin!(verb).poll(&mut context).is_pending());
}

/// Holds a place for passwords, on a thread that has begun, until what comes back is dropped.
fn hold(room: &AsyncRoom) -> Sender<()> {
    hold_for(room, Load::Password)
}

/// The same of any load.
fn hold_for(room: &AsyncRoom, load: Load) -> Sender<()> {
    let (holds, held) = channel::<()>();
    let (begins, begun) = channel::<()>();
    begun_and_dropped(room.run(load, move |_| {
        begins.send(()).unwrap();
        let _dropped = held.recv();
        Ok::<_, Failure>(())
    }));
    begun.recv().unwrap();
    holds
}

#[test]
fn an_account_lives_its_whole_life_in_futures() {
    let mut world = World::demo();
    let handed = RoomOptions { codes_to: CodesTo::Asker, ..options(&world.path(), &world.clock) };
    world.room = handed.open().unwrap();
    let room = on_tokio(&world).from(&Origin::new().at("203.0.113.7"));
    // On a thread of its own, which takes what is `Send`.
    let life = async move {
        comes_in(&room).await;
        works(&room).await;
        goes(&room).await;
    };
    let (runtime, _) = runtime();
    runtime.block_on(async { tokio::spawn(life).await.unwrap() });
}

async fn comes_in(room: &AsyncRoom) {
    let registration = Registration { email: JANE, name: Some("Jane"), password: &secret(PASSWORD) };
    let asked = room.sign_up(&registration).await.unwrap();
    let (code, _) = letter(asked.unsent);
    let proof = Proof::Code { handle: &asked.handle, code: &code };
    let jane = room.confirm(&proof).await.unwrap().account;
    assert_eq!(room.find(JANE).await.unwrap(), Some(jane));
    assert!(matches!(room.confirm(&proof).await, Err(CodeError::Code)));

    let (_, link) = letter(room.ask_reset(JANE).await.unwrap().unsent);
    room.look(&link).await.unwrap();
    assert_eq!(room.reset(&Proof::Link(&link), &secret(OTHER)).await.unwrap(), jane);

    let (_, link) = letter(room.invite("eve@example.com", None).await.unwrap().unsent);
    room.accept(&Proof::Link(&link), &secret(PASSWORD)).await.unwrap();
    let registration = Registration { email: "max@example.com", name: None, password: &secret(PASSWORD) };
    room.register(&registration).await.unwrap();
    assert_eq!(room.sweep().await.unwrap().registrations, 0);
    assert!(room.health().await.unwrap().troubles.is_empty());
    assert!(room.metrics().await.unwrap().to_string().contains("strongroom_"));
}

async fn works(room: &AsyncRoom) {
    let (owner, token) = logged_in(room, JANE, OTHER).await;
    assert_eq!(owner.profile().await.unwrap().email.expose().as_str(), JANE);
    assert_eq!(owner.change_name(Some("Jane Doe")).await.unwrap(), 0);
    let ticket = owner.open_ticket("Invoice", "It is wrong.").await.unwrap().ticket;
    owner.write(ticket, "Still.").await.unwrap();
    let file = owner.attach(ticket, "a.txt", "text/plain", &b"bytes"[..]).await.unwrap();
    let opened = owner.open_attachment(file.attachment).await.unwrap();
    assert_eq!(opened.name.expose().as_str(), "a.txt");
    assert_eq!(owner.ticket(ticket).await.unwrap().messages.len(), 2);
    assert_eq!(owner.tickets(&FIRST).await.unwrap().rows.len(), 1);
    assert!(owner.billing(&FIRST).await.unwrap().invoices.is_empty());
    assert!(!owner.activity(&FIRST).await.unwrap().rows.is_empty());
    let expires = Time::from_ms(crate::world::START.as_ms() + 3_600_000);
    let key = owner.make_api_key(&["dns"], expires).await.unwrap();
    assert!(room.api_key(&key.key).await.unwrap().is_some());
    let listed = owner.api_keys(&Page::first(500)).await.unwrap().rows;
    owner.revoke_api_key(listed[0].id).await.unwrap();
    // Several in one go.
    let both = owner.run(Load::Commit, |owner| {
        Ok::<_, Failure>((owner.profile().is_ok(), owner.tickets(&FIRST).is_ok()))
    });
    assert_eq!(both.await.unwrap(), (true, true));
    // Staff have no names here.
    let found = room.run(Load::Commit, |room| {
        let login = room.assume("sam").unwrap();
        room.staff(&login.token).find(JANE, &Why::purpose(Purpose::SupportRequest))
    });
    found.await.unwrap();
    room.logout(&token).await.unwrap();
    assert!(matches!(room.resume(&token).await, Err(LoginError::NoSession)));
}

async fn goes(room: &AsyncRoom) {
    let (owner, token) = logged_in(room, JANE, OTHER).await;
    owner.change_password(&secret(OTHER), &secret(PASSWORD)).await.unwrap();
    let (another, _) = logged_in(room, JANE, PASSWORD).await;
    let sessions = another.sessions(&Page::first(500)).await.unwrap().rows;
    let other = sessions.iter().find(|session| !session.is_this).unwrap();
    another.end_session(other.session).await.unwrap();
    assert!(room.resume(&token).await.is_err());
    let asked = another.ask_address(&secret(PASSWORD), "jane@example.org").await.unwrap();
    let (_, link) = letter(asked.unsent);
    room.confirm_address(&Proof::Link(&link)).await.unwrap();
    let (owner, _) = logged_in(room, "jane@example.org", PASSWORD).await;
    owner.close(&secret(PASSWORD)).await.unwrap();
    assert!(room.login("jane@example.org", &secret(PASSWORD)).await.unwrap().complete().is_none());
}

/// Whoever adds a verb for customers adds the future, or says here why there is none.
#[test]
fn every_verb_of_an_owner_is_a_future_too() {
    let files = source::rust_files("src/room");
    let faces: String = files
        .iter()
        .filter(|file| file.path.contains("/asynchronous/"))
        .map(|file| file.text.as_str())
        .collect();
    let mut verbs = 0;
    for file in files.iter().filter(|file| !file.path.contains("/asynchronous/")) {
        for owners in file.text.split("\nimpl Owner<'_> {\n").skip(1) {
            let body = owners.split("\n}\n").next().unwrap();
            for verb in body.split("\n    pub fn ").skip(1) {
                let name = verb.split(['(', '<']).next().unwrap();
                assert!(faces.contains(&format!(" {name}(")), "{}: `{name}` has no future", file.path);
                verbs += 1;
            }
        }
    }
    assert!(verbs >= 18, "{verbs} verbs were found");
}

#[test]
fn a_dropped_future_settles() {
    let world = World::demo();
    let room = AsyncRoom::new(world.room.clone(), narrow(1, 1));
    let (runtime, _) = runtime();
    runtime.block_on(async {
        let (registered, size) = (world.room.find(JANE).unwrap(), world.room.log_size().unwrap());
        assert_eq!(registered, None);
        let password = secret(PASSWORD);
        begun_and_dropped(room.register(&Registration { email: JANE, name: None, password: &password }));
        room.settled().await;
        assert!(world.room.find(JANE).unwrap().is_some(), "what was begun has ended");
        assert_eq!(world.room.log_size().unwrap(), size + 1, "and its entry stands");
        let (owner, _) = logged_in(&room, JANE, PASSWORD).await;
        begun_and_dropped(owner.open_ticket("Invoice", "It is wrong."));
        room.settled().await;
        let ticket = owner.tickets(&FIRST).await.unwrap().rows[0].ticket;
        assert_eq!(owner.ticket(ticket).await.unwrap().messages.len(), 1, "nothing is half done");
    });
}

#[test]
fn whoever_goes_away_while_he_waits_has_begun_nothing() {
    let world = World::demo();
    let room = AsyncRoom::new(world.room.clone(), narrow(1, 1));
    let (runtime, _) = runtime();
    runtime.block_on(async {
        let held = hold(&room);
        let password = secret(PASSWORD);
        let jane = Registration { email: JANE, name: None, password: &password };
        begun_and_dropped(room.register(&jane));
        begun_and_dropped(room.register(&jane));
        let size = world.room.log_size().unwrap();
        drop(held);
        room.settled().await;
        assert_eq!((world.room.find(JANE).unwrap(), world.room.log_size().unwrap()), (None, size));
        room.register(&jane).await.unwrap();
    });
}

#[test]
fn who_finds_no_place_is_told_at_once_and_others_go_on() {
    let world = World::demo();
    world.customer(JANE);
    let room = AsyncRoom::new(world.room.clone(), narrow(2, 3));
    let (runtime, threads) = runtime();
    runtime.block_on(async {
        let held = [hold(&room), hold(&room)];
        let mut logins = JoinSet::new();
        for _ in 0..100 {
            let room = room.clone();
            logins.spawn(async move { room.login(JANE, &secret(PASSWORD)).await });
        }
        // Those that find no place are answered while every place is held.
        for _ in 3..100 {
            let Err(full) = logins.join_next().await.unwrap().unwrap() else { panic!("there was a place") };
            assert!(matches!(full, LoginError::Failed(Failure::Full)), "{full}");
            assert_eq!((full.kind(), full.retry_after()), (Kind::Busy, Some(Duration::from_secs(1))));
        }
        // Who was turned away had no thread, and who waits has none: the runtime's own, and of each that works.
        assert_eq!(threads.load(Ordering::SeqCst), 1 + held.len());
        assert!(room.health().await.is_ok(), "passwords are not what health waits for");
        assert!(room.ask_reset(JANE).await.is_ok(), "nor what a flush of the disk waits for");
        drop(held);
        while let Some(waited) = logins.join_next().await {
            assert!(waited.unwrap().unwrap().complete().is_some(), "who waited came in");
        }
    });
}

/// Another process has the lane: those who come wait without a thread, and come in when it is free.
#[test]
fn a_lane_that_is_held_up_takes_timers_and_no_threads() {
    let world = now();
    let room = AsyncRoom::new(world.room.clone(), Admission::default());
    let (runtime, threads) = runtime();
    runtime.block_on(async {
        let lane = File::options().write(true).open(world.path().join("store/lane.lock")).unwrap();
        lane.lock().unwrap();
        let ask = || {
            let room = room.clone();
            tokio::spawn(async move { room.ask_reset(JANE).await.map(drop) })
        };
        let first = ask();
        // It sits down, and waits for the other process.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let before = threads.load(Ordering::SeqCst);
        let rest: Vec<_> = (0..100).map(|_| ask()).collect();
        assert!(room.find(JANE).await.is_ok(), "reading goes on");
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!rest.iter().any(tokio::task::JoinHandle::is_finished), "somebody was turned away");
        let during = threads.load(Ordering::SeqCst);
        assert!(during <= before + 1, "{during} threads, {before} before a hundred came: one of them read");
        lane.unlock().unwrap();
        first.await.unwrap().unwrap();
        for one in rest {
            one.await.unwrap().unwrap();
        }
    });
}

#[test]
fn patience_with_a_lane_ends() {
    let world = now();
    let admission = Admission { patience: Duration::from_millis(300), ..Admission::default() };
    let room = AsyncRoom::new(world.room.clone(), admission);
    let (runtime, threads) = runtime();
    runtime.block_on(async {
        let lane = File::options().write(true).open(world.path().join("store/lane.lock")).unwrap();
        lane.lock().unwrap();
        begun_and_dropped(room.ask_reset(JANE));
        tokio::time::sleep(Duration::from_millis(200)).await;
        let before = threads.load(Ordering::SeqCst);
        let Err(busy) = room.ask_reset(JANE).await else { panic!("the lane is another's") };
        assert_eq!(busy.kind(), Kind::Busy);
        assert!(!matches!(busy, Failure::Full), "there are places: it is the lane that is taken");
        assert_eq!(threads.load(Ordering::SeqCst), before, "he waited on none");
        lane.unlock().unwrap();
        room.settled().await;
        room.ask_reset(JANE).await.unwrap();
    });
}

/// Who waits for a place waits so long and no longer, whatever becomes of whoever has it.
#[test]
fn patience_with_who_has_the_place_ends() {
    let world = World::demo();
    let admission = Admission { patience: Duration::from_millis(50), ..narrow(1, 1) };
    let room = AsyncRoom::new(world.room.clone(), admission);
    let (runtime, _) = runtime();
    runtime.block_on(async {
        let _held = hold(&room);
        // Not how long it took: that it came to an end at all.
        let asked = tokio::time::timeout(Duration::from_secs(300), room.login(JANE, &secret(PASSWORD))).await;
        assert!(matches!(asked.unwrap(), Err(LoginError::Failed(Failure::Full))));
    });
}

/// Each load has places of its own, which all who come to this room share, wherever they come from.
#[test]
fn who_fills_the_places_of_one_load_fills_them_for_every_origin_and_for_no_other_load() {
    let loads = [Load::Password, Load::Commit, Load::Read];
    let world = World::demo();
    let room = AsyncRoom::new(world.room.clone(), narrow(1, 0));
    let elsewhere = room.from(&Origin::new().component("web"));
    let (runtime, _) = runtime();
    runtime.block_on(async {
        for held in loads {
            let holds = hold_for(&room, held);
            for load in loads {
                for room in [&room, &elsewhere] {
                    let answer = room.run(load, |_| Ok::<_, Failure>(())).await;
                    assert_eq!(
                        matches!(answer, Err(Failure::Full)),
                        load == held,
                        "{load:?} beside {held:?}"
                    );
                }
            }
            drop(holds);
            room.settled().await;
        }
    });
}

/// A call's origin and the span that it is made in go with it to its thread.
#[test]
fn where_a_call_comes_from_goes_with_it() {
    let world = World::demo();
    let room = on_tokio(&world).from(&Origin::new().component("web"));
    let (runtime, _) = runtime();
    let password = secret(PASSWORD);
    let registration = Registration { email: JANE, name: None, password: &password };
    runtime.block_on(room.register(&registration)).unwrap();
    let entries = log(&world.room);
    let registered = entries.iter().find(|entry| entry.entry.what.name() == "account.registered");
    assert_eq!(registered.unwrap().entry.via.component, "web");

    let entered = Entered::default();
    tracing::subscriber::with_default(Registry::default().with(entered.clone()), || {
        let _caller = tracing::info_span!("of the caller").entered();
        runtime.block_on(room.find(JANE)).unwrap();
    });
    let threads = entered.0.lock().unwrap();
    assert!(threads.iter().any(|thread| *thread != thread::current().id()), "it stayed behind");
}

/// The threads on which spans were entered.
#[derive(Clone, Default)]
struct Entered(Arc<Mutex<Vec<ThreadId>>>);

impl<S: tracing::Subscriber> Layer<S> for Entered {
    fn on_enter(&self, _: &tracing::span::Id, _: tracing_subscriber::layer::Context<'_, S>) {
        self.0.lock().unwrap().push(thread::current().id());
    }
}

#[test]
fn a_panic_is_the_callers_and_leaves_the_place() {
    let world = World::demo();
    let room = AsyncRoom::new(world.room.clone(), narrow(1, 0));
    let (runtime, _) = runtime();
    let fails =
        || runtime.block_on(room.run(Load::Commit, |_: &Room| -> Result<(), Failure> { panic!("mine") }));
    for _ in 0..2 {
        let panic = std::panic::catch_unwind(AssertUnwindSafe(fails)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"mine"));
    }
    runtime.block_on(room.ask_reset(JANE)).unwrap();
}

#[test]
fn one_place_there_is_whatever_was_asked_for() {
    let world = World::demo();
    let room = AsyncRoom::new(world.room.clone(), narrow(0, 0));
    let (runtime, _) = runtime();
    assert!(runtime.block_on(room.find(JANE)).unwrap().is_none());
    runtime.block_on(room.ask_reset(JANE)).unwrap();
}

#[test]
fn without_a_runtime_a_verb_fails() {
    let world = World::demo();
    let room = on_tokio(&world);
    let polled = pin!(room.ask_reset(JANE)).poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Err(Failure::Internal(_)))));
}
