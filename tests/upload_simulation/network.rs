//! The way to S3 and back, with all that goes wrong on it.

use super::blame::Cause;
use super::content::Piece;
use super::s3::{Answer, Lie, What, refusal, success, xml};
use super::world::{Happening, World};
use sealift::upload::{AttemptId, Digest, Event, Instant, Response, SignedRequest, UploadId};
use sealift::{Error, ErrorKind};
use std::ops::Range;

/// One request to S3.
pub struct Flight {
    pub page: u32,
    pub attempt: AttemptId,
    /// The number of its signature.
    pub signature: usize,
    pub piece: Option<Piece>,
    pub headers_at: u64,
    /// What the engine last heard of it, and when.
    pub moved: u64,
    pub moved_at: u64,
    /// The engine waits for it.
    pub awaited: bool,
    /// The page let go of it before S3 had everything.
    pub cut: bool,
    pub received: bool,
}

/// What becomes of a request that S3 got.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Answered,
    /// Somebody on the way sends it twice; the second answer comes back.
    ActsTwice,
    /// The answer comes twice.
    AnsweredTwice,
    AnswerLost,
    /// The answer is lost, and nobody notices.
    Silent,
    Damaged,
    /// Somebody writes something else over it.
    Overwritten,
    /// Another answer than S3's, which may have acted all the same.
    Status(u16, &'static str, bool),
    /// The 200 that says that it went wrong, when it did or did not.
    ErrorIn200(bool),
}

/// S3 stores what it received within this; less than `Config::settle_ms`.
const STORES_WITHIN: u64 = 1_500;
/// Calls of `Progress` for a body.
const MOVES: u64 = 6;

impl World {
    pub fn send(&mut self, attempt: AttemptId, request: &SignedRequest, body: Range<u64>) {
        let number = request.url.rsplit('/').next().expect("a number").parse().expect("a number");
        let piece = self.check_send(attempt, number, request, body);
        let latency = self.random.between(1, self.faults.latency);
        let headers_at = self.outside() + latency;
        let flight = self.flights.len();
        self.flights.push(Flight {
            page: self.page.number,
            attempt,
            signature: number,
            piece,
            headers_at,
            moved: 0,
            moved_at: self.now,
            awaited: true,
            cut: !self.link,
            received: false,
        });
        assert!(self.page.flights.insert(attempt, flight).is_none(), "a fresh id for every attempt");
        self.page.sending += 1;
        assert!(self.page.sending <= self.config.concurrency, "too many requests at once");
        if !self.link {
            return self.after(1, 2_000, Happening::Reset { flight });
        }
        let size = piece.map_or(0, |piece| piece.len());
        let travel = latency + size / self.faults.bytes_per_ms;
        let bad = self.random.chance(self.faults.sends);
        // What is short seldom breaks on its way.
        let whole = if size == 0 { 400 } else { 150 };
        let part = if bad { self.random.between(0, whole).min(100) } else { 100 };
        let shown = !matches!(self.endpoint.signatures[number].order.what, What::Post { .. });
        if shown && size > 0 {
            for step in 1..=MOVES {
                let (at, sent) = (travel * step / MOVES, size / MOVES * step + size % MOVES * step / MOVES);
                if sent <= size / 100 * part || part == 100 {
                    self.after(at, at, Happening::Moves { flight, sent });
                }
            }
        }
        if part < 100 {
            self.flights[flight].cut = true;
            // Reset, or silence from here on.
            if self.random.chance(60) {
                self.after(travel * part / 100, travel * part / 100 + 100, Happening::Reset { flight });
            }
            return;
        }
        let slow = self.faults.slow_down > 0 && self.random.chance(self.faults.slow_down);
        let fate = match slow {
            true => Fate::Status(503, "SlowDown", false),
            false if bad => self.fate(number),
            false => Fate::Answered,
        };
        self.after(travel, travel, Happening::Received { flight, fate });
    }

    fn fate(&mut self, signature: usize) -> Fate {
        let order = &self.endpoint.signatures[signature].order;
        let checked = order.integrity.algorithms();
        let checked = checked.sha256 || (checked.crc64nvme && self.s3.traits.checksums);
        let fates: &[Fate] = match &order.what {
            What::Complete { .. } => {
                &[Fate::ErrorIn200(false), Fate::ErrorIn200(true), Fate::AnswerLost, Fate::ActsTwice]
            }
            What::Put { .. } | What::Part { .. } if checked => &[Fate::Damaged],
            _ => &[],
        };
        let often = if matches!(order.what, What::Complete { .. }) { 80 } else { 40 };
        if !fates.is_empty() && self.random.chance(often) {
            return self.random.pick(fates);
        }
        self.random.pick(&[
            Fate::ActsTwice,
            Fate::AnsweredTwice,
            Fate::AnswerLost,
            Fate::AnswerLost,
            Fate::Silent,
            Fate::Overwritten,
            Fate::Status(500, "InternalError", false),
            Fate::Status(502, "", true),
            Fate::Status(503, "SlowDown", false),
            Fate::Status(400, "RequestTimeout", false),
            Fate::Status(400, "ExpiredToken", false),
            Fate::Status(403, "RequestTimeTooSkewed", false),
            Fate::Status(409, "ConditionalRequestConflict", false),
        ])
    }

