//! The world of the [service](sealift::endpoint::service): S3 over hyper, the
//! machine's clock and randomness, the log.

use std::sync::Arc;
use std::time::Duration;

use sealift::endpoint::service::{Cost, HookCall, HookReply, Note, Ports, Store};
use sealift::endpoint::{Refusal, UserId};
use sealift::{Error, ErrorKind, Timestamp, s3, sigv4};

use crate::clock::Clock;
use crate::hook_client::HookClient;
use crate::limiter::Limiter;
use crate::metrics::Metrics;
use crate::s3_client::S3Client;

/// What the service reaches the world by.
#[derive(Clone, Debug)]
pub struct ServerPorts {
    /// The server's own way to S3.
    pub s3: S3Client,
    /// The way to the app's webhook, if it has one.
    pub app: Option<HookClient>,
    /// S3's time.
    pub clock: Clock,
    /// What users may do.
    pub limiter: Arc<Limiter>,
    /// What is counted, for those who watch.
    pub metrics: Metrics,
    /// The environment's name.
    pub environment: Arc<str>,
}

impl Ports for ServerPorts {
    type Store = S3Client;

    fn store(&self) -> &S3Client {
        &self.s3
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn random(&self, bytes: &mut [u8]) -> bool {
        getrandom::fill(bytes).is_ok()
    }

    async fn call_app(&self, call: &HookCall) -> Result<HookReply, Error> {
        match &self.app {
            Some(app) => app.call(call).await,
            None => Err(Error::new(ErrorKind::Network, "there is no way to the app")),
        }
    }

    async fn pause(&self, milliseconds: u32) {
        tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
    }

    async fn admit(&self, user: &UserId, cost: &Cost) -> Result<(), Refusal> {
        self.limiter.admit(user, cost).await?;
        self.metrics.admitted(&self.environment, cost);
        Ok(())
    }

    fn note(&self, note: &Note<'_>) {
        let error = note.error();
        let (status, code) = (error.and_then(Error::status), error.map(Error::code));
        let s3_request_id = error.and_then(Error::request_id);
        if note.is_error() {
            tracing::error!(status, code, s3_request_id, "{note}");
        } else {
            tracing::warn!(status, code, s3_request_id, "{note}");
        }
    }
}

impl Store for S3Client {
    fn endpoint(&self) -> &s3::Endpoint {
        S3Client::endpoint(self)
    }

    async fn send(&self, request: &sigv4::Request, body: &[u8]) -> Result<s3::Response, Error> {
        S3Client::send(self, request, body).await
    }
}
