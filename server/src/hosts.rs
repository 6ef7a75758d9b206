//! Which environment a call is for, where one process serves several: the one
//! whose configuration names its `Host`. No other header is asked, and a host
//! that nobody names reaches nothing.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::HOST;
use tower::ServiceExt;

use crate::error::ApiError;

/// One router for each environment, with the hosts that it answers to.
pub struct ByHost(Vec<(Vec<String>, Router)>);

impl ByHost {
    /// From environments that all name their hosts, or one that names none and
    /// then answers to every host.
    #[must_use]
    pub const fn new(environments: Vec<(Vec<String>, Router)>) -> Self {
        Self(environments)
    }

    /// All of them behind one router.
    pub fn router(mut self) -> Router {
        match self.0.as_mut_slice() {
            [(hosts, only)] if hosts.is_empty() => std::mem::take(only),
            _ => {
                let environments = Arc::new(self.0);
                Router::new().fallback(move |request: Request| {
                    let found = find(&environments, &request).cloned();
                    async move { answer(found, request).await }
                })
            }
        }
    }
}

async fn answer(environment: Option<Router>, request: Request) -> Response {
    match environment {
        Some(router) => match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        None => ApiError::unknown_host().into_response(),
    }
}

fn find<'a>(environments: &'a [(Vec<String>, Router)], request: &Request) -> Option<&'a Router> {
    let mut named = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (named.next(), named.next()) else { return None };
    // A request line may name a host too: then both must agree.
    let line = request.uri().authority();
    if line.is_some_and(|line| !line.as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes())) {
        return None;
    }
    let is_it = |known: &String| known.as_bytes().eq_ignore_ascii_case(host.as_bytes());
    environments.iter().find(|(hosts, _)| hosts.iter().any(is_it)).map(|(_, router)| router)
}
