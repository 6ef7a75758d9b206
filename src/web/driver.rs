//! The loop that gives the engine hands: its actions carried out, its one
//! timer set, its notices told.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, Blob};

use super::clock::{self, Timer};
use super::endpoint::{Client, Failure, retry_after_ms};
use super::json::Json;
use super::network::{self, NetworkWatch};
use super::protocol;
use super::under_way::UnderWay;
use super::xhr::{self, Body, Sending};
use crate::error::{Error, ErrorKind, Result};
use crate::s3;
use crate::upload::{
    Action, AttemptId, CallId, Config, Digest, Event, FileDescription, HashId, Instant, Notice,
    RequestContent, Response, SignedRequest, UploadId, Uploader,
};

/// What the driver is lent by the page.
pub struct Host {
    /// The signing endpoint.
    pub client: Client,
    /// `(blob: Blob, signal: AbortSignal) => Promise<string>`: the SHA-256 in hex.
    pub hash: Function,
    /// Told of every state that changed, in order. It may call the driver.
    pub on_notice: Box<NoticeListener>,
    /// Told of every upload whose progress changed, after whatever changed it.
    pub on_progress: Box<dyn Fn(UploadId)>,
}

/// What is told of a notice, and by whom.
pub type NoticeListener = dyn Fn(&Driver, Notice);

/// An engine and what it has under way in this page. Clones are the same driver.
#[derive(Clone)]
pub struct Driver(Rc<Shared>);

struct Shared {
    host: Host,
    state: RefCell<State>,
}

struct State {
    engine: Uploader,
    /// By number of the upload.
    files: Vec<Option<File>>,
    sending: UnderWay<AttemptId, Sending>,
    hashing: UnderWay<HashId, AbortController>,
    calling: UnderWay<CallId, AbortController>,
    notices: VecDeque<Notice>,
    /// Whether somebody up the stack is telling notices already.
    telling: bool,
    /// Set once the driver exists.
    timer: Option<Timer>,
    watch: Option<NetworkWatch>,
}

/// What the driver knows of an upload besides the engine.
struct File {
    upload: UploadId,
    blob: Blob,
    target: Option<Target>,
}

/// Where the last request went: what somebody must know to mend a bucket's
/// CORS. The URL itself may be signed, so only its origin is kept.
#[derive(Clone)]
pub struct Target {
    /// Scheme, host and port.
    pub origin: String,
    /// `PUT` or `POST`.
    pub method: &'static str,
    /// Names of the headers that the page set.
    pub headers: Vec<String>,
}

impl Driver {
    /// A driver with nothing to do.
    pub fn new(config: Config, host: Host) -> Self {
        let state = State {
            engine: Uploader::new(config, clock::random_seed()),
            files: Vec::new(),
            sending: UnderWay::default(),
            hashing: UnderWay::default(),
            calling: UnderWay::default(),
            notices: VecDeque::new(),
            telling: false,
            timer: None,
            watch: None,
        };
        let driver = Self(Rc::new(Shared { host, state: RefCell::new(state) }));
        let (timed, watched) = (Rc::downgrade(&driver.0), Rc::downgrade(&driver.0));
        let timer = Timer::new(move || {
            if let Some(shared) = timed.upgrade() {
                Self(shared).timeout();
            }
        });
        let watch = NetworkWatch::new(move || {
            if let Some(shared) = watched.upgrade() {
                Self(shared).network_changed();
            }
        });
        {
            let mut state = driver.0.state.borrow_mut();
            state.timer = Some(timer);
            state.watch = Some(watch);
        }
        if !network::is_online() {
            driver.network_changed();
        }
        driver
    }

    /// Takes a file; its upload waits to be started.
    pub fn add(&self, blob: Blob, file: FileDescription) -> UploadId {
        self.with(|state, _| {
            let upload = state.engine.add(file);
            let place = upload.number() as usize;
            if state.files.len() <= place {
                state.files.resize_with(place + 1, || None);
            }
            if let Some(slot) = state.files.get_mut(place) {
                *slot = Some(File { upload, blob, target: None });
            }
            upload
        })
    }

    /// Forgets an upload that is over, and its file.
    pub fn remove(&self, upload: UploadId) {
        self.with(|state, _| {
            if state.engine.remove(upload)
                && let Some(slot) = state.files.get_mut(upload.number() as usize)
            {
                *slot = None;
            }
        });
    }

    /// The upload of that number, unless it was removed.
    pub fn upload(&self, number: u32) -> Option<UploadId> {
        Some(self.0.state.borrow().files.get(number as usize)?.as_ref()?.upload)
    }

    /// Where the last request of an upload went.
    pub fn target(&self, upload: UploadId) -> Option<Target> {
        self.0.state.borrow().files.get(upload.number() as usize)?.as_ref()?.target.clone()
    }

