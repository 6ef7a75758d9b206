//! Error documents as S3 writes them, with what helps to find the mistake:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use s3s::{Body, S3Error};

use super::refine::{Refusal, refine};
use super::target::Target;

/// Sixteen hex digits, as S3's ids look.
pub(crate) fn request_id() -> String {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    format!("{:016X}", RandomState::new().build_hasher().finish())
}

/// The answer for an error found before s3s.
pub(crate) fn answer(error: &S3Error) -> Response<Body> {
    let text = write(error.code().as_str(), error.message().unwrap_or_default(), &[], "");
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = error.status_code().unwrap_or(StatusCode::BAD_REQUEST);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    answer
}

/// Gives an error its request id and what S3 says beside code and message;
/// other answers pass.
pub(crate) async fn dress(
    answer: Response<Body>,
    parts: &Parts,
    target: &Target,
    request_id: &str,
    region: &str,
) -> Response<Body> {
    if !answer.status().is_client_error() && !answer.status().is_server_error() {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let text = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let Some(code) = element(&text, "Code") else {
        // A HEAD has no document; its length is that of nothing.
        return Response::from_parts(head, Body::empty());
    };
    let refusal = Refusal {
        code,
        message: element(&text, "Message").unwrap_or_default(),
        status: head.status,
        details: Vec::new(),
    };
    let refusal = refine(refusal, parts, target, region);
    head.status = refusal.status;
    head.headers.remove(CONTENT_LENGTH);
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    let document = write(&refusal.code, &refusal.message, &refusal.details, request_id);
    let body = if parts.method == Method::HEAD { Body::empty() } else { Body::from(document) };
    Response::from_parts(head, body)
}

/// The document.
pub(crate) fn write(code: &str, message: &str, details: &[(&str, String)], request_id: &str) -> Bytes {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    let fixed = [("Code", code), ("Message", message)];
    let details = details.iter().map(|(name, value)| (*name, value.as_str()));
    for (name, value) in
        fixed.into_iter().chain(details).chain([("RequestId", request_id), ("HostId", request_id)])
    {
        text.push_str(&format!("<{name}>{}</{name}>", escape(value)));
    }
    text.push_str("</Error>");
    text.into()
}

fn element(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (value, _) = rest.split_once(&format!("</{name}>"))?;
    Some(unescape(value))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\r' => escaped.push_str("&#13;"),
            // What XML 1.0 cannot hold, even escaped.
            c if c < ' ' && c != '\n' && c != '\t' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let named =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    named.into_iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
