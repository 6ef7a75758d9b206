//! The engine in a hundred thousand seeded worlds: a model of the endpoint, a model
//! of S3, a network that fails in every way known to us, pages that crash and
//! come back, files that change meanwhile, and a user who pauses, resumes,
//! aborts, retries and deletes at any moment, and machines that sleep. `checks`
//! says what must hold at every step, `blame` what may end an upload, and
//! `ending` what must hold at the end.
//!
//! A seed that fails is printed; `SEALIFT_SEED=<seed>` replays it alone, and
//! (with `SEALIFT_LOG=1` telling all that happens), and `SEALIFT_SEEDS=<count>` runs more than the few that a plain `cargo test` does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod blame;
mod bounds;
mod calls;
mod checks;
mod content;
mod crc64;
mod ending;
mod endpoint;
mod ledger;
mod making;
mod network;
mod page;
mod random;
mod s3;
mod storage;
mod user;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use world::{Tally, World};

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {value}")))
}

/// The trace of a world and what happened in it; nothing if something did that must not.
fn run(seed: u64) -> Option<(u64, Tally)> {
    let mut world = World::new(seed);
    if catch_unwind(AssertUnwindSafe(|| world.run())).is_err() {
        println!(
            "seed {seed} failed after {} ms of its time, in step {}: \
             SEALIFT_SEED={seed} cargo test --test upload_simulation",
            world.now, world.tally.steps
        );
        return None;
    }
    Some((world.trace, world.tally))
}

#[test]
fn every_world_ends_well() {
    if let Some(seed) = number("SEALIFT_SEED") {
        assert!(run(seed).is_some(), "seed {seed}");
        return;
    }
    let first = number("SEALIFT_FIRST").unwrap_or(0);
    let seeds = number("SEALIFT_SEEDS").unwrap_or(300);
    let tally = run_all(first, seeds).expect("a world that does not end well");
    println!("{seeds} worlds, {} steps: {:?}", tally.steps, tally.counts);
    // Many worlds are worth running: everything that can happen does.
    for what in [
        "PUTs",
        "forms",
        "parts",
        "creations",
        "completions",
        "listings",
        "cancelled",
        "stale",
        "crashes",
        "resumed",
        "changed",
        "done",
        "aborted",
        "deleted",
        "failed",
        "left behind",
        "removed by others",
        "replaced",
        "lacks",
        "chunks dropped",
        "asleep",
        "stale after sleep",
        "expired",
        "throttled",
        "errors in 200",
        "unverified",
        "failed for a cause",
        "done by patience",
    ] {
        let count = tally.counts.get(what).copied().unwrap_or(0);
        assert!(count > seeds / 500 || seeds < 1_000, "{what}: {count}");
    }
}

/// On all processors; none if one fails.
fn run_all(first: u64, seeds: u64) -> Option<Tally> {
    let (next, failed) = (AtomicU64::new(first), AtomicBool::new(false));
    let sum = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let mut own = Tally::default();
                while !failed.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        break;
                    }
                    match run(seed) {
                        Some((_, tally)) => own.merge(&tally),
                        None => failed.store(true, Ordering::Relaxed),
                    }
                }
                sum.lock().unwrap().merge(&own);
            });
        }
    });
    (!failed.into_inner()).then(|| sum.into_inner().unwrap())
}

#[test]
fn a_seed_replays() {
    for seed in 0..20 {
        let trace = |run: Option<(u64, Tally)>| run.expect("ends well").0;
        assert_eq!(trace(run(seed)), trace(run(seed)), "seed {seed}");
    }
}
