//! The world around the engine: a driver, a network that fails, a user who
//! changes his mind, and what must hold at every step of it.

use super::endpoint::{Endpoint, REFUSED, Rules, call_of, digest_of, expects_digest, failed, uploads_of};
use super::random::Random;
use super::s3::{Bucket, Object};
use sealift::upload::{
    Action, AttemptId, CallId, Config, Event, FileDescription, HashId, Instant, Integrity, Notice, Plan,
    Response, State, Transport, UploadId, Uploader,
};
use sealift::{Error, ErrorKind};
use std::collections::{BTreeMap, BTreeSet};

pub struct World {
    pub seed: u64,
    now: u64,
    calm: bool,
    random: Random,
    config: Config,
    uploader: Uploader,
    uploads: Vec<UploadId>,
    endpoint: Endpoint,
    bucket: Bucket,
    faults: Faults,
    link: bool,
    queue: BTreeMap<(u64, u64), Happening>,
    scheduled: u64,
    flights: BTreeMap<AttemptId, Flight>,
    calls: BTreeMap<CallId, (Action, bool)>,
    hashes: BTreeMap<HashId, bool>,
    seen: BTreeMap<UploadId, Seen>,
    left_behind: BTreeSet<String>,
    /// Nothing fails here but the user's patience.
    harmless: bool,
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
struct Faults {
    calls: u64,
    sends: u64,
    stale: u64,
    user: u64,
    no_etag: bool,
    no_bucket: bool,
    latency: u64,
    bytes_per_ms: u64,
}

enum Happening {
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
enum CallFate {
    Answered,
    Twice,
    Lost,
    Status(u16),
    Cut,
}

#[derive(Clone, Copy)]
enum SendFate {
    Answered,
    Twice,
    AnswerLost,
    Silent,
    Status(u16, &'static str, bool),
    Damaged,
}

struct Flight {
    upload: UploadId,
    key: String,
    size: u64,
    headers_at: u64,
    expires: u64,
    /// The engine waits for it.
    awaited: bool,
    /// The page let go of it before S3 had everything.
    cut: bool,
    received: bool,
}

#[derive(Clone, Copy)]
struct Seen {
    attempts: u32,
    loaded: u64,
    state: State,
}

const CALM_AT: u64 = 400_000;
/// S3 stores what it received within this; less than `Config::settle_ms`.
const STORES_WITHIN: u64 = 1_500;

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
            late_finish: level == 0 || random.chance(50),
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

    /// Does what the engine asks for.
    fn drive(&mut self) {
        while let Some(action) = self.uploader.poll_action() {
            self.note(&action);
            match action {
                Action::HashFile { hash, upload, range } => self.hash(hash, upload, range),
                Action::CancelHash { hash } => *self.hashes.get_mut(&hash).expect("known") = false,
                Action::Send { attempt, request, body } => {
                    assert_eq!(body, 0..self.size(attempt.upload()), "the whole file");
                    self.send(attempt, &request.url);
                }
                Action::Cancel { attempt } => {
                    self.tally.cancels += 1;
                    let flight = self.flights.get_mut(&attempt).expect("known");
                    assert!(flight.awaited, "cancelled once, and not what is over");
                    flight.awaited = false;
                    flight.cut |= !flight.received;
                }
                Action::CancelCall { call } => self.calls.get_mut(&call).expect("known").1 = false,
                call => self.call(call),
            }
        }
        while let Some(notice) = self.uploader.poll_event() {
            match notice {
                Notice::State { upload, state } => {
                    self.seen.entry(upload).or_insert(NOTHING).state = state;
                }
                Notice::LeftBehind { key, .. } => {
                    self.tally.left_behind += 1;
                    self.left_behind.insert(key);
                }
            }
        }
    }

