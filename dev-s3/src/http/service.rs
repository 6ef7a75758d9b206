//! The way of a request: development API, preflight, fault, s3s, dressing, CORS,
//! log.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, EXPECT, HeaderMap, HeaderValue, RETRY_AFTER, VARY,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use s3s::service::S3Service;
use s3s::{Body, S3ErrorCode};

use super::body::{BodyWatch, RequestBody};
use super::connection::ResetSwitch;
use super::target::Target;
use super::{cors, dev_api, document, truncate};
use crate::faults::{Fault, FaultKind, Faults};
use crate::requests::{RequestRecord, Requests};
use crate::store::Store;
use crate::store::record::CorsRule;

/// Shared by all connections.
pub(crate) struct Pipeline {
    pub(crate) s3: S3Service,
    pub(crate) store: Arc<Store>,
    pub(crate) default_cors: Vec<CorsRule>,
    pub(crate) region: String,
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) fault_injection: bool,
}

/// How a request ends.
enum Outcome {
    Answer(Response<Body>),
    Reset,
}

impl Pipeline {
    /// # Errors
    /// When the connection shall be reset: the switch is thrown, and hyper drops
    /// the connection for the error.
    pub(crate) async fn serve(
        &self,
        request: Request<Incoming>,
        switch: &ResetSwitch,
    ) -> io::Result<Response<Body>> {
        let (parts, incoming) = request.into_parts();
        if self.fault_injection && parts.uri.path().starts_with("/_dev/") {
            return Ok(dev_api::answer(&parts, incoming, &self.faults, &self.requests).await);
        }
        let request_id = document::request_id();
        let target = Target::of(&parts);
        let fault = self.faults.take(target.operation, &target.key);
        let trip_after = fault.as_ref().and_then(|fault| fault.after_bytes);
        let (body, watch) = RequestBody::new(incoming, is_aws_chunked(&parts.headers), trip_after);
        let rules = self.store.cors_rules(&target.bucket).unwrap_or_else(|| self.default_cors.clone());

        let outcome = self.act(&parts, &target, &request_id, &rules, fault, body, &watch).await;
        let (result, status) = match outcome {
            Outcome::Answer(mut answer) => {
                self.finish(&mut answer, &parts, &request_id, &rules);
                let status = answer.status().as_u16();
                (Ok(answer), status)
            }
            Outcome::Reset => {
                switch.throw();
                (Err(io::Error::from(io::ErrorKind::ConnectionReset)), 0)
            }
        };
        self.requests.push(RequestRecord {
            request_id,
            method: parts.method.to_string(),
            operation: target.operation.to_owned(),
            bucket: target.bucket,
            key: target.key,
            received: watch.received(),
            status,
        });
        if result.is_ok() {
            watch.drain(parts.headers.contains_key(EXPECT));
        }
        result
    }

    #[allow(clippy::too_many_arguments)]
    async fn act(
        &self,
        parts: &Parts,
        target: &Target,
        request_id: &str,
        rules: &[CorsRule],
        fault: Option<Fault>,
        body: RequestBody,
        watch: &BodyWatch,
    ) -> Outcome {
        let in_mid_body = fault.as_ref().is_some_and(|fault| fault.after_bytes.is_some());
        match fault.as_ref().map(|fault| &fault.kind) {
            Some(FaultKind::Delay { ms }) => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Some(kind @ (FaultKind::Status { .. } | FaultKind::Reset)) if !in_mid_body => {
                return injected(kind, target, request_id);
            }
            _ => {}
        }
        let answer = if parts.method == Method::OPTIONS {
            preflight(rules, &parts.headers)
        } else {
            self.call(parts, body).await
        };
        let answer = document::dress(answer, parts, target, request_id, &self.region).await;
        match fault.map(|fault| fault.kind) {
            Some(kind @ (FaultKind::Status { .. } | FaultKind::Reset)) if watch.tripped() => {
                injected(&kind, target, request_id)
            }
            Some(FaultKind::SwallowAnswer) => Outcome::Reset,
            Some(FaultKind::TruncateAnswer { body_bytes }) => {
                Outcome::Answer(truncate::truncate(answer, body_bytes))
            }
            _ => Outcome::Answer(answer),
        }
    }

    async fn call(&self, parts: &Parts, body: RequestBody) -> Response<Body> {
        let mut request = Request::new(Body::http_body_unsync(body));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.version_mut() = parts.version;
        *request.headers_mut() = parts.headers.clone();
        if is_form(parts) && !parts.headers.contains_key(hyper::header::CONTENT_LENGTH) {
            // s3s would hold such a form in memory to learn its size; S3 wants it told.
            return document::answer(&s3s::s3_error!(MissingContentLength));
        }
        match self.s3.call(request).await {
            Ok(answer) => answer,
            Err(_) => document::answer(&S3ErrorCode::InternalError.into()),
        }
    }

    fn finish(&self, answer: &mut Response<Body>, parts: &Parts, request_id: &str, rules: &[CorsRule]) {
        let headers = answer.headers_mut();
        for name in ["x-amz-request-id", "x-amz-id-2"] {
            if let Ok(value) = HeaderValue::from_str(request_id) {
                headers.insert(name, value);
            }
        }
        headers.insert("server", HeaderValue::from_static("sealift-dev-s3"));
        if parts.method != Method::OPTIONS {
            let granted = cors::headers(rules, &parts.headers, parts.method.as_str());
            if granted.is_empty() && !headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
                headers.insert(VARY, HeaderValue::from_static("Origin"));
            }
            headers.extend(granted);
        }
    }
}

fn preflight(rules: &[CorsRule], request: &HeaderMap) -> Response<Body> {
    match cors::preflight(rules, request) {
        Ok(headers) => {
            let mut answer = Response::new(Body::empty());
            *answer.headers_mut() = headers;
            answer
        }
        Err(error) => document::answer(&error),
    }
}

fn injected(kind: &FaultKind, target: &Target, request_id: &str) -> Outcome {
    let FaultKind::Status { status, code, retry_after } = kind else { return Outcome::Reset };
    let (kind, body) = if code.is_empty() {
        ("text/html", Bytes::from_static(b"<html><body>Injected</body></html>"))
    } else {
        let resource = format!("/{}/{}", target.bucket, target.key);
        ("application/xml", document::write(code, "Injected fault.", &[("Resource", resource)], request_id))
    };
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
    }
    Outcome::Answer(answer)
}

fn is_aws_chunked(headers: &HeaderMap) -> bool {
    headers
        .get("x-amz-content-sha256")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("STREAMING-"))
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    parts.method == Method::POST && kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}
