//! The world of the service where it runs in JavaScript: `fetch`, the clock,
//! the runtime's randomness.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use js_sys::{Array, Date, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::endpoint::service::{Clock, Cost, HookCall, HookReply, Note, Ports, Store, patience, repeated};
use crate::endpoint::{Reason, Refusal, UserId};
use crate::error::{Error, ErrorKind, Result};
use crate::s3::{Endpoint, Response};
use crate::sigv4::{CurrentCredentials, Request, SigningOptions, sign_headers};
use crate::time::Timestamp;

#[wasm_bindgen]
extern "C" {
    /// What `js/server/world.js` does for the rules.
    pub type World;

    /// Resolves to an [`S3Answer`]; rejects when none came within the time.
    #[wasm_bindgen(method)]
    fn send(
        this: &World,
        method: &str,
        url: &str,
        headers: Array,
        body: Uint8Array,
        milliseconds: u32,
    ) -> Promise;

    /// Resolves to an [`AppAnswer`]; rejects when none came.
    #[wasm_bindgen(method, js_name = callApp)]
    fn call_app(this: &World, headers: Array, body: &str) -> Promise;

    #[wasm_bindgen(method)]
    fn pause(this: &World, milliseconds: u32) -> Promise;

    /// Resolves to nothing, or to the seconds after which the user may do so
    /// much; rejects when that cannot be told.
    #[wasm_bindgen(method)]
    fn admit(this: &World, user: &str, calls: f64, intents: f64, files: f64, bytes: f64) -> Promise;

    /// Fills the bytes; whether it did.
    #[wasm_bindgen(method)]
    fn random(this: &World, bytes: &Uint8Array) -> bool;

    #[wasm_bindgen(method)]
    fn note(
        this: &World,
        is_error: bool,
        message: &str,
        status: Option<u16>,
        code: Option<&str>,
        request_id: Option<&str>,
    );

    /// `{ status, headers, body }`: names and values of headers in turn.
    type S3Answer;

    #[wasm_bindgen(method, getter)]
    fn status(this: &S3Answer) -> u16;

    #[wasm_bindgen(method, getter)]
    fn headers(this: &S3Answer) -> Vec<String>;

    #[wasm_bindgen(method, getter)]
    fn body(this: &S3Answer) -> Vec<u8>;

    /// `{ status, body }`.
    type AppAnswer;

    #[wasm_bindgen(method, getter)]
    fn status(this: &AppAnswer) -> u16;

    #[wasm_bindgen(method, getter)]
    fn body(this: &AppAnswer) -> Vec<u8>;
}

/// All of the world that the service needs.
pub(super) struct JsPorts {
    pub store: Reached,
    clock: Clock,
}

/// S3 as this backend reaches it.
pub(super) struct JsStore {
    pub endpoint: Endpoint,
    pub region: String,
    pub credentials: CurrentCredentials,
}

pub(super) struct Reached {
    world: World,
    endpoint: Endpoint,
    region: String,
    /// The endpoint's own.
    credentials: CurrentCredentials,
    clock: Clock,
}

impl JsPorts {
    pub(super) fn new(world: World, store: JsStore) -> Self {
        let clock = Clock::new(Arc::new(|| Timestamp::from_unix_seconds((Date::now() / 1000.0) as i64)));
        let JsStore { endpoint, region, credentials } = store;
        Self { store: Reached { world, endpoint, region, credentials, clock: clock.clone() }, clock }
    }
}

impl fmt::Debug for JsPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsPorts").field("endpoint", &self.store.endpoint).finish_non_exhaustive()
    }
}

impl Ports for JsPorts {
    type Store = Reached;

    fn store(&self) -> &Reached {
        &self.store
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn random(&self, bytes: &mut [u8]) -> bool {
        let drawn = Uint8Array::new_with_length(bytes.len() as u32);
        let done = self.store.world.random(&drawn);
        drawn.copy_to(bytes);
        done
    }

    async fn call_app(&self, call: &HookCall) -> Result<HookReply> {
        let headers = pairs(call.headers.iter().map(|(name, value)| (*name, value.as_str())));
        let answer: AppAnswer = JsFuture::from(self.store.world.call_app(headers, &call.body))
            .await
            .map_err(|_| {
                Error::new(ErrorKind::Network, "the app's webhook does not answer").with_retryable(true)
            })?
            .unchecked_into();
        Ok(HookReply { status: answer.status(), body: answer.body() })
    }

    async fn pause(&self, milliseconds: u32) {
        self.store.pause(milliseconds).await;
    }

    async fn admit(&self, user: &UserId, cost: &Cost) -> std::result::Result<(), Refusal> {
        let count = |number: u64| number as f64;
        let Cost { calls, intents, files, bytes } = *cost;
        let world = &self.store.world;
        let asked = world.admit(user.as_str(), count(calls), count(intents), count(files), count(bytes));
        let seconds = JsFuture::from(asked).await.map_err(|_| {
            Refusal::new(Reason::LimiterUnavailable, "the limiter does not answer this server")
        })?;
        match seconds.as_f64() {
            None => Ok(()),
            Some(seconds) => {
                Err(Refusal::new(Reason::RateLimited, "too much in too short a time: wait a little")
                    .after_seconds(seconds.ceil().clamp(1.0, f64::from(u32::MAX)) as u32))
            }
        }
    }

    fn note(&self, note: &Note<'_>) {
        let error = note.error();
        let (status, code) = (error.and_then(Error::status), error.map(Error::code));
        let request_id = error.and_then(Error::request_id);
        self.store.world.note(note.is_error(), &note.to_string(), status, code, request_id);
    }
}

impl Store for Reached {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    async fn send(&self, request: &Request, body: &[u8]) -> Result<Response> {
        let pause = |wait: Duration| self.pause(wait.as_millis() as u32);
        repeated(&self.clock, || self.attempt(request, body), pause).await
    }
}

impl Reached {
    async fn pause(&self, milliseconds: u32) {
        // A pause that cannot be made is none.
        let _ = JsFuture::from(self.world.pause(milliseconds)).await;
    }

    async fn attempt(&self, request: &Request, body: &[u8]) -> Result<Response> {
        let options = SigningOptions::s3(&self.region, self.clock.now())?;
        let signed = sign_headers(request, &self.credentials.current(), &options)?;
        let headers = pairs(signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let answer = {
            let milliseconds = patience(request).as_millis() as u32;
            self.world.send(request.method(), &signed.url, headers, Uint8Array::from(body), milliseconds)
        };
        let answer: S3Answer = JsFuture::from(answer)
            .await
            .map_err(|_| Error::new(ErrorKind::Network, "S3 cannot be reached").with_retryable(true))?
            .unchecked_into();
        let mut texts = answer.headers().into_iter();
        let mut headers = Vec::new();
        while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
            if name.eq_ignore_ascii_case("date") {
                self.clock.learn(&value);
            }
            headers.push((name, value));
        }
        Ok(Response { status: answer.status(), headers, body: answer.body() })
    }
}

fn pairs<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> Array {
    headers.map(|(name, value)| Array::of2(&name.into(), &value.into())).collect()
}
