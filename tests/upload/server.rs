//! An endpoint and an S3 that do what they are asked, each answer after its
//! time, unless a test says otherwise.

use super::bench::{Bench, answer, digest, refusal, stored};
use sealift::upload::{
    Action, AttemptId, CompletedPart, Config, DeleteRequest, Digest, Event, Feature, FileDescription,
    Instant, Integrity, Intent, Notice, Response, Saved, SavedPart, SavedUpload, SignRequest, SignedRequest,
    State, Transport, UploadId,
};
use sealift::{Error, ErrorKind};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

pub const MIB: u64 = 1 << 20;

pub struct Server {
    pub it: Bench,
    pub part_size: u64,
    /// How long a call, a MiB read and a MiB sent take.
    pub call_ms: u64,
    pub read_ms: u64,
    pub send_ms: u64,
    answers: BTreeMap<(u64, u64), Event>,
    asked: u64,
    reading_until: VecDeque<u64>,
    sending_until: VecDeque<u64>,
    /// What was asked for.
    pub calls: usize,
    pub part_calls: usize,
    /// How often the engine was told something, or asked for its time.
    pub steps: usize,
    pub intents: Vec<Intent>,
    pub sent: Vec<(AttemptId, Range<u64>)>,
    pub deleted: Vec<DeleteRequest>,
    pub kept: BTreeMap<UploadId, (SavedUpload, BTreeMap<u16, SavedPart>)>,
    pub forgotten: usize,
    pub lacks: Vec<Feature>,
    /// What S3 has: the ETag and size of each part, and its checksum.
    pub parts: BTreeMap<u16, (String, u64, Digest)>,
    pub objects: BTreeSet<UploadId>,
    /// The CRC of what was sent as one.
    wholes: BTreeMap<UploadId, u64>,
    pub composite: Option<String>,
    pub crc64nvme: Option<u64>,
    creations: u32,
    uploads: usize,
    /// No network.
    pub cut: bool,
    /// Of the file.
    pub version: u8,
    /// S3 keeps no checksums; or keeps them, and its CORS hides those of its answers.
    pub no_checksums: bool,
    pub hides_checksums: bool,
    /// Its CORS lets no signed chunks through: the browser sends nothing.
    pub keeps_chunks_out: bool,
    /// Answers instead of S3's own, for what a request is; the first that fits, once.
    pub instead: Vec<(&'static str, Response)>,
    /// So many finishes do not know what arrived.
    pub unverified: usize,
    /// So many finishes find another size.
    pub differs: usize,
    /// Most parts in one call.
    pub most_in_call: usize,
    /// The grant has expired by the endpoint's clock: only a renewed one is good for signatures.
    pub expired: bool,
    /// What every deletion comes to.
    pub undeletable: Option<Error>,
    /// What the endpoint grants where signed chunks are asked for; none: it refuses them.
    pub chunk_size: Option<u64>,
    /// Ranges whose chunks' hashes the page has.
    pub hashed: BTreeSet<(UploadId, u64)>,
    /// Signatures that S3 takes no more.
    revoked: BTreeSet<String>,
    pub signed: BTreeMap<String, Intent>,
    /// Milliseconds of idle connections while bytes were left, times the connections.
    pub idle_ms: u64,
    pub connections: usize,
}

impl Server {
    pub fn new(config: Config) -> Self {
        Self {
            connections: config.concurrency,
            it: Bench::new(config),
            part_size: 16 * MIB,
            call_ms: 20,
            read_ms: 1,
            send_ms: 10,
            answers: BTreeMap::new(),
            asked: 0,
            reading_until: VecDeque::new(),
            sending_until: VecDeque::new(),
            calls: 0,
            part_calls: 0,
            steps: 0,
            intents: Vec::new(),
            sent: Vec::new(),
            deleted: Vec::new(),
            kept: BTreeMap::new(),
            forgotten: 0,
            lacks: Vec::new(),
            parts: BTreeMap::new(),
            objects: BTreeSet::new(),
            wholes: BTreeMap::new(),
            composite: None,
            crc64nvme: None,
            creations: 0,
            uploads: 0,
            cut: false,
            version: 0,
            no_checksums: false,
            hides_checksums: false,
            keeps_chunks_out: false,
            instead: Vec::new(),
            unverified: 0,
            differs: 0,
            most_in_call: 0,
            expired: false,
            undeletable: None,
            chunk_size: Some(MIB),
            hashed: BTreeSet::new(),
            revoked: BTreeSet::new(),
            signed: BTreeMap::new(),
            idle_ms: 0,
        }
    }

    /// S3 takes none of the signatures that were given out so far. How many those are.
    pub fn revoke(&mut self) -> usize {
        self.revoked.extend(self.signed.keys().cloned());
        self.revoked.len()
    }

