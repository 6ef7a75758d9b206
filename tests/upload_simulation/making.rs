//! What kinds of worlds there are. Everything about one follows from its seed.

use super::blame::Blames;
use super::endpoint::{Endpoint, REFUSED, Rules};
use super::ledger::Ledgers;
use super::page::Page;
use super::random::Random;
use super::s3::{Chunks, S3, Traits};
use super::storage::Storage;
use super::world::{Faults, File, Happening, Tally, World};
use sealift::upload::{Config, FileDescription, Integrity, Priority, Transport};
use std::collections::{BTreeMap, BTreeSet};

/// How large the files are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// Up to a dozen parts.
    Small,
    /// Up to a thousand.
    Large,
    /// Up to ten thousand, and to 48.8 TiB.
    Huge,
}

/// Tries that no world takes all.
pub const PATIENT: u32 = 1_000;
const CALM_AT: u64 = 400_000;
const FOR_EVER: u64 = 1 << 40;
const MIB: u64 = 1 << 20;
const LARGEST: u64 = 10_000 * (5 << 30);

/// What a world is made of.
pub struct Made {
    pub seed: u64,
    pub config: Config,
    pub rules: Rules,
    pub traits: Traits,
    pub skew: i64,
    pub faults: Faults,
    pub random: Random,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let scale = match seed {
            seed if seed % 2_500 == 1_234 => Scale::Huge,
            seed if seed % 120 == 77 => Scale::Large,
            _ => Scale::Small,
        };
        let plain = random.chance(15);
        let level = match scale {
            _ if plain => 0,
            Scale::Huge => random.pick(&[0, 1]),
            Scale::Large => random.pick(&[0, 1, 3]),
            Scale::Small => random.pick(&[0, 2, 10, 30]),
        };
        let mut config = config(&mut random, plain);
        let rules = rules(&mut random, level, plain);
        let faults = faults(&mut random, level, scale, plain);
        if faults.broken {
            config.tries = config.tries.min(8);
        }
        let harmless = level == 0 && faults.crashes == 0 && !faults.no_bucket && !faults.broken;
        let skews: &[i64] =
            if level == 0 { &[0] } else { &[0, 0, 0, 3_000, -3_000, 40_000, -40_000, 1_200_000] };
        let made = Made {
            seed,
            config,
            rules,
            traits: traits(&mut random, scale, plain),
            skew: random.pick(skews),
            faults,
            random,
        };
        let mut world = Self::of(made);
        (world.plain, world.harmless) = (plain, harmless);
        if scale != Scale::Small {
            world.most_steps = 2_000_000;
        }
        world.populate(level, scale);
        world
    }

    /// An empty world.
    pub fn of(made: Made) -> Self {
        let Made { seed, config, rules, traits, skew, faults, random } = made;
        Self {
            now: 0,
            calm: false,
            page: Page::new(0, &config, seed),
            config,
            files: Vec::new(),
            storage: Storage::default(),
            endpoint: Endpoint {
                rules,
                grants: Vec::new(),
                signatures: Vec::new(),
                known_skew: 0,
                user: 0,
                ahead: 0,
            },
            s3: S3::new(traits),
            skew,
            faults,
            link: true,
            queue: BTreeMap::new(),
            scheduled: 0,
            flights: Vec::new(),
            calls: Vec::new(),
            ledgers: Ledgers::default(),
            blames: Blames::default(),
            left_behind: BTreeSet::new(),
            excused: BTreeSet::new(),
            harmless: true,
            plain: true,
            most_steps: 200_000,
            trace: seed,
            log: std::env::var_os("SEALIFT_LOG").is_some(),
            tally: Tally::default(),
            random,
        }
    }

    /// A file that the user starts within so many milliseconds.
    pub fn add(&mut self, description: FileDescription, refused: bool, within: u64) -> usize {
        let (index, id) = (self.files.len(), self.page.uploader.add(description.clone()));
        self.files.push(File { description, version: 0, id: None, closed: None, refused });
        self.opened(index, id);
        self.after(0, within, Happening::User(index));
        index
    }

    fn populate(&mut self, level: u64, scale: Scale) {
        let files = if scale == Scale::Small { self.random.between(1, 6) } else { self.random.between(1, 3) };
        for index in 0..files {
            let refused = !self.plain && self.random.chance(3);
            let (size, transport) = self.size(if index == 0 { scale } else { Scale::Small });
            let name = format!("{} {index}", if refused { REFUSED } else { "file" });
            let priority = self.random.pick(&[Priority::High, Priority::Normal, Priority::Low]);
            let description =
                FileDescription { name, size, transport, priority, ..FileDescription::default() };
            let index = self.add(description, refused, 5_000);
            while self.random.chance(self.faults.user) {
                let within = self.random.pick(&[3_000, 20_000, 200_000]);
                self.after(0, within, Happening::User(index));
            }
        }
        for _ in 0..level / 10 {
            self.after(0, 100_000, Happening::Link(false));
            self.after(0, 200_000, Happening::Link(true));
        }
        if level > 0 && self.random.chance(15) {
            self.after(0, 30_000, Happening::Lifecycle);
        }
        if level > 0 && self.random.chance(10) {
            self.after(0, 60_000, Happening::LoggedIn(1));
            self.after(0, 120_000, Happening::LoggedIn(0));
        }
        if self.skew != 0 {
            self.after(0, 20_000, Happening::Learns);
        }
        if !self.plain && self.random.chance(20) {
            for _ in 0..self.random.pick(&[1, 3]) {
                let within = self.random.pick(&[5_000, 100_000]);
                self.after(0, within, Happening::Sleep);
            }
        }
        self.after(CALM_AT, CALM_AT, Happening::Calm);
    }

    /// A file's size, and how it is to travel.
    fn size(&mut self, scale: Scale) -> (u64, Transport) {
        let part = self.endpoint.rules.part_size;
        match scale {
            Scale::Huge => {
                let less = self.random.between(1, 1 << 40);
                let size = self.random.pick(&[LARGEST, LARGEST - less, part * 10_000 - less % part]);
                self.faults.bytes_per_ms = self.faults.bytes_per_ms.max(size / 600_000);
                self.faults.hashed_per_ms = self.faults.hashed_per_ms.max(size / 100_000);
                (size, Transport::Multipart)
            }
            Scale::Large => {
                let parts = self.random.pick(&[64, 200, 1_000]);
                self.faults.bytes_per_ms = self.faults.bytes_per_ms.max(parts * part / 600_000);
                (parts * part - self.random.between(0, part - 1), Transport::Auto)
            }
            Scale::Small if self.random.chance(60) => {
                let size = part * self.random.between(0, 9) + self.random.pick(&[1, 2, part / 2, part]);
                let transport = if self.random.chance(70) { Transport::Multipart } else { Transport::Auto };
                (size, transport)
            }
            Scale::Small => {
                let size = self.random.pick(&[0, 1, 1_000, 300_000, 5 << 20, 19 << 20]);
                (size, self.random.pick(&[Transport::Auto, Transport::Put, Transport::Post]))
            }
        }
    }
}