    fn hash(&mut self, hash: HashId, upload: UploadId, range: std::ops::Range<u64>) {
        assert_eq!(range, 0..self.size(upload));
        assert_eq!(self.state(upload), State::Hashing);
        self.hashes.insert(hash, true);
        assert!(self.hashes.values().filter(|live| **live).count() <= self.config.hashes, "readers");
        let unreadable = self.random.chance(self.faults.sends / 10);
        let event = if unreadable {
            Event::HashFailed { hash, error: Error::new(ErrorKind::UnreadableFile, "gone") }
        } else {
            Event::Hashed { hash, sha256: digest_of(upload.number()) }
        };
        let takes = 1 + self.size(upload) / 500_000;
        self.after(takes, takes + 3, Happening::Deliver(event));
    }

    fn send(&mut self, attempt: AttemptId, url: &str) {
        self.tally.sends += 1;
        let upload = attempt.upload();
        assert_eq!(self.state(upload), State::Uploading);
        let signature = self.endpoint.signatures.get_mut(url).expect("signed by the endpoint");
        assert!(!signature.used, "a fresh signature for every attempt");
        signature.used = true;
        assert!(self.now < signature.expires, "sent after its expiry");
        let expires = signature.expires;
        let grant = &self.endpoint.grants[&signature.token];
        assert_eq!(grant.upload, upload.number(), "signed for another upload");
        let (key, size, plan) = (grant.key.clone(), grant.size, grant.plan);
        let latency = self.random.between(1, self.faults.latency);
        let flight = Flight {
            upload,
            key,
            size,
            headers_at: self.now + latency,
            expires,
            awaited: true,
            cut: !self.link,
            received: false,
        };
        assert!(self.flights.insert(attempt, flight).is_none(), "a fresh id for every attempt");
        assert!(self.flights.values().filter(|flight| flight.awaited).count() <= self.config.concurrency);
        if !self.link {
            self.after(1, 2_000, Happening::Reset(attempt));
            return;
        }
        let travel = latency + size / self.faults.bytes_per_ms;
        let bad = self.random.chance(self.faults.sends);
        let part = if bad { self.random.between(0, 150).min(100) } else { 100 };
        if plan == Plan::Put {
            for step in 1..=8 {
                let (at, sent) = (travel * step / 8, size * step / 8);
                if sent <= size * part / 100 {
                    self.after(at, at, Happening::Moves { attempt, sent });
                }
            }
        }
        if part < 100 {
            self.flights.get_mut(&attempt).expect("just put in").cut = true;
            // Reset, or silence from here on.
            if self.random.chance(60) {
                self.after(travel * part / 100, travel * part / 100 + 100, Happening::Reset(attempt));
            }
            return;
        }
        let fate = if bad { self.send_fate() } else { SendFate::Answered };
        self.after(travel, travel, Happening::Received(attempt, fate));
    }

    fn send_fate(&mut self) -> SendFate {
        self.random.pick(&[
            SendFate::Twice,
            SendFate::AnswerLost,
            SendFate::AnswerLost,
            SendFate::Silent,
            SendFate::Damaged,
            SendFate::Status(500, "InternalError", false),
            SendFate::Status(502, "", true),
            SendFate::Status(503, "SlowDown", false),
            SendFate::Status(400, "RequestTimeout", false),
            SendFate::Status(400, "ExpiredToken", false),
            SendFate::Status(400, "BadDigest", false),
            SendFate::Status(403, "RequestTimeTooSkewed", false),
            SendFate::Status(409, "ConditionalRequestConflict", false),
        ])
    }

