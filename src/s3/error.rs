//! What S3 says when it refuses
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).

use crate::error::{Error, ErrorKind};
use crate::s3::Response;
use crate::s3::xml;
use crate::time::Timestamp;

/// The error in an answer: S3's code and message from its `<Error>` document,
/// the request id from there or from `x-amz-request-id`. An answer without
/// such a document (HEAD has none, a proxy sends its own) is told by its status.
#[must_use]
pub fn parse(response: &Response) -> Error {
    let body = std::str::from_utf8(&response.body).unwrap_or_default();
    parse_body(response.status, body, response.header("x-amz-request-id"))
}

/// As [`parse`], from the parts of an answer that it reads.
#[must_use]
pub fn parse_body(status: u16, body: &str, request_id: Option<&str>) -> Error {
    match ErrorDocument::parse(body.as_bytes()) {
        Some(document) => {
            let request_id = document.request_id.as_deref().or(request_id);
            error(&document.code, &document.message, status, request_id)
        }
        None => error(code_of_status(status), "", status, request_id),
    }
}

/// An `<Error>` document of S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorDocument {
    /// S3's code, e.g. `SlowDown`.
    pub code: String,
    /// S3's sentence; may be empty.
    pub message: String,
    /// `RequestId`, where it is given.
    pub request_id: Option<String>,
    server_time: Option<String>,
}

impl ErrorDocument {
    /// Reads a body; `None` if it is no `<Error>` document with a code.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let root = xml::parse(std::str::from_utf8(body).ok()?).ok()?;
        if root.name() != "Error" {
            return None;
        }
        let text = |name| root.child_text(name).map(str::trim).filter(|text| !text.is_empty());
        Some(Self {
            code: text("Code")?.to_owned(),
            message: text("Message").unwrap_or_default().to_owned(),
            request_id: text("RequestId").map(str::to_owned),
            server_time: text("ServerTime").map(str::to_owned),
        })
    }

    /// `ServerTime`, with `RequestTimeTooSkewed`: what S3's clock says.
    #[must_use]
    pub fn server_time(&self) -> Option<Timestamp> {
        // When asked for only: the uploader's wasm needs no parser of dates.
        Timestamp::parse(self.server_time.as_deref()?).ok()
    }
}

/// Whether the same request, signed afresh, may succeed. Throttling, faults of
/// the server and of the connection, races, and clocks (a fresh signature has
/// a fresh date) are; refusals are not.
///
/// A code that S3 is known to use decides alone; for any other the status does.
#[must_use]
pub fn is_retryable(code: &str, status: u16) -> bool {
    const RETRYABLE: [&str; 16] = [
        "InternalError",
        "SlowDown",
        "ServiceUnavailable",
        "Busy",
        "RequestTimeout",
        "RequestTimeTooSkewed",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "ThrottlingException",
        "Throttling",
        "TooManyRequests",
        "OperationAborted",
        "ConditionalRequestConflict",
        "IncompleteBody",
        "BadDigest",
        "XAmzContentSHA256Mismatch",
    ];
    RETRYABLE.contains(&code) || matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

fn error(code: &str, message: &str, status: u16, request_id: Option<&str>) -> Error {
    // Put together by hand: `format!` would be all of `core::fmt` in the uploader's wasm.
    let separator = if message.is_empty() { "" } else { ": " };
    let text = ["S3 answered ", &status.to_string(), " ", code, separator, message].concat();
    let error = Error::new(ErrorKind::S3, text)
        .with_code(code)
        .with_status(status)
        .with_retryable(is_retryable(code, status));
    match request_id {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}

/// S3's usual code for a status that comes without a document.
const fn code_of_status(status: u16) -> &'static str {
    match status {
        301 => "PermanentRedirect",
        304 => "NotModified",
        307 => "TemporaryRedirect",
        400 => "BadRequest",
        403 => "AccessDenied",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        408 => "RequestTimeout",
        409 => "Conflict",
        411 => "MissingContentLength",
        412 => "PreconditionFailed",
        413 => "EntityTooLarge",
        416 => "InvalidRange",
        429 => "TooManyRequests",
        500 => "InternalError",
        501 => "NotImplemented",
        503 => "ServiceUnavailable",
        _ => "UnknownError",
    }
}
