//! Calls to the signing endpoint.

use gloo_net::http::{Request, Response};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCredentials, RequestInit};

use super::json::{self, Json};
use super::protocol;
use crate::error::{Error, ErrorKind};

/// Where the endpoint is and how the app authenticates to it.
pub struct Client {
    /// Its URL, relative to the page or absolute, without a slash at the end.
    pub base: String,
    /// Whether cookies travel with the calls.
    pub credentials: RequestCredentials,
    /// `(refresh: boolean) => Promise<[name, value][]>`: the app's own headers;
    /// `refresh` after a 401. The values are such that `fetch` takes them.
    pub headers: Function,
}

/// A call that did not come to its answer.
pub struct Failure {
    /// Why.
    pub error: Error,
    /// `Retry-After` in milliseconds, where it was sent and may be seen.
    pub retry_after_ms: Option<u64>,
}

impl Client {
    /// Posts JSON and reads the JSON that comes back. After a 401 the app is
    /// asked for its headers once more, and the call is made again.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] without an answer, [`ErrorKind::Unauthenticated`]
    /// after a second 401 or when the app's headers cannot be had,
    /// [`ErrorKind::InvalidResponse`] for an answer that is not an endpoint's,
    /// else what the endpoint says.
    pub async fn post(&self, path: &str, body: &JsValue, signal: &AbortSignal) -> Result<Json, Failure> {
        let body = json::stringify(body);
        let mut response = self.send(path, &body, signal, false).await?;
        if response.status() == 401 {
            response = self.send(path, &body, signal, true).await?;
        }
        let text = response.text().await.map_err(|_| unreachable())?;
        let answer = Json::parse(&text);
        match answer {
            Some(answer) if response.ok() => Ok(answer),
            answer => Err(refused(answer.as_ref(), &response)),
        }
    }

    async fn send(
        &self,
        path: &str,
        body: &JsValue,
        signal: &AbortSignal,
        refresh: bool,
    ) -> Result<Response, Failure> {
        let headers = self.app_headers(refresh).await?;
        if let Ok(false) = headers.has("content-type") {
            // It cannot fail for a name and a value that HTTP can carry.
            let _ = headers.set("content-type", "application/json");
        }
        // Not by gloo-net's builder: it formats, parses and prints the URL to add
        // a query that there is none of, for 3 KB of wasm.
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_credentials(self.credentials);
        init.set_signal(Some(signal));
        init.set_headers(&headers);
        init.set_body(body);
        let url = [&self.base, path].concat();
        let request = web_sys::Request::new_with_str_and_init(&url, &init).map_err(|_| unreachable())?;
        Request::from(request).send().await.map_err(|_| unreachable())
    }

    async fn app_headers(&self, refresh: bool) -> Result<Headers, Failure> {
        let failed = |_| Failure {
            error: Error::new(
                ErrorKind::Unauthenticated,
                "the app's `headers` or `onUnauthorized` failed, so the signing endpoint was not called",
            ),
            retry_after_ms: None,
        };
        let promise = self.headers.call1(&JsValue::UNDEFINED, &refresh.into()).map_err(failed)?;
        let headers = JsFuture::from(Promise::resolve(&promise)).await.map_err(failed)?;
        Headers::new_with_str_sequence_sequence(&headers).map_err(failed)
    }
}

/// What an answer other than a 200 with JSON says.
fn refused(answer: Option<&Json>, response: &Response) -> Failure {
    let status = response.status();
    let error = answer.and_then(|answer| protocol::error(answer, Some(status)));
    Failure {
        error: error.unwrap_or_else(|| foreign(status)),
        retry_after_ms: response.headers().get("retry-after").and_then(|value| retry_after_ms(&value)),
    }
}

/// An answer of something else: a proxy, a login page, the app's own 404.
fn foreign(status: u16) -> Error {
    let (kind, message) = match status {
        401 => (ErrorKind::Unauthenticated, "the signing endpoint asks for authentication"),
        404 | 405 => (ErrorKind::InvalidResponse, "there is no signing endpoint at this address"),
        408 | 425 | 429 | 500..=599 => {
            (ErrorKind::Refused, "the signing endpoint is out of order, or a proxy before it is")
        }
        _ => (ErrorKind::InvalidResponse, "what answered is not a signing endpoint"),
    };
    Error::new(kind, message).with_status(status).with_retryable(kind == ErrorKind::Refused)
}

/// The value of a `Retry-After` header (RFC 9110, 10.2.3: seconds or a date)
/// in milliseconds from now.
pub fn retry_after_ms(value: &str) -> Option<u64> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let wait = js_sys::Date::parse(value) - js_sys::Date::now();
    // Not a number, where it is no date.
    (wait >= 0.0).then_some(wait as u64)
}

fn unreachable() -> Failure {
    Failure {
        error: Error::new(
            ErrorKind::Network,
            "the signing endpoint cannot be reached: the network failed, or its CORS does not allow this page",
        )
        .with_retryable(true),
        retry_after_ms: None,
    }
}