    fn s3_acts(&mut self, attempt: AttemptId, fate: SendFate) {
        let flight = &self.flights[&attempt];
        let (key, number, size) = (flight.key.clone(), u64::from(flight.upload.number()), flight.size);
        let whole = Object { content: number, size };
        let (status, code) = if flight.headers_at >= flight.expires {
            (403, "AccessDenied")
        } else if self.faults.no_bucket {
            (404, "NoSuchBucket")
        } else {
            match fate {
                SendFate::Status(status, code, stores) => {
                    if stores {
                        self.bucket.put(&key, whole);
                    }
                    (status, code)
                }
                SendFate::Damaged => {
                    (self.bucket.put(&key, Object { content: number | 1 << 40, size }), "PreconditionFailed")
                }
                _ => (self.bucket.put(&key, whole), "PreconditionFailed"),
            }
        };
        match fate {
            SendFate::Silent => return,
            SendFate::AnswerLost => return self.after(0, 500, Happening::Reset(attempt)),
            _ => {}
        }
        let error = Error::new(ErrorKind::S3, "refused").with_status(status);
        let response = Response {
            status,
            etag: (status == 200 && !self.faults.no_etag).then(|| "\"etag\"".into()),
            retry_after_ms: (status == 503).then_some(3_000),
            error: (status != 200).then(|| if code.is_empty() { error } else { error.with_code(code) }),
            ..Response::default()
        };
        let stale = self.lets_stale_through();
        let flight = self.flights.get_mut(&attempt).expect("known");
        if flight.awaited || stale {
            // The page stops waiting when the answer is there: here, at once.
            flight.awaited = false;
            let event = Event::Response { attempt, response };
            let now = Instant::from_millis(self.now);
            self.uploader.handle_event(event.clone(), now);
            if matches!(fate, SendFate::Twice) {
                self.after(0, 3_000, Happening::Deliver(event));
            }
        }
    }

    fn network_error(&mut self, attempt: AttemptId) {
        let stale = self.lets_stale_through();
        let flight = self.flights.get_mut(&attempt).expect("known");
        if flight.awaited || stale {
            flight.awaited = false;
            self.uploader.handle_event(Event::NetworkError { attempt }, Instant::from_millis(self.now));
        }
    }

    fn call(&mut self, action: Action) {
        self.tally.calls += 1;
        let id = call_of(&action);
        let uploads = uploads_of(&action);
        assert!(!uploads.is_empty() && uploads.len() <= self.config.files_per_call);
        if let Action::CreateGrants { files, .. } = &action {
            let wanted = expects_digest(self.config.integrity);
            assert!(files.iter().all(|file| file.sha256.is_some() == wanted));
        }
        assert!(self.calls.insert(id, (action, true)).is_none(), "a fresh id for every call");
        if !self.link {
            let error = Error::new(ErrorKind::Network, "away").with_retryable(true);
            return self.after(1, 2_000, Happening::Deliver(failed(id, error, None)));
        }
        let fate = if self.random.chance(self.faults.calls) {
            self.random.pick(&[
                CallFate::Twice,
                CallFate::Lost,
                CallFate::Lost,
                CallFate::Status(500),
                CallFate::Status(429),
                CallFate::Status(401),
                CallFate::Cut,
            ])
        } else {
            CallFate::Answered
        };
        if self.random.chance(self.faults.calls / 4) {
            return; // Lost, and nobody notices.
        }
        self.after(1, self.faults.latency, Happening::CallArrives(id, fate));
    }

    fn call_arrives(&mut self, id: CallId, fate: CallFate) {
        let (action, _) = &self.calls[&id];
        let retryable = |kind| Error::new(kind, "not now").with_retryable(kind != ErrorKind::Unauthenticated);
        let mut event = match fate {
            CallFate::Status(401) => failed(id, retryable(ErrorKind::Unauthenticated).with_status(401), None),
            CallFate::Status(status) => {
                failed(id, retryable(ErrorKind::Refused).with_status(status), Some(2_000))
            }
            _ => self.endpoint.act(action, &mut self.bucket, &mut self.random, self.now),
        };
        match (fate, &mut event) {
            (CallFate::Lost, _) => event = failed(id, retryable(ErrorKind::Network), None),
            (CallFate::Cut, Event::Granted { items, .. }) => drop(items.pop()),
            (CallFate::Cut, Event::Finished { items, .. }) => drop(items.pop()),
            _ => {}
        }
        let stale = self.lets_stale_through();
        if self.calls[&id].1 || stale {
            if matches!(fate, CallFate::Twice) {
                self.after(1, 2_000, Happening::Deliver(event.clone()));
            }
            self.after(1, self.faults.latency, Happening::Deliver(event));
        }
    }

