//! Refusals over HTTP: `{"error":{"code","message","retryable","requestId"}}`.

use std::borrow::Cow;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use sealift::endpoint::Refusal;
use sealift::endpoint::protocol::ItemError;
use sealift::endpoint::service::NoRoute;
use serde_json::json;

use crate::request_id;

/// Why a whole call was refused. Its message is for people and never holds a
/// secret, a token or a signed URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    retryable: bool,
    retry_after: Option<u32>,
}

impl ApiError {
    /// A refusal that the same call, tried again, meets again.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: code.into(), message: message.into(), retryable: false, retry_after: None }
    }

    /// Says that the same call, tried again, may succeed.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// The body or its content type is not what the call takes.
    pub fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed_request", message)
    }

    /// Who calls is not known, or no longer.
    pub fn unauthenticated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", message)
    }

    /// Whoever knows the users does not answer, so nobody is let in.
    #[must_use]
    pub fn auth_unavailable() -> Self {
        let message = "the app's login does not answer this server";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "auth_unavailable", message).retryable()
    }

    /// No environment answers under this `Host`.
    #[must_use]
    pub fn unknown_host() -> Self {
        let message = "this server does not answer under this host name";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "unknown_host", message)
    }

    /// No call has this path.
    #[must_use]
    pub fn not_found() -> Self {
        NoRoute::NotFound.into()
    }

    /// The body is larger than the configuration allows.
    #[must_use]
    pub fn body_too_large() -> Self {
        let message = "the body is larger than this server takes in one call; send fewer files at once";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
    }

    /// The fault is the server's; what it was stands in the log, not here.
    #[must_use]
    pub fn internal() -> Self {
        let message = "the server failed; its log says why under this request id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message).retryable()
    }

    /// The machine-readable name, in snake case.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// A sentence for a person.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether the same call, tried again, may succeed.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        self.retryable
    }

    /// With another status: some clients make too much of the right one.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// What axum and tower-http answer by themselves (in plain text, or with
    /// nothing at all), in the words of this API.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => NoRoute::MethodNotAllowed.into(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::body_too_large(),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => {
                Self::new(status, "timeout", "the call took too long").retryable()
            }
            status if status.is_server_error() => Self { status, ..Self::internal() },
            status => Self { status, ..Self::malformed("the call cannot be understood") },
        }
    }

    fn render(&self, request_id: Option<&str>) -> Response {
        let body = json!({ "error": {
            "code": self.code, "message": self.message, "retryable": self.retryable, "requestId": request_id,
        }});
        let mut response = (self.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let usual = (self.status == StatusCode::SERVICE_UNAVAILABLE).then_some(1);
        if let Some(seconds) = self.retry_after.or(usual) {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let retry_after = refusal.retry_after();
        Self { retry_after, ..Self::from(ItemError::from(refusal)) }
    }
}

impl From<NoRoute> for ApiError {
    fn from(none: NoRoute) -> Self {
        let status = StatusCode::from_u16(none.status()).unwrap_or(StatusCode::NOT_FOUND);
        Self::new(status, none.code(), none.message())
    }
}

impl From<ItemError> for ApiError {
    fn from(error: ItemError) -> Self {
        Self {
            status: StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: error.code.into(),
            message: error.message.into(),
            retryable: error.retryable,
            retry_after: None,
        }
    }
}

/// The code of a rendered refusal, for whoever counts them.
#[derive(Clone, Debug)]
pub struct Refused(pub Cow<'static, str>);

/// Only marks the answer: [`as_json`] writes the body, since it knows the
/// request's id.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware around the API: whatever refuses in there, a handler, a limit or
/// the router, the page gets typed JSON with the request's id.
pub async fn as_json(request: Request, next: Next) -> Response {
    let request_id = request_id::of(&request);
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        None if is_written(&response) => return response,
        None => ApiError::of_status(status),
    };
    let mut rendered = error.render(request_id.as_deref());
    rendered.extensions_mut().insert(Refused(error.code.clone()));
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE
            && name != http::header::CONTENT_LENGTH
            && !rendered.headers().contains_key(name)
        {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    rendered
}

/// Whether a handler has already said what is wrong, as JSON or on a page.
fn is_written(response: &Response) -> bool {
    let written = |kind: &[u8]| kind.starts_with(b"application/json") || kind.starts_with(b"text/html");
    response.headers().get(CONTENT_TYPE).is_some_and(|value| written(value.as_bytes()))
}
