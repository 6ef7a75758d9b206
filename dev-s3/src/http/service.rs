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

use super::body::{BodyWatch, Inspection, RequestBody};
use super::connection::ResetSwitch;
use super::digests::Digests;
use super::framing::Framing;
use super::target::Target;
use super::{cors, dev_api, document, precheck, truncate};
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
        let target = Target::of(&parts);
        let fault = self.faults.take(target.operation, &target.key);
        let (body, watch) =
            RequestBody::new(incoming, inspection(&parts.headers, target.operation), fault.as_ref());
        let exchange = Exchange {
            request_id: document::request_id(),
            rules: self.store.cors_rules(&target.bucket).unwrap_or_else(|| self.default_cors.clone()),
            parts,
            target,
        };

        let outcome = self.act(&exchange, fault, body, &watch).await;
        let (result, status) = match outcome {
            Outcome::Answer(mut answer) => {
                exchange.finish(&mut answer);
                let status = answer.status().as_u16();
                (Ok(answer), status)
            }
            Outcome::Reset => {
                switch.throw();
                (Err(io::Error::from(io::ErrorKind::ConnectionReset)), 0)
            }
        };
        let Exchange { parts, target, request_id, .. } = exchange;
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

    async fn act(
        &self,
        exchange: &Exchange,
        fault: Option<Fault>,
        body: RequestBody,
        watch: &BodyWatch,
    ) -> Outcome {
        let in_mid_body = fault.as_ref().is_some_and(|fault| fault.after_bytes.is_some());
        match fault.as_ref().map(|fault| &fault.kind) {
            Some(FaultKind::Delay { ms }) => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Some(kind @ (FaultKind::Status { .. } | FaultKind::Reset)) if !in_mid_body => {
                return exchange.injected(kind);
            }
            _ => {}
        }
        let Exchange { parts, target, request_id, rules } = exchange;
        let answer = if parts.method == Method::OPTIONS {
            preflight(rules, &parts.headers)
        } else {
            self.call(exchange, body, watch).await
        };
        let answer = document::dress(answer, parts, target, request_id, &self.region).await;
        match fault.map(|fault| fault.kind) {
            Some(kind @ (FaultKind::Status { .. } | FaultKind::Reset)) if watch.tripped() => {
                exchange.injected(&kind)
            }
            Some(FaultKind::SwallowAnswer) => Outcome::Reset,
            Some(FaultKind::TruncateAnswer { body_bytes }) => {
                Outcome::Answer(truncate::truncate(answer, body_bytes))
            }
            _ => Outcome::Answer(answer),
        }
    }

    async fn call(&self, exchange: &Exchange, body: RequestBody, watch: &BodyWatch) -> Response<Body> {
        let parts = &exchange.parts;
        if let Err(refusal) = precheck::check(parts, exchange.target.operation) {
            return document::answer(&refusal);
        }
        let mut request = Request::new(Body::http_body_unsync(body));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = precheck::strict_uri(&parts.uri);
        *request.version_mut() = parts.version;
        *request.headers_mut() = parts.headers.clone();
        let answer = self.s3.call(request).await;
        match (answer, watch.mismatch()) {
            (_, Some(mismatch)) => document::answer(&mismatch.refusal()),
            (Ok(answer), None) => answer,
            (Err(_), None) => document::answer(&S3ErrorCode::InternalError.into()),
        }
    }
}

/// A request and what its answer needs of it.
struct Exchange {
    parts: Parts,
    target: Target,
    request_id: String,
    rules: Vec<CorsRule>,
}

impl Exchange {
    /// The headers of every answer.
    fn finish(&self, answer: &mut Response<Body>) {
        let Self { parts, request_id, rules, .. } = self;
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

    fn injected(&self, kind: &FaultKind) -> Outcome {
        let FaultKind::Status { status, code, retry_after } = kind else { return Outcome::Reset };
        let (kind, body) = if code.is_empty() {
            ("text/html", Bytes::from_static(b"<html><body>Injected</body></html>"))
        } else {
            let resource = format!("/{}/{}", self.target.bucket, self.target.key);
            (
                "application/xml",
                document::write(code, "Injected fault.", &[("Resource", resource)], &self.request_id),
            )
        };
        let mut answer = Response::new(Body::from(body));
        *answer.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(seconds) = retry_after {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
        Outcome::Answer(answer)
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

/// What is checked here and not by the operation.
fn inspection(headers: &HeaderMap, operation: &str) -> Inspection {
    let content_sha256 = headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
    if content_sha256.is_some_and(|value| value.starts_with("STREAMING-")) {
        return Inspection::Chunks(Framing::new());
    }
    match operation {
        "PutObject" | "UploadPart" | "PostObject" => Inspection::None,
        _ => Inspection::Document(Box::new(Digests::promised(headers, operation))),
    }
}
