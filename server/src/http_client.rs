//! The HTTP client of the server's own calls.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Headers of an answer: two kilobytes of metadata come in hundreds if their names are short.
const MAX_HEADERS: usize = 1024;

/// Keeps connections; clones share them.
pub type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client of `http` and, if asked for, of `https`, which is trusted by the
/// machine's own certificates (`SSL_CERT_FILE` adds a private authority's).
///
/// # Errors
/// A sentence when the machine has no certificates at all.
pub fn http_client(https: bool) -> Result<HttpClient, String> {
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
    Ok(Client::builder(TokioExecutor::new())
        .http1_max_headers(MAX_HEADERS)
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .build(tls.https_or_http().enable_http1().wrap_connector(tcp)))
}
