//! The server's own calls to S3: `HEAD` before a receipt, `DELETE`, and what
//! S3's answers tell of its clock.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, DATE, HOST};
use http::{Method, Uri};
use http_body_util::Full;
use sealift::endpoint::service::{patience, repeated};
use sealift::s3;
use sealift::sigv4::{self, CurrentCredentials, SigningOptions};
use sealift::{Error, ErrorKind};

use crate::clock::Clock;
use crate::http_client::{HttpClient, NoAnswer};
use crate::metrics::Metrics;

/// Signs, sends, and tries again what may succeed the second time. Calls the
/// address of S3 that this server reaches, which need not be the browsers'.
#[derive(Clone)]
pub struct S3Client {
    http: HttpClient,
    endpoint: s3::Endpoint,
    region: String,
    credentials: CurrentCredentials,
    clock: Clock,
    counted: Option<(Metrics, Arc<str>)>,
}

/// How long the bucket may take to tell its time.
const CLOCK_ATTEMPT: Duration = Duration::from_secs(8);
/// Answers to HEAD and DELETE are empty, errors short; a page of a list has a
/// thousand keys of up to a kilobyte, each of their characters perhaps escaped.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

impl S3Client {
    /// For the bucket's endpoint as this server reaches it. An `https` one is
    /// trusted by the machine's own certificates (`SSL_CERT_FILE` adds a
    /// private authority's).
    ///
    /// # Errors
    /// A sentence when the machine has no certificates at all.
    pub fn new(
        endpoint: s3::Endpoint,
        region: String,
        credentials: impl Into<CurrentCredentials>,
        clock: Clock,
    ) -> Result<Self, String> {
        let http = HttpClient::new(endpoint.origin().scheme() == sigv4::Scheme::Https)?;
        Ok(Self { http, endpoint, region, credentials: credentials.into(), clock, counted: None })
    }

    /// Counts its answers as those of an environment.
    #[must_use]
    pub fn counted(mut self, metrics: Metrics, environment: Arc<str>) -> Self {
        self.counted = Some((metrics, environment));
        self
    }

    /// The endpoint it calls.
    #[must_use]
    pub const fn endpoint(&self) -> &s3::Endpoint {
        &self.endpoint
    }

    /// Sends a request, with its body, that may be sent twice without harm, and
    /// answers what S3 said at last, errors of S3 included.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] or [`ErrorKind::Timeout`] when no answer came.
    pub async fn send(&self, request: &sigv4::Request, body: &[u8]) -> Result<s3::Response, Error> {
        let body = Bytes::copy_from_slice(body);
        repeated(&self.clock, || self.attempt(request, body.clone()), tokio::time::sleep).await
    }

    /// Asks S3 for the time. That it cannot be reached is no reason not to
    /// start: it is asked again with every other call.
    pub async fn learn_clock(&self) -> Result<(), Error> {
        let origin = self.endpoint.origin().to_string();
        let request = http::Request::builder()
            .method(Method::HEAD)
            .uri(format!("{origin}/"))
            .body(Full::default())
            .map_err(|_| Error::new(ErrorKind::InvalidUrl, "the S3 endpoint is not a URL"))?;
        self.exchange(request, CLOCK_ATTEMPT).await.map(drop)
    }

    async fn attempt(&self, request: &sigv4::Request, body: Bytes) -> Result<s3::Response, Error> {
        let options = SigningOptions::s3(&self.region, self.clock.now())?;
        let signed = sigv4::sign_headers(request, &self.credentials.current(), &options)?;
        let uri: Uri = signed
            .url
            .parse()
            .map_err(|_| Error::new(ErrorKind::InvalidUrl, "the signed request has no valid URL"))?;
        let mut builder = http::Request::builder().method(request.method()).uri(uri);
        for (name, value) in &signed.headers {
            // hyper writes these two itself, from the URL and the body.
            if !name.eq_ignore_ascii_case(HOST.as_str())
                && !name.eq_ignore_ascii_case(CONTENT_LENGTH.as_str())
            {
                builder = builder.header(name, value);
            }
        }
        let http_request = builder
            .body(Full::new(body))
            .map_err(|_| Error::new(ErrorKind::InvalidHeader, "the signed request has an invalid header"))?;
        self.exchange(http_request, patience(request)).await
    }

    async fn exchange(
        &self,
        request: http::Request<Full<Bytes>>,
        attempt: Duration,
    ) -> Result<s3::Response, Error> {
        let answer = self.http.send(request, attempt, MAX_ANSWER).await;
        if let Some((metrics, environment)) = &self.counted {
            let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
            metrics.s3_answered(environment, status);
        }
        let response = answer.map_err(|none| {
            let error = match none {
                NoAnswer::Unreachable => Error::new(ErrorKind::Network, "S3 cannot be reached"),
                NoAnswer::BrokenOff => Error::new(ErrorKind::Network, "the answer of S3 broke off"),
                NoAnswer::TooLate => Error::new(ErrorKind::Timeout, "S3 did not answer in time"),
            };
            error.with_retryable(true)
        })?;
        if let Some(date) = response.headers().get(DATE).and_then(|date| date.to_str().ok())
            && let Some(skew) = self.clock.learn(date)
        {
            tracing::info!(seconds = skew, "S3's clock differs from this machine's; signatures follow S3's");
        }
        let headers = response.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Ok(s3::Response {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response.body().to_vec(),
        })
    }
}

impl fmt::Debug for S3Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Client").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
