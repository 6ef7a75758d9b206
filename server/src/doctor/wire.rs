//! Requests to S3, each sent once and just as it was signed.

use std::error::Error as _;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use sealift::s3::Response;
use sealift::sigv4::{Credentials, Request, Scheme, SignedRequest, SigningOptions, sign_headers};

use crate::clock::Clock;
use crate::http_client::HttpClient;

const WITHIN: Duration = Duration::from_secs(15);
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// Signs and sends.
pub struct Wire {
    http: HttpClient,
    /// The keys of the configuration.
    pub credentials: Credentials,
    /// The region of the configuration.
    pub region: String,
    /// The machine's clock, corrected by S3's once that is known.
    pub clock: Clock,
}

impl Wire {
    /// # Errors
    /// A sentence when an `https` address is to be called and the machine has
    /// no certificates.
    pub fn new(
        credentials: Credentials,
        region: String,
        clock: Clock,
        schemes: &[Scheme],
    ) -> Result<Self, String> {
        let http = HttpClient::new(schemes.contains(&Scheme::Https))?;
        Ok(Self { http, credentials, region, clock })
    }

    pub fn options(&self) -> Result<SigningOptions, String> {
        SigningOptions::s3(&self.region, self.clock.now()).map_err(|error| error.to_string())
    }

    pub fn sign(&self, request: &Request) -> Result<SignedRequest, String> {
        sign_headers(request, &self.credentials, &self.options()?).map_err(|error| error.to_string())
    }

    /// Signs and sends; a `content-length` that was signed need not be the body's own.
    ///
    /// # Errors
    /// Why no answer came.
    pub async fn send(&self, request: &Request, body: impl Into<Vec<u8>>) -> Result<Response, String> {
        let signed = self.sign(request)?;
        self.send_plain(&signed.method, &signed.url, &signed.headers, body.into()).await
    }

    /// Sends as it is.
    ///
    /// # Errors
    /// Why no answer came.
    pub async fn send_plain(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Result<Response, String> {
        let mut request = http::Request::builder().method(method).uri(url);
        // A connection each: what one refused must not end another.
        request = request.header("connection", "close");
        for (name, value) in headers {
            // hyper writes these two itself.
            if !matches!(name.as_str(), "host" | "content-length") {
                request = request.header(name, value);
            }
        }
        if body.is_empty() && matches!(method, "PUT" | "POST") {
            request = request.header("content-length", "0");
        }
        let request =
            request.body(Full::from(body)).map_err(|_| "the request cannot be written".to_owned())?;
        let exchange = async {
            let response = self.http.request(request).await.map_err(|error| reason(&error))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MAX_ANSWER)
                .collect()
                .await
                .map_err(|_| "the answer broke off".to_owned())?;
            let headers = parts.headers.iter().map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            });
            Ok(Response {
                status: parts.status.as_u16(),
                headers: headers.collect(),
                body: body.to_bytes().to_vec(),
            })
        };
        tokio::time::timeout(WITHIN, exchange)
            .await
            .unwrap_or_else(|_| Err(format!("no answer came within {} seconds", WITHIN.as_secs())))
    }
}

/// The innermost of an error says the most: `Connection refused`, a name that
/// is not known, a certificate that is not trusted.
fn reason(error: &hyper_util::client::legacy::Error) -> String {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        reason = inner.to_string();
        source = inner.source();
    }
    reason
}
