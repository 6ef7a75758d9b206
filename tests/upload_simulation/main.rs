//! The engine in thousands of seeded worlds: a model of the endpoint, a model
//! of S3, a network that fails in every way known to us, and a user who pauses,
//! resumes, aborts, retries and deletes at any moment. `checks` says what
//! must hold at every step and at the end.
//!
//! A seed that fails is printed; `SEALIFT_SEED=<seed>` replays it alone, and
//! `SEALIFT_SEEDS=<count>` runs more than usual.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod checks;
mod driver;
mod endpoint;
mod random;
mod s3;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use world::{Tally, World};

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {value}")))
}

fn run(seed: u64) -> (u64, Tally) {
    let mut world = World::new(seed);
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| world.run())) {
        println!(
            "seed {} failed: SEALIFT_SEED={} cargo test --test upload_simulation",
            world.seed, world.seed
        );
        resume_unwind(panic);
    }
    (world.trace, world.tally)
}

#[test]
fn every_world_ends_well() {
    if let Some(seed) = number("SEALIFT_SEED") {
        run(seed);
        return;
    }
    let seeds = number("SEALIFT_SEEDS").unwrap_or(4_000);
    let mut sum = Tally::default();
    for seed in 0..seeds {
        let (_, tally) = run(seed);
        sum.sends += tally.sends;
        sum.calls += tally.calls;
        sum.cancels += tally.cancels;
        sum.done += tally.done;
        sum.aborted += tally.aborted;
        sum.failed += tally.failed;
        sum.deleted += tally.deleted;
        sum.left_behind += tally.left_behind;
        sum.stale += tally.stale;
        sum.steps += tally.steps;
    }
    println!(
        "{seeds} worlds, {} steps: {} requests, {} calls, {} cancelled, {} stale; \
         {} done, {} aborted, {} deleted, {} refused, {} left behind",
        sum.steps,
        sum.sends,
        sum.calls,
        sum.cancels,
        sum.stale,
        sum.done,
        sum.aborted,
        sum.deleted,
        sum.failed,
        sum.left_behind
    );
    // The worlds are worth running: everything that can happen does.
    for (what, count) in [
        ("cancels", sum.cancels),
        ("stale answers", sum.stale),
        ("done", sum.done),
        ("aborted", sum.aborted),
        ("deleted", sum.deleted),
        ("refused", sum.failed),
        ("left behind", sum.left_behind),
    ] {
        assert!(count > seeds / 400, "{what}: {count}");
    }
}

#[test]
fn a_seed_replays() {
    for seed in 0..20 {
        assert_eq!(run(seed).0, run(seed).0, "seed {seed}");
    }
}
