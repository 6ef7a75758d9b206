//! The world around the engine: pages that come and go, a network that fails,
//! a user who changes his mind, an endpoint and an S3; and time, which jumps
//! from one happening to the next.

use super::blame::{Blames, Cause};
use super::calls::CallFate;
use super::endpoint::Endpoint;
use super::ledger::Ledgers;
use super::network::{Fate, Flight};
use super::page::{Listed, Page};
use super::random::Random;
use super::s3::{Answer, S3};
use super::storage::Storage;
use sealift::upload::{Action, Config, Event, FileDescription, Instant, State, UploadId};
use std::collections::{BTreeMap, BTreeSet};

pub struct World {
    pub now: u64,
    /// From here on nothing goes wrong any more.
    pub calm: bool,
    pub random: Random,
    pub config: Config,
    pub faults: Faults,
    pub files: Vec<File>,
    pub page: Page,
    pub storage: Storage,
    pub endpoint: Endpoint,
    pub s3: S3,
    /// How far S3's clock is ahead.
    pub skew: i64,
    pub link: bool,
    pub queue: BTreeMap<(u64, u64), Happening>,
    pub scheduled: u64,
    pub flights: Vec<Flight>,
    pub calls: Vec<Call>,
    pub ledgers: Ledgers,
    /// Keys that the engine said something may be left under.
    pub left_behind: BTreeSet<String>,
    /// What happened to uploads that may end them.
    pub blames: Blames,
    /// Keys that nobody can know of after a crash.
    pub excused: BTreeSet<String>,
    /// Nothing fails here but the user's patience.
    pub harmless: bool,
    /// Not even that: everything is done once and at once.
    pub plain: bool,
    pub most_steps: u64,
    /// What the engine did, for comparing runs.
    pub trace: u64,
    /// Whether to print what happens (`SEALIFT_LOG`).
    pub log: bool,
    pub tally: Tally,
}

/// A file that the user wants in the bucket.
pub struct File {
    pub description: FileDescription,
    pub version: u32,
    /// Its upload in the page that is open.
    pub id: Option<UploadId>,
    /// How it ended in a page that is gone, and under which key.
    pub closed: Option<(State, Option<String>)>,
    pub refused: bool,
}

/// A call of the endpoint.
pub struct Call {
    pub page: u32,
    pub action: Action,
    pub awaited: bool,
    /// The hashes of chunks that went with it.
    pub lists: BTreeMap<(UploadId, u64), Listed>,
}

/// What happened in a run, to see that runs are worth their time.
#[derive(Clone, Default)]
pub struct Tally {
    pub counts: BTreeMap<&'static str, u64>,
    pub steps: u64,
}

impl Tally {
    pub fn add(&mut self, what: &'static str, count: u64) {
        *self.counts.entry(what).or_default() += count;
    }

    pub fn merge(&mut self, other: &Self) {
        self.steps += other.steps;
        for (what, count) in &other.counts {
            self.add(what, *count);
        }
    }
}

/// How bad this world is, in percent.
pub struct Faults {
    pub calls: u64,
    pub sends: u64,
    /// Answers that come although the engine took back what it had asked for.
    pub stale: u64,
    pub user: u64,
    /// The page goes, in a thousandth of the steps.
    pub crashes: u64,
    /// A file is another after that.
    pub changes: u64,
    pub slow_down: u64,
    pub misses: u64,
    pub no_bucket: bool,
    /// S3 never does anything.
    pub broken: bool,
    pub latency: u64,
    pub bytes_per_ms: u64,
    pub hashed_per_ms: u64,
    /// How long S3 may work on a Complete.
    pub complete_ms: u64,
}

#[derive(Debug)]
pub enum Happening {
    /// Something that the page hears, if it is still there.
    Deliver {
        page: u32,
        event: Event,
    },
    CallArrives {
        call: usize,
        fate: CallFate,
    },
    Moves {
        flight: usize,
        sent: u64,
    },
    Received {
        flight: usize,
        fate: Fate,
    },
    Acts {
        flight: usize,
        fate: Fate,
    },
    Answers {
        flight: usize,
        answer: Answer,
        fate: Fate,
    },
    Reset {
        flight: usize,
    },
    Link(bool),
    User(usize),
    /// The page is open again, and has the file.
    Reopen(usize),
    /// Somebody removes an unfinished upload at S3.
    Lifecycle,
    /// Somebody else is logged in.
    LoggedIn(u32),
    /// The endpoint notices how S3's clock goes.
    Learns,
    /// The machine sleeps, and the page's clock stands still meanwhile.
    Sleep,
    Calm,
}

/// Longer than S3 may need to put 48 TiB together, in milliseconds.
const LONGEST_SILENCE: u64 = 7_200_000;
/// Twenty minutes: longer than any signature lives.
const SLEEP: u64 = 1_200_000;

impl World {
    /// Lets everything happen, until nothing more does.
    pub fn run(&mut self) {
        self.run_until(u64::MAX);
        self.check_end();
    }

