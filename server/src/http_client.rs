//! The server's own calls over HTTP: to S3, to the app, to where credentials
//! come from.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Headers of an answer: two kilobytes of S3's metadata come in hundreds if their names are short.
const MAX_HEADERS: usize = 1024;

/// A pool of connections; follows no redirect and keeps no cookie. Clones share
/// the pool.
#[derive(Clone)]
pub struct HttpClient(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// Why there is no answer. Says nothing of the request, whose address or
/// headers may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// No connection.
    Unreachable,
    /// It broke off, or was longer than allowed.
    BrokenOff,
    /// It took too long.
    TooLate,
}

impl HttpClient {
    /// `https` servers are trusted by the machine's own certificates
    /// (`SSL_CERT_FILE` adds a private authority's); without, none are called.
    ///
    /// # Errors
    /// A sentence when the machine has no certificates at all.
    pub fn new(https: bool) -> Result<Self, String> {
        let provider = rustls::crypto::ring::default_provider();
        let tls = if https {
            HttpsConnectorBuilder::new()
                .with_provider_and_native_roots(provider)
                .map_err(|error| format!("no trusted certificates on this machine: {error}"))?
        } else {
            let roots = rustls::RootCertStore::empty();
            let config = rustls::ClientConfig::builder_with_provider(provider.into())
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?
                .with_root_certificates(roots)
                .with_no_client_auth();
            HttpsConnectorBuilder::new().with_tls_config(config)
        };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(Duration::from_secs(4)));
        let http = Client::builder(TokioExecutor::new())
            .http1_max_headers(MAX_HEADERS)
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(tls.https_or_http().enable_http1().wrap_connector(tcp));
        Ok(Self(http))
    }

    /// Sends a request, and keeps the reason where no answer comes.
    pub(crate) async fn request(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<hyper::body::Incoming>, hyper_util::client::legacy::Error> {
        self.0.request(request).await
    }

    /// Sends a request; all of the answer, of at most `most` bytes, has to be
    /// there `within` that time.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
        within: Duration,
        most: usize,
    ) -> Result<Response<Bytes>, NoAnswer> {
        let exchange = async {
            let response = self.0.request(request).await.map_err(|error| {
                tracing::debug!(%error, "no answer");
                NoAnswer::Unreachable
            })?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, most).collect().await.map_err(|_| NoAnswer::BrokenOff)?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        };
        tokio::time::timeout(within, exchange).await.map_err(|_| NoAnswer::TooLate)?
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "it cannot be reached",
            Self::BrokenOff => "its answer broke off, or was too long",
            Self::TooLate => "it did not answer in time",
        })
    }
}
