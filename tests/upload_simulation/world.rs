//! The world around the engine: a driver, a network that fails, a user who
//! changes his mind, and what must hold at every step of it.

use super::endpoint::{Endpoint, REFUSED, Rules};
use super::random::Random;
use super::s3::Bucket;
use sealift::upload::{
    Action, AttemptId, CallId, Config, Event, FileDescription, HashId, Instant, Integrity, State, Transport,
    UploadId, Uploader,
};
use std::collections::{BTreeMap, BTreeSet};

pub struct World {
    pub seed: u64,
    pub now: u64,
    pub calm: bool,
    pub random: Random,
    pub config: Config,
    pub uploader: Uploader,
    pub uploads: Vec<UploadId>,
    pub endpoint: Endpoint,
    pub bucket: Bucket,
    pub faults: Faults,
    pub link: bool,
    pub queue: BTreeMap<(u64, u64), Happening>,
    pub scheduled: u64,
    pub flights: BTreeMap<AttemptId, Flight>,
    pub calls: BTreeMap<CallId, (Action, bool)>,
    pub hashes: BTreeMap<HashId, bool>,
    pub seen: BTreeMap<UploadId, Seen>,
    pub left_behind: BTreeSet<String>,
    /// Nothing fails here but the user's patience.
    pub harmless: bool,
    /// What the engine did, for comparing runs.
    pub trace: u64,
    pub tally: Tally,
}

/// What happened in a run, to see that runs are worth their time.
#[derive(Default)]
pub struct Tally {
    pub sends: u64,
    pub calls: u64,
    pub cancels: u64,
    pub done: u64,
    pub aborted: u64,
    pub failed: u64,
    pub deleted: u64,
    pub left_behind: u64,
    pub stale: u64,
    pub steps: u64,
}

/// How bad this world is, in percent.
pub struct Faults {
    pub calls: u64,
    pub sends: u64,
    pub stale: u64,
    pub user: u64,
    pub no_etag: bool,
    pub no_bucket: bool,
    pub latency: u64,
    pub bytes_per_ms: u64,
}

pub enum Happening {
    Deliver(Event),
    CallArrives(CallId, CallFate),
    Moves { attempt: AttemptId, sent: u64 },
    Received(AttemptId, SendFate),
    Reset(AttemptId),
    Acts(AttemptId, SendFate),
    Link(bool),
    User(UploadId),
    Calm,
}

#[derive(Clone, Copy)]
pub enum CallFate {
    Answered,
    Twice,
    Lost,
    Status(u16),
    Cut,
}

#[derive(Clone, Copy)]
pub enum SendFate {
    Answered,
    Twice,
    AnswerLost,
    Silent,
    Status(u16, &'static str, bool),
    Damaged,
}

pub struct Flight {
    pub upload: UploadId,
    pub key: String,
    pub size: u64,
    pub headers_at: u64,
    pub expires: u64,
    /// The engine waits for it.
    pub awaited: bool,
    /// The page let go of it before S3 had everything.
    pub cut: bool,
    pub received: bool,
}

#[derive(Clone, Copy)]
pub struct Seen {
    pub attempts: u32,
    pub loaded: u64,
    pub state: State,
}

const CALM_AT: u64 = 400_000;
const FOR_EVER: u64 = 1 << 40;
/// S3 stores what it received within this; less than `Config::settle_ms`.
pub const STORES_WITHIN: u64 = 1_500;

impl World {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let level = random.pick(&[0, 2, 10, 30]);
        let config = Config {
            concurrency: random.between(1, 6) as usize,
            hashes: random.between(1, 3) as usize,
            files_per_call: random.between(1, 12) as usize,
            ahead_bytes: random.pick(&[1, 1 << 20, 64 << 20]),
            integrity: if random.chance(80) { Integrity::Sha256 } else { Integrity::None },
            tries: random.pick(&[0, 2, 8]),
            ..Config::default()
        };
        let rules = Rules {
            files_per_call: random.between(1, 15) as usize,
            grant_ms: random.pick(&[2_000, 30_000, 3_600_000]),
            signature_ms: random.pick(&[1_000, 20_000, 900_000]),
            first_signatures: random.chance(80),
            greatest_age_ms: if level == 0 { FOR_EVER } else { random.pick(&[0, 40_000, FOR_EVER]) },
            item_faults: level / 2,
        };
        let faults = Faults {
            calls: level,
            sends: level,
            stale: random.pick(&[0, 20]),
            user: random.pick(&[0, 50, 90]),
            no_etag: random.chance(3),
            no_bucket: random.chance(2),
            latency: random.pick(&[1, 50, 800]),
            bytes_per_ms: random.pick(&[200, 5_000, 100_000]),
        };
        let mut world = Self {
            seed,
            now: 0,
            calm: false,
            uploader: Uploader::new(config.clone(), seed),
            config,
            uploads: Vec::new(),
            endpoint: Endpoint { rules, grants: BTreeMap::new(), signatures: BTreeMap::new() },
            bucket: Bucket { conditional: random.chance(70), ..Bucket::default() },
            faults,
            link: true,
            queue: BTreeMap::new(),
            scheduled: 0,
            flights: BTreeMap::new(),
            calls: BTreeMap::new(),
            hashes: BTreeMap::new(),
            seen: BTreeMap::new(),
            left_behind: BTreeSet::new(),
            harmless: level == 0,
            trace: 0,
            tally: Tally::default(),
            random,
        };
        world.populate(level);
        world
    }

