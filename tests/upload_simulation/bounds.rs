//! How much is asked for where nothing goes wrong, and who waits for whom.

use super::endpoint::Rules;
use super::making::Made;
use super::random::Random;
use super::s3::{Chunks, Traits};
use super::world::{Faults, Happening, World};
use sealift::upload::{Action, Config, FileDescription, Integrity, Intent, Priority, State};

const MIB: u64 = 1 << 20;
const PART: u64 = 16 * MIB;

/// As the endpoint is by default, and S3 always.
fn world(integrity: Integrity, faults: Faults) -> World {
    World::of(Made {
        seed: 1,
        config: Config { integrity, snapshots: true, ..Config::default() },
        rules: Rules {
            files_per_call: 100,
            intents_per_call: 1_000,
            grant_ms: 3_600_000,
            signature_ms: 900_000,
            first_signatures: true,
            greatest_age_ms: 604_800_000,
            item_faults: 0,
            no_forms: false,
            no_chunks: false,
            chunk_size: 896 << 10,
            part_size: PART,
            wants_integrity: true,
        },
        traits: Traits {
            conditional: true,
            forms: true,
            checksums: true,
            shows_checksums: true,
            own_etags: false,
            repeats_complete: false,
            chunks: Chunks::Verified,
            shows_etag: true,
            page: 1_000,
        },
        skew: 0,
        faults,
        random: Random::new(1),
    })
}

fn file(number: usize, size: u64) -> FileDescription {
    FileDescription { name: format!("file {number}"), size, ..FileDescription::default() }
}

/// Calls of `/sign` that ask for parts.
fn part_calls(world: &World) -> usize {
    let asks = |action: &Action| match action {
        Action::Sign { items, .. } => {
            let mut intents = items.iter().flat_map(|item| &item.intents);
            intents.any(|intent| matches!(intent, Intent::Part { .. }))
        }
        _ => false,
    };
    world.calls.iter().filter(|call| asks(&call.action)).count()
}

#[test]
fn few_calls_sign_many_parts() {
    for integrity in
        [Integrity::Sha256, Integrity::Crc64Nvme, Integrity::Both, Integrity::Chunks, Integrity::None]
    {
        for (latency, bytes_per_ms) in [(2, 100_000), (50, 100_000), (50, 2_000), (100, 12_000)] {
            for (parts, most) in [(64, 4), (1_000, 18)] {
                let faults = Faults { latency, bytes_per_ms, hashed_per_ms: 400_000, ..Faults::none() };
                let mut world = world(integrity, faults);
                world.most_steps = 1_000_000;
                world.add(file(0, parts * PART), false, 0);
                world.after(1 << 30, 1 << 30, Happening::Calm);
                world.run();
                let calls = part_calls(&world);
                let what = format!("{integrity:?}, {parts} parts at {bytes_per_ms} bytes/ms: {calls} calls");
                assert!(calls <= most, "{what}");
                let unused = world.endpoint.signatures.iter().filter(|it| !it.used).count();
                assert_eq!(unused, 0, "{what}, and signatures that nobody used");
            }
        }
    }
}

#[test]
fn a_huge_file_does_not_hold_up_small_ones() {
    let faults = Faults { bytes_per_ms: 10_000, hashed_per_ms: 400_000, ..Faults::none() };
    let mut world = world(Integrity::Sha256, faults);
    world.add(file(0, 500 * PART), false, 0);
    let small: Vec<usize> = (1..40).map(|number| world.add(file(number, 100_000), false, 20_000)).collect();
    world.after(1 << 30, 1 << 30, Happening::Calm);
    world.run_until(40_000);
    let done = small.iter().filter(|index| world.is_now(**index, State::Done)).count();
    assert_eq!(done, small.len(), "small files that are done while the huge one is on its way");
    assert!(world.is_now(0, State::Uploading) || world.is_now(0, State::Signing), "the huge one goes on");
}

#[test]
fn what_is_urgent_goes_first() {
    let faults = Faults { bytes_per_ms: 10_000, hashed_per_ms: 400_000, ..Faults::none() };
    let mut world = world(Integrity::Sha256, faults);
    let with = |number, priority| FileDescription { priority, ..file(number, 20 * PART) };
    let low: Vec<usize> = (0..8).map(|number| world.add(with(number, Priority::Low), false, 0)).collect();
    let high = world.add(with(8, Priority::High), false, 1_000);
    world.after(1 << 30, 1 << 30, Happening::Calm);
    for second in 1..1_000 {
        world.run_until(second * 1_000);
        if world.is_now(high, State::Done) {
            break;
        }
    }
    assert!(world.is_now(high, State::Done));
    let done = low.iter().filter(|index| world.is_now(**index, State::Done)).count();
    assert!(done <= 1, "{done} of the others were done before the urgent one");
}
