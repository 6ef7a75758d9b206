//! Every call has an id: the page's error shows it, the log has it.

use axum::extract::Request;
use http::{HeaderName, HeaderValue};
use tower_http::request_id::{MakeRequestId, RequestId};

/// The header that carries the id, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Makes the id of a call that came without one.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomId;

impl MakeRequestId for RandomId {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        let text = crate::secret::random_hex(12).ok()?;
        Some(RequestId::new(HeaderValue::try_from(text).ok()?))
    }
}

/// The id of a call, once [`RandomId`]'s layer has seen it.
#[must_use]
pub fn of<B>(request: &http::Request<B>) -> Option<String> {
    let id = request.extensions().get::<RequestId>()?;
    Some(id.header_value().to_str().ok()?.to_owned())
}

/// Keeps the id that a proxy in front has given, if it can stand in a log;
/// anything else is dropped, so that nobody writes lines into the log.
#[must_use]
pub fn drop_unfit(mut request: Request) -> Request {
    let fit = request.headers().get(HEADER).is_none_or(|value| {
        let bytes = value.as_bytes();
        (1..=64).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
    });
    if !fit {
        request.headers_mut().remove(HEADER);
    }
    request
}