    /// What must hold after every step.
    fn check(&mut self) {
        let now = Instant::from_millis(self.now);
        if let Some(timer) = self.uploader.poll_timeout() {
            assert!(timer > now, "a timer that has passed");
        }
        for id in self.uploads.clone() {
            let state = self.state(id);
            let progress = self.uploader.progress(id, now).expect("known");
            let attempts = self.uploader.upload(id).expect("known").attempts();
            let seen = self.seen.entry(id).or_insert(NOTHING);
            assert_eq!(seen.state, state, "every change of state is told");
            assert!(progress.loaded() <= progress.total);
            assert_eq!(progress.fraction() == 1.0, state == State::Done, "whole when done, not before");
            if state == State::Uploading && attempts == seen.attempts {
                assert!(progress.loaded() >= seen.loaded, "progress fell within an attempt");
            }
            *seen = Seen { attempts, loaded: progress.loaded(), state };
        }
        let uploading = self.uploads.iter().filter(|id| self.state(**id) == State::Uploading).count();
        let awaited = self.flights.values().filter(|flight| flight.awaited).count();
        assert!(uploading <= self.config.concurrency);
        assert!(awaited >= uploading, "every upload that sends has its request");
    }

    fn check_end(&mut self) {
        assert!(self.calm, "it stopped before the end");
        for id in self.uploads.clone() {
            let upload = self.uploader.upload(id).expect("known");
            let state = self.state(id);
            let refused = upload.file().name == REFUSED || self.faults.no_bucket;
            let whole = Object { content: u64::from(id.number()), size: upload.file().size };
            let kept = upload.object().map(|object| object.key.clone());
            match state {
                State::Done => {
                    self.tally.done += 1;
                    assert_eq!(self.bucket.objects.get(kept.as_ref().expect("a key")), Some(&whole));
                }
                State::Aborted => self.tally.aborted += 1,
                State::Deleted => self.tally.deleted += 1,
                State::Failed => {
                    self.tally.failed += 1;
                    assert!(refused, "failed although nothing is wrong: {:?}", upload.error());
                }
                other => panic!("it ended as {other:?}"),
            }
            if state != State::Failed {
                for (key, object) in &self.bucket.objects {
                    let own = object.content as u32 == id.number() && kept.as_ref() != Some(key);
                    assert!(
                        !own || self.left_behind.contains(key),
                        "{key} was left behind by an upload {state:?}"
                    );
                }
            }
        }
        if self.harmless {
            assert!(
                self.left_behind.is_empty(),
                "left behind although the endpoint deletes all it is asked to"
            );
        }
        let idle = self.uploader.total_progress(Instant::from_millis(self.now)).in_flight;
        assert_eq!(idle, 0);
    }

    /// No action may concern an upload that is settled or paused.
    fn note(&mut self, action: &Action) {
        let concerned = match action {
            Action::HashFile { upload, .. } => vec![upload.number()],
            Action::Send { attempt, .. } => vec![attempt.upload().number()],
            Action::CreateGrants { .. }
            | Action::Sign { .. }
            | Action::Finish { .. }
            | Action::Delete { .. } => uploads_of(action),
            Action::CancelHash { .. } | Action::Cancel { .. } | Action::CancelCall { .. } => Vec::new(),
        };
        for number in concerned {
            let state = self.state(self.uploads[number as usize]);
            assert!(!state.is_settled() && state != State::Paused, "{action:?} for an upload {state:?}");
        }
        for byte in format!("{} {action:?}", self.now).bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn lets_stale_through(&mut self) -> bool {
        let stale = self.random.chance(self.faults.stale);
        self.tally.stale += u64::from(stale);
        stale
    }

    fn size(&self, id: UploadId) -> u64 {
        self.uploader.upload(id).expect("known").file().size
    }

    fn state(&self, id: UploadId) -> State {
        self.uploader.state(id).expect("known")
    }

    fn after(&mut self, low: u64, high: u64, happening: Happening) {
        let at = self.now + self.random.between(low, high.max(low));
        self.scheduled += 1;
        self.queue.insert((at, self.scheduled), happening);
    }
}

const NOTHING: Seen = Seen { attempts: 0, loaded: 0, state: State::Queued };
