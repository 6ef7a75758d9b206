//! Which pages may call: the `Origin` check that every call passes before
//! anything is parsed or signed, and the CORS answers for those that do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HOST, ORIGIN, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use sealift::endpoint::Refusal;
use sealift::endpoint::service::{PageHeaders, PageOrigins};
use sealift::sigv4::Origin;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::error::ApiError;
use crate::pages::error_page;
use crate::request_id;

/// The origins whose pages may call: the server's own and the configured ones.
#[derive(Clone, Debug)]
pub struct Origins {
    allowed: Arc<PageOrigins>,
    /// Whether browsers call the server itself: a proxy may write a `Host` of its own.
    called_directly: bool,
}

impl Origins {
    /// `own` is where browsers find this server: its public URL, or else the
    /// address it listens on, and if that is a loopback address, loopback's
    /// names too. The `Host` header is not asked: a page whose name was
    /// rebound to this address sends its own.
    #[must_use]
    pub fn new(public_url: Option<&Origin>, listening: SocketAddr, others: &[Origin]) -> Self {
        let mut own = others.to_vec();
        match public_url {
            Some(url) => own.push(url.clone()),
            None => {
                let loopback =
                    listening.ip().is_loopback().then(|| own_origin_of("localhost", listening.port()));
                let listens = [Some(own_origin(listening)), loopback];
                own.extend(listens.into_iter().flatten().filter_map(|url| Origin::parse(&url).ok()));
            }
        }
        Self { allowed: Arc::new(PageOrigins::new(&own)), called_directly: public_url.is_none() }
    }

    /// Whether one of the origins has this `Host`.
    fn allow_host(&self, host: &HeaderValue) -> bool {
        self.allowed.iter().any(|origin| {
            let authority = origin.split_once("://");
            authority.is_some_and(|(_, authority)| authority.as_bytes().eq_ignore_ascii_case(host.as_bytes()))
        })
    }

    /// The CORS answers: only these origins, with credentials, any header that
    /// the app's own authentication needs.
    pub fn cors(&self) -> CorsLayer {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(
                self.allowed.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()),
            ))
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers([request_id::HEADER, RETRY_AFTER])
            .max_age(Duration::from_secs(7200))
    }
}

/// `http://address:port`, for a server that was told no public URL.
#[must_use]
pub fn own_origin(listening: SocketAddr) -> String {
    let host = match listening.ip() {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    };
    own_origin_of(&host, listening.port())
}

fn own_origin_of(host: &str, port: u16) -> String {
    if port == 80 { format!("http://{host}") } else { format!("http://{host}:{port}") }
}

/// Middleware: refuses pages of other origins (403 `origin_refused`), and
/// bodies that a form of another site could have sent along with the user's
/// cookies.
pub async fn guard(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    match check(&origins, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => ApiError::from(refusal).into_response(),
    }
}

/// Middleware of the calls of other clients, which send forms: only the origin
/// tells who sends them.
pub async fn guard_client(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    // As a GET, which has no body whose type would tell.
    match check(&origins, &Method::GET, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => ApiError::from(refusal).into_response(),
    }
}

fn check(origins: &Origins, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let named: Vec<_> = headers.get_all(ORIGIN).iter().map(HeaderValue::as_bytes).collect();
    let bytes = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    origins.allowed.check(&PageHeaders {
        method: method.as_str(),
        origins: &named,
        fetch_site: bytes("sec-fetch-site"),
        content_type: bytes(CONTENT_TYPE.as_str()),
    })
}

/// Middleware of pages that hold signatures. A browser sends no `Origin` with a
/// GET of its own origin, and a page whose name was rebound to this address is
/// of that origin, so it could read them: only its `Host` tells.
pub async fn guard_page(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let ours = request.headers().get(HOST).is_some_and(|host| origins.allow_host(host));
    if origins.called_directly && !ours {
        let message = "this page is only there under the server's own address";
        return error_page(&ApiError::new(StatusCode::FORBIDDEN, "origin_refused", message));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Origins {
        let app = Origin::parse("https://app.example.com").unwrap();
        Origins::new(None, SocketAddr::from(([127, 0, 0, 1], 8080)), &[app])
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn own_and_configured_pages_may_call() {
        for origin in ["http://127.0.0.1:8080", "http://localhost:8080", "https://app.example.com"] {
            let headers = headers(&[("origin", origin), ("content-type", "application/json; charset=utf-8")]);
            assert_eq!(check(&origins(), &Method::POST, &headers), Ok(()), "{origin}");
        }
        assert_eq!(
            check(&origins(), &Method::POST, &headers(&[("content-type", "application/json")])),
            Ok(())
        );
    }

    #[test]
    fn other_pages_may_not() {
        for origin in [
            "null",
            "",
            "https://evil.example",
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.example",
            "https://evilapp.example.com",
            "http://127.0.0.1",
            "http://127.0.0.1:80800",
            "*",
        ] {
            let headers = headers(&[("origin", origin), ("content-type", "application/json")]);
            let refused = check(&origins(), &Method::POST, &headers).unwrap_err();
            assert_eq!(refused.code(), "origin_refused", "{origin}");
        }
        let twice = headers(&[("origin", "https://app.example.com"), ("origin", "https://evil.example")]);
        assert!(check(&origins(), &Method::GET, &twice).is_err());
    }

    #[test]
    fn no_form_of_another_site_gets_through() {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
        {
            let headers = headers(&[("content-type", kind)]);
            assert_eq!(check(&origins(), &Method::POST, &headers).unwrap_err().code(), "malformed_request");
        }
        let old = headers(&[("sec-fetch-site", "cross-site"), ("content-type", "application/json")]);
        assert_eq!(check(&origins(), &Method::POST, &old).unwrap_err().code(), "origin_refused");
    }
}
