//! `/_dev/faults` and `/_dev/requests`: the handles of the library over HTTP,
//! for tests in other processes. Unsigned, and only there when asked for.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE,
    HeaderValue,
};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use s3s::Body;
use serde::Serialize;

use crate::faults::{Fault, Faults};
use crate::requests::Requests;

const MAX_BODY: usize = 1 << 20;

pub(crate) async fn answer(
    parts: &Parts,
    body: Incoming,
    faults: &Faults,
    requests: &Requests,
) -> Response<Body> {
    let mut answer = match (parts.method.as_str(), parts.uri.path()) {
        ("GET", "/_dev/faults") => json(StatusCode::OK, &faults.pending()),
        ("POST", "/_dev/faults") => match parse_faults(body).await {
            Ok(list) => {
                list.into_iter().for_each(|fault| faults.inject(fault));
                json(StatusCode::OK, &faults.pending())
            }
            Err(message) => json(StatusCode::BAD_REQUEST, &message),
        },
        ("DELETE", "/_dev/faults") => {
            faults.clear();
            json(StatusCode::OK, &faults.pending())
        }
        ("GET", "/_dev/requests") => json(StatusCode::OK, &requests.all()),
        ("DELETE", "/_dev/requests") => {
            requests.clear();
            json(StatusCode::OK, &requests.all())
        }
        ("OPTIONS", _) => json(StatusCode::OK, &()),
        _ => json(StatusCode::NOT_FOUND, "no such thing under /_dev/"),
    };
    let headers = answer.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    answer
}

/// One fault or a list of them.
async fn parse_faults(body: Incoming) -> Result<Vec<Fault>, String> {
    let bytes = Limited::new(body, MAX_BODY).collect().await.map_err(|e| e.to_string())?.to_bytes();
    let one_or_many: serde_json::Value = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    let list = match one_or_many {
        list @ serde_json::Value::Array(_) => list,
        one => serde_json::Value::Array(vec![one]),
    };
    serde_json::from_value(list).map_err(|e| e.to_string())
}

fn json(status: StatusCode, value: &(impl Serialize + ?Sized)) -> Response<Body> {
    let text = serde_json::to_vec(value).unwrap_or_default();
    let mut answer = Response::new(Body::from(Bytes::from(text)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