    /// The network goes.
    pub fn cut(&mut self) {
        self.cut = true;
        for event in self.answers.values_mut() {
            *event = match event {
                Event::Response { attempt, .. } => Event::NetworkError { attempt: *attempt },
                Event::Signed { call, .. } => Event::CallFailed {
                    call: *call,
                    error: Error::new(ErrorKind::Network, "away"),
                    retry_after_ms: None,
                },
                _ => continue,
            }
        }
    }

    pub fn add(&mut self, size: u64) -> UploadId {
        self.add_by(size, Transport::Auto)
    }

    pub fn add_by(&mut self, size: u64, transport: Transport) -> UploadId {
        self.uploads += 1;
        let file = FileDescription { name: "f".into(), size, transport, ..FileDescription::default() };
        let id = self.it.uploader.add(file);
        assert!(self.it.command(|uploader, now| uploader.start(id, now)));
        id
    }

    pub fn add_saved(&mut self, size: u64, saved: SavedUpload, parts: Vec<SavedPart>) -> UploadId {
        let file = FileDescription { name: "f".into(), size, ..FileDescription::default() };
        let id = self.it.uploader.add_saved(file, saved, parts);
        assert!(self.it.command(|uploader, now| uploader.start(id, now)));
        id
    }

    /// Lets everything happen until nothing more does, or the upload comes to this state.
    pub fn run_until(&mut self, stop: impl Fn(&Self) -> bool) {
        for _ in 0..2_000_000 {
            while let Some(action) = self.it.actions.pop_front() {
                self.take(action);
            }
            self.lacks.extend(self.it.notices.iter().filter_map(|notice| match notice {
                Notice::Lacks { feature } => Some(*feature),
                _ => None,
            }));
            self.it.notices.clear();
            if stop(self) {
                return;
            }
            let answer = self.answers.keys().next().map(|(at, _)| *at);
            let timer = self.it.uploader.poll_timeout().map(Instant::millis);
            let Some(next) = [answer, timer].into_iter().flatten().min() else { return };
            if self.busy() < self.connections && !self.sent.is_empty() {
                self.idle_ms += (next - self.it.now) * (self.connections - self.busy()) as u64;
            }
            self.it.now = next;
            self.steps += 1;
            if answer == Some(next) {
                let (_, event) = self.answers.pop_first().unwrap();
                self.it.event(event);
            } else {
                self.it.uploader.handle_timeout(Instant::from_millis(next));
                self.it.drain();
            }
        }
        panic!("it does not end");
    }

    pub fn run(&mut self) {
        self.run_until(|_| false);
    }

    pub fn run_to(&mut self, id: UploadId, state: State) {
        self.run_until(|server| server.it.state(id) == state);
        assert_eq!(self.it.state(id), state);
    }

    fn busy(&self) -> usize {
        self.sending_until.iter().filter(|until| **until > self.it.now).count()
    }

    fn answer(&mut self, after: u64, event: Event) {
        self.asked += 1;
        self.answers.insert((self.it.now + after, self.asked), event);
        if self.cut {
            self.cut();
        }
    }

