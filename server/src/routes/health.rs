//! `GET /healthz`

use http::header::{CONTENT_TYPE, HeaderName};

/// The process answers; whether S3 does is seen in the calls themselves.
pub async fn healthz() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#)
}