    fn populate(&mut self, level: u64) {
        for _ in 0..self.random.between(1, 12) {
            let file = FileDescription {
                name: if self.random.chance(3) { REFUSED } else { "file" }.into(),
                size: self.random.pick(&[0, 1, 1_000, 300_000, 5 << 20, 19 << 20]),
                transport: self.random.pick(&[Transport::Auto, Transport::Put, Transport::Post]),
                ..FileDescription::default()
            };
            let id = self.uploader.add(file);
            self.uploads.push(id);
            self.after(0, 5_000, Happening::User(id));
            while self.random.chance(self.faults.user) {
                let within = self.random.pick(&[3_000, 20_000, 200_000]);
                self.after(0, within, Happening::User(id));
            }
        }
        for _ in 0..level / 10 {
            self.after(0, 100_000, Happening::Link(false));
            self.after(0, 200_000, Happening::Link(true));
        }
        self.after(CALM_AT, CALM_AT, Happening::Calm);
    }

    /// Lets everything happen, until nothing more does.
    pub fn run(&mut self) {
        let mut rounds = 0;
        loop {
            let timer = self.uploader.poll_timeout().map(Instant::millis);
            let next = self.queue.keys().next().map(|(at, _)| *at);
            match (next, timer) {
                (Some(at), timer) if timer.is_none_or(|timer| at < timer) => {
                    self.now = at;
                    let (_, happening) = self.queue.pop_first().expect("there is one");
                    self.happen(happening);
                }
                (_, Some(timer)) => {
                    self.now = timer;
                    self.uploader.handle_timeout(Instant::from_millis(timer));
                }
                _ if self.calm && rounds < 4 && self.ask_again() => rounds += 1,
                _ => break,
            }
            self.drive();
            self.check();
            self.tally.steps += 1;
            assert!(self.tally.steps < 200_000, "it does not come to an end");
        }
        self.check_end();
    }

    /// The user, at the end, wants everything done. Whether there was anything to ask.
    fn ask_again(&mut self) -> bool {
        let now = Instant::from_millis(self.now);
        let mut asked = false;
        for id in self.uploads.clone() {
            asked |=
                self.uploader.start(id, now) || self.uploader.resume(id, now) || self.uploader.retry(id, now);
        }
        asked
    }

    fn happen(&mut self, happening: Happening) {
        let now = Instant::from_millis(self.now);
        match happening {
            Happening::Deliver(event) => {
                let live = match &event {
                    Event::Hashed { hash, .. } | Event::HashFailed { hash, .. } => {
                        self.hashes.insert(*hash, false).expect("known")
                    }
                    _ => true,
                };
                if live || self.lets_stale_through() {
                    self.uploader.handle_event(event, now);
                }
            }
            Happening::CallArrives(call, fate) => self.call_arrives(call, fate),
            Happening::Moves { attempt, sent } => {
                let stale = self.lets_stale_through();
                let flight = &self.flights[&attempt];
                // A browser may count more than the body (a form's own bytes).
                let sent = if stale { sent + 1_000 } else { sent };
                if (flight.awaited && !flight.cut) || stale {
                    self.uploader.handle_event(Event::Progress { attempt, sent }, now);
                }
            }
            Happening::Received(attempt, fate) => {
                let within = self.random.between(0, STORES_WITHIN);
                let flight = self.flights.get_mut(&attempt).expect("known");
                if !flight.cut {
                    flight.received = true;
                    self.after(within, within, Happening::Acts(attempt, fate));
                }
            }
            Happening::Reset(attempt) => self.network_error(attempt),
            Happening::Acts(attempt, fate) => self.s3_acts(attempt, fate),
            Happening::Link(up) => self.link(up),
            Happening::User(id) => self.user(id),
            Happening::Calm => {
                self.calm = true;
                self.faults = Faults { calls: 0, sends: 0, no_etag: false, latency: 50, ..self.faults };
                self.endpoint.rules.item_faults = 0;
                self.endpoint.rules.grant_ms = 3_600_000;
                self.endpoint.rules.signature_ms = 900_000;
                self.link(true);
                self.uploader.handle_event(Event::Online, now);
                self.ask_again();
            }
        }
    }

    fn user(&mut self, id: UploadId) {
        let now = Instant::from_millis(self.now);
        if self.uploader.start(id, now) || self.calm {
            return;
        }
        let it = &mut self.uploader;
        match self.random.between(0, 9) {
            0..=2 => it.pause(id, now),
            3..=5 => it.resume(id, now),
            6..=7 => it.retry(id, now),
            8 => it.abort(id, now),
            _ => it.delete(id, now),
        };
    }

    fn link(&mut self, up: bool) {
        let now = Instant::from_millis(self.now);
        self.link = up;
        if !up {
            for id in self.flights.keys().copied().collect::<Vec<_>>() {
                let flight = self.flights.get_mut(&id).expect("known");
                if flight.awaited && !flight.received {
                    flight.cut = true;
                    if self.random.chance(70) {
                        self.after(0, 100, Happening::Reset(id));
                    }
                }
            }
        }
        // Browsers tell late, or never.
        if self.random.chance(70) {
            self.uploader.handle_event(if up { Event::Online } else { Event::Offline }, now);
        }
    }

    pub fn lets_stale_through(&mut self) -> bool {
        let stale = self.random.chance(self.faults.stale);
        self.tally.stale += u64::from(stale);
        stale
    }

    pub fn size(&self, id: UploadId) -> u64 {
        self.uploader.upload(id).expect("known").file().size
    }

    pub fn state(&self, id: UploadId) -> State {
        self.uploader.state(id).expect("known")
    }

    pub fn after(&mut self, low: u64, high: u64, happening: Happening) {
        let at = self.now + self.random.between(low, high.max(low));
        self.scheduled += 1;
        self.queue.insert((at, self.scheduled), happening);
    }
}

pub const NOTHING: Seen = Seen { attempts: 0, loaded: 0, state: State::Queued };