    /// Tells the engine what the user wants.
    pub fn command<T>(&self, command: impl FnOnce(&mut Uploader, Instant) -> T) -> T {
        self.with(|state, now| command(&mut state.engine, now))
    }

    /// Asks the engine something.
    pub fn ask<T>(&self, question: impl FnOnce(&Uploader, Instant) -> T) -> T {
        question(&self.0.state.borrow().engine, now())
    }

    fn timeout(&self) {
        self.with(|state, now| {
            if let Some(timer) = &mut state.timer {
                timer.fired();
            }
            state.engine.handle_timeout(now);
        });
    }

    fn network_changed(&self) {
        self.event(if network::is_online() { Event::Online } else { Event::Offline });
    }

    fn event(&self, event: Event) {
        self.with(|state, now| state.engine.handle_event(event, now));
    }

    /// Changes the engine, then does all that it asks for.
    fn with<T>(&self, change: impl FnOnce(&mut State, Instant) -> T) -> T {
        let result = {
            let mut state = self.0.state.borrow_mut();
            let result = change(&mut state, now());
            self.carry_out(&mut state);
            result
        };
        self.tell();
        result
    }

    fn carry_out(&self, state: &mut State) {
        while let Some(action) = state.engine.poll_action() {
            self.start(state, action);
        }
        while let Some(notice) = state.engine.poll_event() {
            state.notices.push_back(notice);
        }
        let moment = state.engine.poll_timeout().map(Instant::millis);
        if let Some(timer) = &mut state.timer {
            timer.set(moment);
        }
    }

    /// Tells the page, which may call back: nothing is borrowed meanwhile, and
    /// what comes up on the way is told in its turn.
    fn tell(&self) {
        if std::mem::replace(&mut self.0.state.borrow_mut().telling, true) {
            return;
        }
        loop {
            let notice = self.0.state.borrow_mut().notices.pop_front();
            let Some(notice) = notice else { break };
            (self.0.host.on_notice)(self, notice);
        }
        loop {
            let moved = self.0.state.borrow_mut().engine.poll_progress();
            let Some(upload) = moved else { break };
            (self.0.host.on_progress)(upload);
        }
        self.0.state.borrow_mut().telling = false;
    }

    fn start(&self, state: &mut State, action: Action) {
        match action {
            Action::Hash { hash, upload, range, .. } => self.hash(state, hash, upload, &range),
            Action::CancelHash { hash } => state.hashing.cancel(hash),
            Action::Send { attempt, request, body } => self.send(state, attempt, request, &body),
            // Dropping it aborts it.
            Action::Cancel { attempt } => drop(state.sending.remove(attempt)),
            Action::CancelCall { call } => state.calling.cancel(call),
            // Never without `Config::snapshots`.
            Action::Save { .. } | Action::Forget { .. } => {}
            Action::CreateGrants { call, files } => {
                self.call(state, call, "/uploads", protocol::create_grants(&files), |call, answer| {
                    Ok(Event::Granted { call, items: protocol::grants(answer)? })
                });
            }
            Action::Sign { call, items } => {
                self.call(state, call, "/sign", protocol::sign(&items), |call, answer| {
                    Ok(Event::Signed { call, items: protocol::signatures(answer)? })
                });
            }
            Action::Finish { call, items } => {
                self.call(state, call, "/uploads/finish", protocol::finish(&items), |call, answer| {
                    Ok(Event::Finished { call, items: protocol::stored_objects(answer)? })
                });
            }
            Action::Delete { call, items } => {
                self.call(state, call, "/uploads/delete", protocol::delete(&items), |call, answer| {
                    Ok(Event::Deleted { call, items: protocol::deletions(answer)? })
                });
            }
        }
    }

    fn call(
        &self,
        state: &mut State,
        call: CallId,
        path: &'static str,
        body: JsValue,
        read: fn(CallId, &Json) -> Result<Event>,
    ) {
        let Ok(controller) = AbortController::new() else { return };
        let signal = controller.signal();
        state.calling.insert(call, controller);
        let driver = self.clone();
        spawn_local(async move {
            let answer = driver.0.host.client.post(path, &body, &signal).await;
            driver.0.state.borrow_mut().calling.remove(call);
            let failed = |error, retry_after_ms| Event::CallFailed { call, error, retry_after_ms };
            driver.event(match answer {
                Ok(answer) => read(call, &answer).unwrap_or_else(|error| failed(error, None)),
                Err(Failure { error, retry_after_ms }) => failed(error, retry_after_ms),
            });
        });
    }