    pub fn moves(&mut self, flight: usize, sent: u64) {
        if self.flights[flight].page != self.page.number {
            return;
        }
        let stale = self.lets_stale_through();
        let it = &mut self.flights[flight];
        // A browser may count more than the body (a form's own bytes).
        let sent = if stale { sent + 1_000 } else { sent };
        if (it.awaited && !it.cut) || stale {
            if sent > it.moved {
                (it.moved, it.moved_at) = (sent, self.now);
            }
            let event = Event::Progress { attempt: it.attempt, sent };
            self.page.uploader.handle_event(event, Instant::from_millis(self.now));
        }
    }

    pub fn received(&mut self, flight: usize, fate: Fate) {
        if self.flights[flight].cut {
            return;
        }
        self.flights[flight].received = true;
        let order = &self.endpoint.signatures[self.flights[flight].signature].order;
        let within = match order.what {
            What::Complete { .. } => self.faults.complete_ms.max(STORES_WITHIN),
            _ => STORES_WITHIN,
        };
        let within = if self.faults.complete_ms == 0 { 50 } else { within };
        self.after(0, within, Happening::Acts { flight, fate });
    }

    pub fn s3_acts(&mut self, flight: usize, fate: Fate) {
        let Flight { signature, piece, headers_at, .. } = self.flights[flight];
        let signature = &self.endpoint.signatures[signature];
        let (order, random) = (&signature.order, &mut self.random);
        let lie = Lie { misses: self.faults.misses, stale: self.faults.misses };
        // What its clock shows, and what the signature says it should have.
        let age = headers_at as i64 + self.skew - signature.dated;
        let mut act = |s3: &mut super::s3::S3, piece| s3.act(order, piece, lie, random);
        let slept = self.endpoint.ahead > signature.ahead;
        let answer = if age >= signature.lifetime_ms as i64 {
            self.tally.add(if slept { "stale after sleep" } else { "expired" }, 1);
            refusal(403, "AccessDenied")
        } else if age < -900_000 {
            refusal(403, "RequestTimeTooSkewed")
        } else if self.faults.no_bucket {
            refusal(404, "NoSuchBucket")
        } else if self.faults.broken {
            refusal(500, "InternalError")
        } else {
            match fate {
                Fate::Status(status, code, acts) => {
                    if acts {
                        act(&mut self.s3, piece);
                    }
                    refusal(status, code)
                }
                Fate::ErrorIn200(acts) => {
                    if acts {
                        act(&mut self.s3, piece);
                    }
                    Answer { body: xml::error("InternalError"), ..success() }
                }
                Fate::Damaged => act(&mut self.s3, piece.map(Piece::damaged)),
                Fate::ActsTwice => {
                    let known: Vec<String> = self.s3.uploads.keys().cloned().collect();
                    act(&mut self.s3, piece);
                    let twin = self.s3.uploads.keys().find(|id| !known.contains(id)).cloned();
                    self.s3.twins.extend(twin);
                    act(&mut self.s3, piece)
                }
                _ => act(&mut self.s3, piece),
            }
        };
        match (answer.status, fate) {
            (_, Fate::Damaged) => {
                let file = self.endpoint.grants[signature.grant].file as usize;
                self.blames.blame(file, Cause::Damaged);
            }
            (503, _) => self.tally.add("throttled", 1),
            (200, Fate::ErrorIn200(_)) => self.tally.add("errors in 200", 1),
            _ => {}
        }
        if answer.code.is_empty() && matches!(order.what, What::Complete { .. }) {
            self.ledgers.stored.insert(order.key.clone(), self.now);
        }
        if let What::Part { upload_id, number, .. } = &order.what
            && self.s3.has_replaced(upload_id, *number)
        {
            // What the engine knows of it may no longer be so.
            self.ledgers.doubted(upload_id, *number);
        }
        match fate {
            Fate::Silent => {}
            Fate::AnswerLost => self.after(0, 500, Happening::Reset { flight }),
            _ => {
                let back = self.random.between(0, self.faults.latency / 2);
                self.after(back, back, Happening::Answers { flight, answer, fate });
            }
        }
    }

