//! What the engine asks for, done in this world: a file read, a request sent,
//! a call made, with all that goes wrong on the way.

use super::endpoint::{call_of, digest_of, expects_digest, failed, sha256, uploads_of};
use super::s3::Object;
use super::world::{CallFate, Flight, Happening, NOTHING, SendFate, World};
use sealift::upload::{
    Action, AttemptId, CallId, Event, HashId, Instant, Notice, Plan, Response, State, UploadId,
};
use sealift::{Error, ErrorKind};

impl World {
    /// Does what the engine asks for.
    pub fn drive(&mut self) {
        while let Some(action) = self.uploader.poll_action() {
            self.note(&action);
            match action {
                Action::Hash { hash, upload, range, .. } => self.hash(hash, upload, range),
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
                Action::Save { .. } | Action::Forget { .. } => {}
                Action::CancelCall { call } => self.calls.get_mut(&call).expect("known").1 = false,
                call => self.call(call),
            }
        }
        while let Some(notice) = self.uploader.poll_event() {
            match notice {
                Notice::State { upload, state } => {
                    self.seen.entry(upload).or_insert(NOTHING).state = state;
                }
                Notice::Lacks { .. } => {}
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
            Event::Hashed { hash, digest: sha256(digest_of(upload.number())) }
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

    pub fn s3_acts(&mut self, attempt: AttemptId, fate: SendFate) {
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

    pub fn network_error(&mut self, attempt: AttemptId) {
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
            assert!(files.iter().all(|file| file.digest.sha256.is_some() == wanted));
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

    pub fn call_arrives(&mut self, id: CallId, fate: CallFate) {
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
}