    fn hash(&self, state: &mut State, hash: HashId, upload: UploadId, range: &Range<u64>) {
        let Ok(controller) = AbortController::new() else { return };
        let arguments = state.bytes(upload, range).map(|bytes| (bytes, controller.signal()));
        state.hashing.insert(hash, controller);
        let driver = self.clone();
        spawn_local(async move {
            let digest = driver.digest(arguments).await;
            driver.0.state.borrow_mut().hashing.remove(hash);
            driver.event(match digest {
                Ok(sha256) => {
                    Event::Hashed { hash, digest: Digest { sha256: Some(sha256), crc64nvme: None } }
                }
                Err(error) => Event::HashFailed { hash, error },
            });
        });
    }

    async fn digest(&self, arguments: Option<(Blob, web_sys::AbortSignal)>) -> Result<[u8; 32]> {
        let failed = || {
            Error::new(
                ErrorKind::UnreadableFile,
                "the file cannot be read: it was moved, changed or removed after it was chosen",
            )
        };
        let (bytes, signal) = arguments.ok_or_else(failed)?;
        let promise = self.0.host.hash.call2(&JsValue::UNDEFINED, &bytes, &signal).map_err(|_| failed())?;
        let digest = JsFuture::from(Promise::resolve(&promise)).await.map_err(|_| failed())?;
        let mut sha256 = [0; 32];
        hex::decode_to_slice(digest.as_string().unwrap_or_default(), &mut sha256).map_err(|_| failed())?;
        Ok(sha256)
    }

    fn send(&self, state: &mut State, attempt: AttemptId, request: SignedRequest, body: &Range<u64>) {
        let method = request.method();
        state.remember_target(attempt.upload(), &request);
        let sending = state.bytes(attempt.upload(), body).and_then(|bytes| {
            let (headers, body) = match request.content {
                RequestContent::Put { headers } => (headers, Body::Bytes(bytes)),
                RequestContent::Post { fields } => (Vec::new(), Body::Form { fields, file: bytes }),
                // Never for an endpoint that grants no multipart uploads.
                RequestContent::Control { .. } => return None,
            };
            let driver = self.clone();
            let on_event = move |event| driver.s3_event(attempt, event);
            xhr::send(xhr::Request { method, url: request.url, headers, body }, on_event).ok()
        });
        match sending {
            Some(sending) => state.sending.insert(attempt, sending),
            None => {
                // The browser refuses to send it at all; told after this turn, as any failure.
                let driver = self.clone();
                spawn_local(async move { driver.event(Event::NetworkError { attempt }) });
            }
        }
    }

    fn s3_event(&self, attempt: AttemptId, event: xhr::Event) {
        let event = match event {
            xhr::Event::Progress(sent) => Event::Progress { attempt, sent },
            xhr::Event::Answer(response) => Event::Response { attempt, response: s3_response(&response) },
            xhr::Event::Failed => Event::NetworkError { attempt },
        };
        let ended = match event {
            Event::Progress { .. } => None,
            _ => self.0.state.borrow_mut().sending.remove(attempt),
        };
        self.event(event);
        drop(ended);
    }
}

impl State {
    /// Bytes of an upload's file: the file itself where all of it is meant, for
    /// browsers read that faster than a slice.
    fn bytes(&self, upload: UploadId, range: &Range<u64>) -> Option<Blob> {
        let blob = &self.files.get(upload.number() as usize)?.as_ref()?.blob;
        if range.start == 0 && range.end as f64 == blob.size() {
            return Some(blob.clone());
        }
        blob.slice_with_f64_and_f64(range.start as f64, range.end as f64).ok()
    }

    fn remember_target(&mut self, upload: UploadId, request: &SignedRequest) {
        if let Some(Some(file)) = self.files.get_mut(upload.number() as usize) {
            let headers = match &request.content {
                RequestContent::Put { headers } | RequestContent::Control { headers, .. } => {
                    headers.iter().map(|(name, _)| name.clone()).collect()
                }
                RequestContent::Post { .. } => Vec::new(),
            };
            let origin = origin(&request.url).to_owned();
            file.target = Some(Target { origin, method: request.method(), headers });
        }
    }
}

/// `https://host:port` of an absolute URL: what stands before its third slash.
fn origin(url: &str) -> &str {
    url.match_indices('/').nth(2).and_then(|(end, _)| url.get(..end)).unwrap_or(url)
}

fn s3_response(response: &s3::Response) -> Response {
    let header = |name| response.header(name).map(str::to_owned);
    Response {
        status: response.status,
        etag: header("etag"),
        checksum_sha256: header(s3::checksum::SHA256_HEADER),
        checksum_crc64nvme: None,
        request_id: header("x-amz-request-id"),
        retry_after_ms: response.header("retry-after").and_then(retry_after_ms),
        error: response.success().err(),
        body: String::new(),
    }
}

fn now() -> Instant {
    Instant::from_millis(clock::now())
}