    pub fn answers(&mut self, flight: usize, answer: Answer, fate: Fate) {
        let it = &self.flights[flight];
        if it.page != self.page.number || !(it.awaited || self.lets_stale_through()) {
            return;
        }
        let awaited = std::mem::replace(&mut self.flights[flight].awaited, false);
        self.page.sending -= usize::from(awaited);
        let attempt = self.flights[flight].attempt;
        if awaited {
            self.learn(flight, &answer);
            if matches!(fate, Fate::Overwritten) && answer.code.is_empty() && self.can_be_overwritten() {
                self.overwrite(flight);
            }
        }
        self.page.offline = false;
        let event = Event::Response { attempt, response: self.response(answer) };
        self.page.uploader.handle_event(event.clone(), Instant::from_millis(self.now));
        if matches!(fate, Fate::AnsweredTwice) {
            let page = self.page.number;
            self.after(0, 3_000, Happening::Deliver { page, event });
        }
    }

    /// Only by its ETag can a stranger's object be told from one's own.
    fn can_be_overwritten(&self) -> bool {
        self.faults.crashes == 0 && self.s3.traits.shows_etag
    }

    /// Somebody else writes under the same key, once the page knows the ETag of its own.
    fn overwrite(&mut self, flight: usize) {
        let key = &self.endpoint.signatures[self.flights[flight].signature].order.key;
        if let Some(object) = self.s3.objects.get_mut(key) {
            object.pieces = object.pieces.iter().map(|piece| piece.damaged()).collect();
            object.etag = format!("\"other-{}\"", self.now);
            self.blames.blame(self.file_of(self.upload_of(flight)), Cause::Overwritten);
        }
    }

    fn response(&self, answer: Answer) -> Response {
        let Answer { status, code, etag, digest, body, .. } = answer;
        let digest = if self.s3.traits.shows_checksums { digest } else { Digest::default() };
        let error = Error::new(ErrorKind::S3, "refused").with_status(status);
        let failed = !(200..300).contains(&status);
        Response {
            status,
            etag: etag.filter(|_| self.s3.traits.shows_etag),
            checksum_sha256: digest.sha256.map(|it| super::content::base64_of(&it)),
            checksum_crc64nvme: digest.crc64nvme.map(|it| super::content::base64_of(&it.to_be_bytes())),
            retry_after_ms: (status == 503).then_some(3_000),
            error: failed.then(|| if code.is_empty() { error } else { error.with_code(code) }),
            body,
            ..Response::default()
        }
    }

    pub fn reset(&mut self, flight: usize) {
        let it = &self.flights[flight];
        if it.page != self.page.number || !(it.awaited || self.lets_stale_through()) {
            return;
        }
        let awaited = std::mem::replace(&mut self.flights[flight].awaited, false);
        self.page.sending -= usize::from(awaited);
        let attempt = self.flights[flight].attempt;
        self.page.may_fall.insert(attempt.upload());
        self.page.uploader.handle_event(Event::NetworkError { attempt }, Instant::from_millis(self.now));
    }

    pub fn cancel(&mut self, attempt: AttemptId) {
        self.tally.add("cancelled", 1);
        let flight = self.page.flights[&attempt];
        let it = &mut self.flights[flight];
        assert!(it.awaited, "cancelled once, and not what is over");
        it.awaited = false;
        it.cut |= !it.received;
        self.page.sending -= 1;
        // What says nothing new is no sign of life.
        let silent = self.now - it.moved_at + 1_000 >= self.config.stall_ms;
        self.page.cancelled.push((attempt, silent));
        self.page.may_fall.insert(attempt.upload());
    }

    /// The page is gone, and its connections; what has left may still arrive.
    pub fn hang_up(&mut self) {
        for flight in self.page.flights.values() {
            let it = &mut self.flights[*flight];
            if it.awaited && !it.received {
                let has_left =
                    it.piece.is_none_or(|piece| piece.len() < 100_000) && self.faults.latency <= 50;
                it.cut |= !has_left || self.random.chance(70);
            }
        }
    }

    pub fn change_link(&mut self, up: bool) {
        self.link = up;
        if !up {
            for flight in self.page.flights.values().copied().collect::<Vec<_>>() {
                let it = &mut self.flights[flight];
                if it.awaited && !it.received {
                    it.cut = true;
                    if self.random.chance(70) {
                        self.after(0, 100, Happening::Reset { flight });
                    }
                }
            }
        }
        // Browsers tell late, or never.
        if self.random.chance(70) {
            let event = if up { Event::Online } else { Event::Offline };
            self.page.offline = !up;
            self.page.uploader.handle_event(event, Instant::from_millis(self.now));
        }
    }

    pub fn upload_of(&self, flight: usize) -> UploadId {
        self.flights[flight].attempt.upload()
    }
}