    fn take(&mut self, action: Action) {
        self.calls += usize::from(matches!(
            action,
            Action::CreateGrants { .. } | Action::Sign { .. } | Action::Finish { .. } | Action::Delete { .. }
        ));
        match action {
            Action::Hash { hash, upload, range, algorithms, chunk_size } => {
                let took = self.read_ms * (range.end - range.start).div_ceil(MIB);
                if chunk_size.is_some() {
                    self.hashed.insert((upload, range.start));
                }
                self.reading_until.push_back(self.it.now + took);
                self.answer(took, Event::Hashed { hash, digest: digest(&range, algorithms, self.version) });
            }
            Action::CreateGrants { call, files } => {
                let items = files.iter().map(|file| self.grant(file)).collect();
                self.answer(self.call_ms, Event::Granted { call, items });
            }
            Action::Sign { call, items } => {
                let parts = |item: &SignRequest| {
                    item.intents.iter().any(|intent| matches!(intent, Intent::Part { .. }))
                };
                self.part_calls += usize::from(items.iter().any(parts));
                let all = items.iter().map(|item| item.intents.len()).sum::<usize>();
                self.most_in_call = self.most_in_call.max(all);
                let items = items.into_iter().map(|item| self.sign(item)).collect();
                self.answer(self.call_ms, Event::Signed { call, items });
            }
            Action::Finish { call, items } => {
                let finished = items.iter().map(|item| {
                    let size = self.it.uploader.upload(item.upload).unwrap().file().size;
                    let found = self.objects.contains(&item.upload);
                    if self.unverified > 0 {
                        self.unverified -= 1;
                        return Err(refusal("integrity_unverified", 409, false));
                    }
                    if self.differs > 0 {
                        self.differs -= 1;
                        return Err(refusal("object_differs", 409, false));
                    }
                    let missing = || refusal("not_uploaded", 404, true);
                    let mut object = stored(&item.token.replace("token", "key"), size);
                    let whole = self.wholes.get(&item.upload).copied();
                    object.crc64nvme = self.crc64nvme.or(whole).filter(|_| !self.no_checksums);
                    object.composite_sha256.clone_from(&self.composite);
                    found.then_some(object).ok_or_else(missing)
                });
                let event = Event::Finished { call, items: finished.collect() };
                self.answer(self.call_ms, event);
            }
            Action::Delete { call, items } => {
                let result = self.undeletable.clone().map_or(Ok(()), Err);
                self.parts.retain(|_, _| result.is_err());
                let event = Event::Deleted { call, items: vec![result; items.len()] };
                self.deleted.extend(items);
                self.answer(self.call_ms, event);
            }
            Action::DropChunks { upload, start } => {
                assert!(self.hashed.remove(&(upload, start)), "dropped once");
            }
            Action::Send { attempt, request, body } => self.send(attempt, &request, body),
            Action::Save { upload, saved } => match saved {
                Saved::Upload(saved) => {
                    let parts = self.kept.remove(&upload).map(|(_, parts)| parts).unwrap_or_default();
                    self.kept.insert(upload, (saved, parts));
                }
                Saved::Part(part) => {
                    let number = part.number;
                    self.kept.get_mut(&upload).expect("its upload first").1.insert(number, part);
                }
            },
            Action::Forget { upload } => {
                self.kept.remove(&upload);
                self.forgotten += 1;
            }
            Action::Cancel { .. } | Action::CancelHash { .. } | Action::CancelCall { .. } => {}
        }
    }

    fn send(&mut self, attempt: AttemptId, request: &SignedRequest, body: Range<u64>) {
        let intent = self.signed.remove(&request.url).expect("a signature is used once");
        self.sent.push((attempt, body.clone()));
        let kind = match &intent {
            Intent::Create => "create",
            Intent::Part { .. } => "part",
            Intent::Complete { .. } => "complete",
            Intent::List { .. } => "list",
            _ => "whole",
        };
        let took = 5 + self.send_ms * (body.end - body.start).div_ceil(MIB);
        self.sending_until.retain(|until| *until > self.it.now);
        self.sending_until.push_back(self.it.now + took);
        assert!(self.sending_until.len() <= self.connections, "too many connections");
        let instead = self.instead.iter().position(|(what, _)| *what == kind);
        let response = match instead {
            _ if self.keeps_chunks_out
                && matches!(
                    intent,
                    Intent::Put { chunks: Some(_) } | Intent::Part { chunks: Some(_), .. }
                ) =>
            {
                answer(0, "")
            }
            _ if self.revoked.contains(&request.url) => answer(403, "AccessDenied"),
            Some(place) => self.instead.remove(place).1,
            None => self.act(attempt.upload(), intent, body),
        };
        let event = match response.status {
            0 => Event::NetworkError { attempt },
            _ => Event::Response { attempt, response },
        };
        self.answer(took, event);
    }

    fn act(&mut self, upload: UploadId, intent: Intent, body: Range<u64>) -> Response {
        let ok = Response { status: 200, ..Response::default() };
        match intent {
            Intent::Create => {
                self.creations += 1;
                let body = format!(
                    "<InitiateMultipartUploadResult><UploadId>id{}</UploadId></InitiateMultipartUploadResult>",
                    self.creations
                );
                Response { body, ..ok }
            }
            Intent::Part { number, digest, .. } => {
                let etag = format!("\"{number}-{}\"", self.sent.len());
                self.parts.insert(number, (etag.clone(), body.end - body.start, digest));
                Response { etag: Some(etag), ..self.shown_sums(&digest) }
            }
            Intent::Complete { parts, .. } => {
                let stored: Vec<&String> = self.parts.values().map(|(etag, ..)| etag).collect();
                let told = parts.iter().map(|part: &CompletedPart| &part.etag);
                // Parts are those of the one upload, where there is one.
                assert!(self.uploads > 1 || told.eq(stored), "all parts, in order");
                self.objects.insert(upload);
                let body =
                    "<CompleteMultipartUploadResult><ETag>\"whole\"</ETag></CompleteMultipartUploadResult>";
                Response { body: body.into(), ..ok }
            }
            Intent::List { after } => Response { body: self.list(after), ..ok },
            _ => {
                self.objects.insert(upload);
                let all = Integrity::Both.algorithms();
                self.wholes.extend(digest(&body, all, self.version).crc64nvme.map(|crc| (upload, crc)));
                Response { etag: Some("\"e\"".into()), ..ok }
            }
        }
    }
}