fn config(random: &mut Random, plain: bool) -> Config {
    Config {
        concurrency: random.between(1, 6) as usize,
        hashes: random.between(1, 3) as usize,
        files_per_call: random.between(1, 12) as usize,
        intents_per_call: random.pick(&[1, 3, 10, 200]),
        ahead_bytes: random.pick(&[1, MIB, 64 * MIB]),
        post_up_to: random.pick(&[0, MIB]),
        put_up_to: random.pick(&[0, MIB, 16 * MIB]),
        snapshots: random.chance(75),
        integrity: random.pick(&[
            Integrity::Sha256,
            Integrity::Sha256,
            Integrity::Crc64Nvme,
            Integrity::Both,
            Integrity::Chunks,
            Integrity::Chunks,
            Integrity::None,
        ]),
        tries: if plain { 8 } else { random.pick(&[0, 2, 8, PATIENT]) },
        ..Config::default()
    }
}

fn rules(random: &mut Random, level: u64, plain: bool) -> Rules {
    Rules {
        files_per_call: random.between(1, 15) as usize,
        intents_per_call: random.pick(&[8, 250, 1_000]),
        grant_ms: if plain { 3_600_000 } else { random.pick(&[2_000, 30_000, 3_600_000]) },
        signature_ms: if plain { 900_000 } else { random.pick(&[1_000, 20_000, 900_000]) },
        first_signatures: random.chance(80),
        greatest_age_ms: if level == 0 { FOR_EVER } else { random.pick(&[0, 40_000, FOR_EVER]) },
        item_faults: level / 2,
        no_forms: !plain && random.chance(15),
        no_chunks: !plain && random.chance(15),
        chunk_size: random.pick(&[8 << 10, 896 << 10, 16 * MIB]),
        part_size: random.pick(&[5 * MIB, 8 * MIB, 16 * MIB]),
        wants_integrity: random.chance(60),
    }
}

fn faults(random: &mut Random, level: u64, scale: Scale, plain: bool) -> Faults {
    let crashes: &[u64] = if scale == Scale::Small { &[0, 0, 100, 1_000] } else { &[0, 0, 2, 10] };
    Faults {
        calls: level,
        sends: level,
        stale: if plain { 0 } else { random.pick(&[0, 20]) },
        user: if plain { 0 } else { random.pick(&[0, 50, 90]) },
        crashes: if plain { 0 } else { random.pick(crashes) },
        changes: if plain { 0 } else { random.pick(&[0, 30]) },
        slow_down: if level > 0 && random.chance(20) { random.pick(&[10, 50]) } else { 0 },
        misses: if level > 0 && random.chance(40) { random.pick(&[5, 40]) } else { 0 },
        no_bucket: !plain && random.chance(2),
        broken: level > 0 && random.chance(2),
        latency: random.pick(&[1, 50, 800]),
        bytes_per_ms: random.pick(&[800, 5_000, 100_000]),
        hashed_per_ms: random.pick(&[50_000, 500_000]),
        complete_ms: if plain { 0 } else { random.pick(&[0, 1_500, 60_000]) },
    }
}

fn traits(random: &mut Random, scale: Scale, plain: bool) -> Traits {
    Traits {
        conditional: random.chance(70),
        forms: plain || random.chance(85),
        checksums: plain || random.chance(80),
        shows_checksums: plain || random.chance(90),
        own_etags: random.chance(15),
        repeats_complete: random.chance(30),
        chunks: match random.between(1, 100) {
            _ if plain => Chunks::Verified,
            1..=10 => Chunks::Refused,
            11..=15 => Chunks::Stored,
            _ => Chunks::Verified,
        },
        shows_etag: plain || !random.chance(3),
        page: if scale == Scale::Small { random.pick(&[1, 2, 3, 1_000]) } else { 1_000 },
    }
}
