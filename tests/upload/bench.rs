//! A driver by hand: it shows what the engine asks for and answers as told.

use sealift::upload::{
    Action, Algorithms, AttemptId, CallId, Config, Digest, Event, FileDescription, Grant, Instant, Integrity,
    Intent, Notice, Plan, Renewal, RequestContent, Response, Signed, SignedRequest, State, StoredObject,
    Transport, UploadId, Uploader, item_error,
};
use sealift::{Error, ErrorKind, Result};
use std::collections::VecDeque;
use std::ops::Range;

pub const HOUR: u64 = 3_600_000;

pub struct Bench {
    pub uploader: Uploader,
    pub now: u64,
    pub actions: VecDeque<Action>,
    pub notices: Vec<Notice>,
    pub lifetime_ms: u64,
    pub plan: Plan,
    signatures: u64,
    grants: u64,
}

/// No digests and quick batches: what most tests need.
pub fn plain() -> Config {
    Config { integrity: Integrity::None, ..Config::default() }
}

impl Bench {
    pub fn new(config: Config) -> Self {
        Self {
            uploader: Uploader::new(config, 7),
            now: 0,
            actions: VecDeque::new(),
            notices: Vec::new(),
            lifetime_ms: HOUR,
            plan: Plan::Put,
            signatures: 0,
            grants: 0,
        }
    }

    pub fn at(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    pub fn add(&mut self, size: u64) -> UploadId {
        let file = FileDescription {
            name: "file".into(),
            size,
            transport: if self.plan == Plan::Post { Transport::Post } else { Transport::Put },
            ..FileDescription::default()
        };
        let id = self.uploader.add(file);
        assert!(self.uploader.start(id, self.at()));
        self.drain();
        id
    }

    pub fn drain(&mut self) {
        self.actions.extend(std::iter::from_fn(|| self.uploader.poll_action()));
        self.notices.extend(std::iter::from_fn(|| self.uploader.poll_event()));
    }

    pub fn event(&mut self, event: Event) {
        self.uploader.handle_event(event, self.at());
        self.drain();
    }

    /// Runs a command and collects what follows.
    pub fn command(&mut self, command: impl FnOnce(&mut Uploader, Instant) -> bool) -> bool {
        let at = self.at();
        let acted = command(&mut self.uploader, at);
        self.drain();
        acted
    }

    /// Lets time pass, with a call at every timeout on the way.
    pub fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        while let Some(at) = self.uploader.poll_timeout().map(Instant::millis)
            && at <= end
        {
            assert!(at > self.now);
            self.now = at;
            self.uploader.handle_timeout(Instant::from_millis(at));
            self.drain();
        }
        self.now = end;
    }

    /// The next action, of any kind; time passes until there is one.
    pub fn next(&mut self) -> Action {
        while self.actions.is_empty() {
            let at = self.uploader.poll_timeout().expect("something is to come").millis();
            self.pass(at - self.now);
        }
        self.actions.pop_front().expect("there is one")
    }

    /// The next action, if there will be one by time alone.
    pub fn next_or_idle(&mut self) -> Option<Action> {
        (!self.actions.is_empty() || self.uploader.poll_timeout().is_some()).then(|| self.next())
    }

    /// Nothing is asked for, and nothing will be by time alone.
    pub fn assert_idle(&mut self) {
        assert!(self.actions.is_empty(), "{:?}", self.actions);
        assert_eq!(self.uploader.poll_timeout(), None);
    }

    pub fn state(&self, id: UploadId) -> State {
        self.uploader.state(id).expect("known")
    }

    pub fn error(&self, id: UploadId) -> &Error {
        self.uploader.upload(id).expect("known").error().expect("an error")
    }

    pub fn signed(&mut self) -> SignedRequest {
        self.signatures += 1;
        let content = match self.plan {
            Plan::Put => RequestContent::Put { headers: vec![("x".into(), "y".into())] },
            Plan::Post => RequestContent::Post { fields: vec![("key".into(), "k".into())] },
            Plan::Multipart { .. } => panic!("not one request"),
        };
        SignedRequest {
            url: format!("https://s3/{}", self.signatures),
            content,
            lifetime_ms: self.lifetime_ms,
            composite_sha256: None,
            chunks: None,
        }
    }

    pub fn grant(&mut self) -> Grant {
        self.grants += 1;
        let requests = vec![self.signed()];
        let number = self.grants;
        Grant {
            token: format!("token {number}"),
            bucket: "b".into(),
            key: format!("key {number}"),
            plan: self.plan,
            chunk_size: None,
            lifetime_ms: HOUR,
            requests,
        }
    }

