//! The way to the app's webhook.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use sealift::endpoint::service::{HookCall, HookReply};
use sealift::{Error, ErrorKind};

use crate::config::HooksConfig;
use crate::http_client::{HttpClient, http_client};

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
        let http = http_client(config.url.scheme_str() == Some("https"))?;
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
        let exchange = async {
            let broken = |_| Error::new(ErrorKind::Network, "the app's webhook cannot be reached");
            let response = self.http.request(request).await.map_err(broken)?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
            let body =
                body.map_err(|_| Error::new(ErrorKind::Network, "the answer of the webhook broke off"))?;
            Ok(HookReply { status, body: body.to_bytes().to_vec() })
        };
        tokio::time::timeout(self.timeout, exchange)
            .await
            .map_err(|_| Error::new(ErrorKind::Timeout, "the app's webhook did not answer in time"))?
    }
}

impl fmt::Debug for HookClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookClient").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
