//! What a record costs over the plain crate call that it wraps: Argon2id at the floor, bcrypt 10 and 12.
//!
//! `cargo bench --bench hashing`. Criterion reports the times; the lines at the end report ratios from runs taken
//! in turns, ours and the crate's, because on a shared machine two measurements one after the other differ by
//! more than what is looked for.
#![expect(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![expect(clippy::print_stdout, reason = "the ratios are the result")]
#![expect(clippy::disallowed_methods, reason = "measures the passing of real time")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Params, Version};
use criterion::Criterion;
use strongroom::password::{Dialect, Limits, NewPassword, Presented, Record, SecretText, Settings};

const PASSWORD: &str = "seven grey herons at low tide";

/// Runs taken in turns for one ratio.
const TURNS: usize = 41;

fn main() {
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    let mut ratios = Vec::new();
    argon2id(&mut criterion, &mut ratios);
    for cost in [10, 12] {
        bcrypt(cost, &mut criterion, &mut ratios);
    }
    criterion.final_summary();
    for (name, ratio) in ratios {
        println!("{name:<32} {ratio:.3} times the plain crate call (median of {TURNS} runs in turns)");
    }
}

fn argon2id(criterion: &mut Criterion, ratios: &mut Vec<(String, f64)>) {
    let typed = SecretText::new(PASSWORD.to_owned());
    let password = NewPassword::accept(&typed, &[]).unwrap();
    let record = Record::hash(&password, &Settings::FLOOR).unwrap();
    let presented = Presented::typed(&typed);
    let params = Params::new(19_456, 2, 1, Some(32)).unwrap();
    let plain = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);

    let mut hash = || black_box(Record::hash(&password, &Settings::FLOOR).unwrap());
    let mut verify = || black_box(record.verify_presented(&presented, &Settings::FLOOR).unwrap());
    let mut crate_call = || {
        let mut tag = [0; 32];
        plain.hash_password_into(PASSWORD.as_bytes(), b"sixteen bytes of", &mut tag).unwrap();
        black_box(tag)
    };

    let mut group = criterion.benchmark_group("argon2id 19456 KiB, 2 passes");
    group.bench_function("Record::hash", |bench| bench.iter(&mut hash));
    group.bench_function("Record::verify", |bench| bench.iter(&mut verify));
    group.bench_function("plain crate", |bench| bench.iter(&mut crate_call));
    group.finish();
    ratios.push(("argon2id floor, Record::hash".to_owned(), ratio(&mut hash, &mut crate_call)));
    ratios.push(("argon2id floor, Record::verify".to_owned(), ratio(&mut verify, &mut crate_call)));
}

fn bcrypt(cost: u32, criterion: &mut Criterion, ratios: &mut Vec<(String, f64)>) {
    let text = bcrypt::hash_with_salt(PASSWORD, cost, *b"sixteen bytes of").unwrap().to_string();
    let record = Record::parse(&text, &Dialect::none(), &Limits::default()).unwrap();
    let typed = SecretText::new(PASSWORD.to_owned());
    let presented = Presented::typed(&typed);

    let mut verify = || black_box(record.verify_presented(&presented, &Settings::FLOOR).unwrap());
    let mut crate_call = || black_box(bcrypt::verify(PASSWORD, &text).unwrap());

    let mut group = criterion.benchmark_group(format!("bcrypt {cost}"));
    group.bench_function("Record::verify", |bench| bench.iter(&mut verify));
    group.bench_function("plain crate", |bench| bench.iter(&mut crate_call));
    group.finish();
    ratios.push((format!("bcrypt {cost}, Record::verify"), ratio(&mut verify, &mut crate_call)));
}

/// The median over turns of how much longer `ours` takes than `theirs` beside it.
fn ratio<T, U>(mut ours: impl FnMut() -> T, mut theirs: impl FnMut() -> U) -> f64 {
    let mut ratios: Vec<f64> =
        (0..TURNS).map(|_| time(&mut ours).as_secs_f64() / time(&mut theirs).as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(TURNS / 2).copied().unwrap_or(f64::NAN)
}

fn time<T>(mut run: impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    drop(run());
    start.elapsed()
}
