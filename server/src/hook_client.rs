//! The way to the app's webhook.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::Full;
use sealift::endpoint::service::{HookCall, HookReply};
use sealift::{Error, ErrorKind};

use crate::config::HooksConfig;
use crate::http_client::{HttpClient, NoAnswer};

/// A verdict for each of a call's files, with its message.
const MAX_ANSWER: usize = 1024 * 1024;

/// Sends questions to one address.
#[derive(Clone)]
pub struct HookClient {
    http: HttpClient,
    url: Uri,
    timeout: Duration,
}

impl HookClient {
    /// For the address of the configuration.
    ///
    /// # Errors
    /// A sentence when the machine has no certificates at all.
    pub fn new(config: &HooksConfig) -> Result<Self, String> {
        let http = HttpClient::new(config.url.scheme_str() == Some("https"))?;
        Ok(Self { http, url: config.url.clone(), timeout: config.timeout })
    }

    /// One attempt.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] or [`ErrorKind::Timeout`] when no answer came.
    pub async fn call(&self, call: &HookCall) -> Result<HookReply, Error> {
        let mut request = Request::builder().method(Method::POST).uri(self.url.clone());
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let request = request
            .body(Full::new(Bytes::copy_from_slice(call.body.as_bytes())))
            .map_err(|_| Error::new(ErrorKind::InvalidHeader, "the webhook has an invalid header"))?;
        let answer = self.http.send(request, self.timeout, MAX_ANSWER).await.map_err(|none| match none {
            NoAnswer::Unreachable => Error::new(ErrorKind::Network, "the app's webhook cannot be reached"),
            NoAnswer::BrokenOff => Error::new(ErrorKind::Network, "the answer of the webhook broke off"),
            NoAnswer::TooLate => Error::new(ErrorKind::Timeout, "the app's webhook did not answer in time"),
        })?;
        Ok(HookReply { status: answer.status().as_u16(), body: answer.body().to_vec() })
    }
}

impl fmt::Debug for HookClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookClient").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