    /// The same, up to a moment.
    pub fn run_until(&mut self, end: u64) {
        let mut rounds = 0;
        while self.now < end {
            let timer = self.page.uploader.poll_timeout().map(Instant::millis);
            let next = self.queue.keys().next().map(|(at, _)| *at);
            match (next, timer) {
                (Some(at), timer) if timer.is_none_or(|timer| at < timer) => {
                    self.now = at;
                    let (_, happening) = self.queue.pop_first().expect("there is one");
                    self.print(&happening);
                    self.happen(happening);
                }
                (_, Some(timer)) => {
                    let silent = self.page.sending > 0 && timer - self.now > LONGEST_SILENCE;
                    assert!(!silent, "a connection may be silent for {} ms", timer - self.now);
                    self.now = timer;
                    self.print(&"timer");
                    self.page.uploader.handle_timeout(Instant::from_millis(timer));
                }
                _ if self.calm && rounds < 4 && self.ask_again() => rounds += 1,
                _ => break,
            }
            self.drive();
            self.check();
            self.tally.steps += 1;
            assert!(self.tally.steps < self.most_steps, "it does not come to an end");
            if !self.calm && self.random.next() % 100_000 < self.faults.crashes {
                self.crash();
            }
        }
    }

    fn happen(&mut self, happening: Happening) {
        let now = Instant::from_millis(self.now);
        match happening {
            Happening::Deliver { page, event } => self.deliver(page, event),
            Happening::CallArrives { call, fate } => self.call_arrives(call, fate),
            Happening::Moves { flight, sent } => self.moves(flight, sent),
            Happening::Received { flight, fate } => self.received(flight, fate),
            Happening::Acts { flight, fate } => self.s3_acts(flight, fate),
            Happening::Answers { flight, answer, fate } => self.answers(flight, answer, fate),
            Happening::Reset { flight } => self.reset(flight),
            Happening::Link(up) => self.change_link(up),
            Happening::User(file) => self.user(file),
            Happening::Reopen(file) => self.reopen(file),
            Happening::Lifecycle if self.calm => {}
            Happening::Lifecycle => {
                let ids: Vec<String> = self.s3.uploads.keys().cloned().collect();
                if !ids.is_empty() {
                    self.tally.add("removed by others", 1);
                    let id = (self.random.next() % ids.len() as u64) as usize;
                    self.s3.uploads.remove(&ids[id]);
                }
            }
            Happening::LoggedIn(user) => {
                self.endpoint.user = if self.calm { 0 } else { user };
                self.blames.blame_all(self.files.len(), Cause::Stranger);
            }
            Happening::Sleep => self.sleep(),
            Happening::Learns => self.endpoint.known_skew = self.skew,
            Happening::Calm => {
                self.calm = true;
                self.faults = Faults {
                    calls: 0,
                    sends: 0,
                    slow_down: 0,
                    misses: 0,
                    latency: 50,
                    complete_ms: 0,
                    ..std::mem::replace(&mut self.faults, Faults::none())
                };
                self.s3.traits.shows_etag = true;
                self.endpoint.calm_down(self.skew);
                self.change_link(true);
                self.page.offline = false;
                self.page.uploader.handle_event(Event::Online, now);
                self.ask_again();
            }
        }
    }

    /// What clocks outside the page show.
    pub const fn outside(&self) -> u64 {
        self.now + self.endpoint.ahead
    }

    /// Whatever was signed is stale when the machine wakes, and the page cannot know;
    /// most of its connections are gone, and the network comes back a little later.
    fn sleep(&mut self) {
        if self.calm {
            return;
        }
        self.tally.add("asleep", 1);
        self.endpoint.ahead += SLEEP;
        if self.random.chance(60) {
            self.change_link(false);
            self.after(0, 5_000, Happening::Link(true));
        }
    }

    pub fn print(&self, what: &impl std::fmt::Debug) {
        if self.log {
            println!("{:>9} {what:?}", self.now);
        }
    }

    pub fn after(&mut self, low: u64, high: u64, happening: Happening) {
        let at = self.now + self.random.between(low, high.max(low));
        self.scheduled += 1;
        self.queue.insert((at, self.scheduled), happening);
    }

    pub fn lets_stale_through(&mut self) -> bool {
        let stale = self.faults.stale > 0 && self.random.chance(self.faults.stale);
        self.tally.add("stale", u64::from(stale));
        stale
    }

    /// For comparing runs.
    pub fn note_trace(&mut self, number: u64) {
        self.trace = (self.trace ^ number ^ self.now.rotate_left(32)).wrapping_mul(0x100_0000_01b3);
    }
}

impl Faults {
    pub const fn none() -> Self {
        Self {
            calls: 0,
            sends: 0,
            stale: 0,
            user: 0,
            crashes: 0,
            changes: 0,
            slow_down: 0,
            misses: 0,
            no_bucket: false,
            broken: false,
            latency: 20,
            bytes_per_ms: 100_000,
            hashed_per_ms: 500_000,
            complete_ms: 0,
        }
    }
}