    /// Expects a call for grants and grants everything.
    pub fn grant_all(&mut self) -> usize {
        let Action::CreateGrants { call, files } = self.next() else { panic!("no grants asked for") };
        let items = files.iter().map(|_| Ok(self.grant())).collect();
        self.event(Event::Granted { call, items });
        files.len()
    }

    pub fn sign_all(&mut self) -> usize {
        let Action::Sign { call, items } = self.next() else { panic!("no signature asked for") };
        assert!(items.iter().all(|item| !item.intents.contains(&Intent::Renew)));
        let signed =
            items.iter().map(|_| Ok(Signed { requests: vec![self.signed()], grant: None })).collect();
        self.event(Event::Signed { call, items: signed });
        items.len()
    }

    /// Expects a call that renews one grant, and answers it.
    pub fn renew(&mut self, token: &str, renewed: &str) {
        let Action::Sign { call, items } = self.next() else { panic!("nothing signed") };
        assert_eq!(
            (items[0].token.as_str(), &items[0].intents[..]),
            (token, &[Intent::Renew, Intent::Put { chunks: None }][..])
        );
        let grant = Some(Renewal { token: renewed.into(), lifetime_ms: HOUR });
        let signed = Signed { requests: vec![self.signed()], grant };
        self.event(Event::Signed { call, items: vec![Ok(signed)] });
    }

    pub fn sent(&mut self) -> (AttemptId, SignedRequest) {
        match self.next() {
            Action::Send { attempt, request, .. } => (attempt, request),
            other => panic!("not sent: {other:?}"),
        }
    }

    pub fn finish_call(&mut self) -> (CallId, Option<String>) {
        match self.next() {
            Action::Finish { call, items } => (call, items[0].etag.clone()),
            other => panic!("not finished: {other:?}"),
        }
    }

    /// To the first request to S3.
    pub fn until_sent(&mut self, size: u64) -> (UploadId, AttemptId) {
        let id = self.add(size);
        self.grant_all();
        (id, self.sent().0)
    }

    pub fn progress(&mut self, attempt: AttemptId, sent: u64) {
        self.event(Event::Progress { attempt, sent });
    }

    pub fn loaded(&self, id: UploadId) -> u64 {
        self.uploader.progress(id, self.at()).expect("known").loaded()
    }

    pub fn respond(&mut self, attempt: AttemptId, response: Response) {
        self.event(Event::Response { attempt, response });
    }

    pub fn finish(&mut self, call: CallId, item: Result<StoredObject>) {
        self.event(Event::Finished { call, items: vec![item] });
    }

    /// To the end, from a request under way.
    pub fn complete(&mut self, id: UploadId, attempt: AttemptId, key: &str) {
        self.respond(attempt, ok());
        let (call, etag) = self.finish_call();
        assert_eq!(etag.as_deref(), Some("\"e\""));
        let size = self.uploader.upload(id).expect("known").file().size;
        self.finish(call, Ok(stored(key, size)));
        assert_eq!(self.state(id), State::Done);
    }
}

pub fn sha256(digest: [u8; 32]) -> Digest {
    Digest { sha256: Some(digest), crc64nvme: None }
}

pub fn ok() -> Response {
    Response { status: 200, etag: Some("\"e\"".into()), ..Response::default() }
}

pub fn answer(status: u16, code: &str) -> Response {
    let error = Error::new(ErrorKind::S3, "S3 says no").with_status(status).with_code(code);
    Response { status, request_id: Some("R1".into()), error: Some(error), ..Response::default() }
}

pub fn stored(key: &str, size: u64) -> StoredObject {
    StoredObject {
        bucket: "b".into(),
        key: key.into(),
        size,
        content_type: String::new(),
        etag: "\"e\"".into(),
        version_id: None,
        sha256: None,
        crc64nvme: None,
        composite_sha256: None,
        url: "https://s3/read".into(),
        url_lifetime_ms: 60_000,
        receipt: "receipt".into(),
    }
}

pub fn refusal(code: &str, status: u16, retryable: bool) -> Error {
    item_error(code, "the endpoint says no".into(), Some(status), retryable)
}

/// The digest of a part of a test's file, whose version is 0 unless it changed.
pub fn digest(range: &Range<u64>, algorithms: Algorithms, version: u8) -> Digest {
    let mut sha256 = [version; 32];
    sha256[..8].copy_from_slice(&range.start.to_be_bytes());
    sha256[8..16].copy_from_slice(&range.end.to_be_bytes());
    let crc = range.start ^ range.end << 20 ^ u64::from(version) << 60;
    Digest { sha256: algorithms.sha256.then_some(sha256), crc64nvme: algorithms.crc64nvme.then_some(crc) }
}
