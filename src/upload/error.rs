//! How answers become errors.

use crate::error::{Error, ErrorKind};

/// What the endpoint's `error` object says, of one item or of a whole call:
/// the driver hands on its members (`status` is the item's own, or else the
/// call's). 401 becomes [`Unauthenticated`](ErrorKind::Unauthenticated),
/// `grant_expired` [`Expired`](ErrorKind::Expired), `object_differs`
/// [`IntegrityMismatch`](ErrorKind::IntegrityMismatch), all else
/// [`Refused`](ErrorKind::Refused).
///
/// ```
/// use sealift::{ErrorKind, upload::item_error};
///
/// let error = item_error("size_refused", "at most 5 MB".into(), Some(413), false);
/// assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::Refused, "size_refused", Some(413)));
/// ```
#[must_use]
pub fn item_error(code: &str, message: String, status: Option<u16>, retryable: bool) -> Error {
    let kind = match (code, status) {
        ("unauthenticated", _) | (_, Some(401)) => ErrorKind::Unauthenticated,
        (GRANT_EXPIRED, _) => ErrorKind::Expired,
        ("object_differs", _) => ErrorKind::IntegrityMismatch,
        _ => ErrorKind::Refused,
    };
    let error = Error::new(kind, message).with_code(code).with_retryable(retryable);
    match status {
        Some(status) => error.with_status(status),
        None => error,
    }
}

pub(super) const GRANT_EXPIRED: &str = "grant_expired";
pub(super) const INTEGRITY_REFUSED: &str = "integrity_refused";
pub(super) const NOT_UPLOADED: &str = "not_uploaded";
pub(super) const TRANSPORT_REFUSED: &str = "transport_refused";
pub(super) const UNVERIFIED: &str = "integrity_unverified";
pub(super) const NO_SUCH_UPLOAD: &str = "NoSuchUpload";
pub(super) const FOREIGN_GRANT: &str = "grant_of_another_user";
pub(super) const TOO_MANY_FILES: &str = "too_many_files";

/// The grant is nobody's here any more: of another user, or of another key.
pub(super) fn is_foreign_grant(error: &Error) -> bool {
    matches!(error.code(), "grant_invalid" | FOREIGN_GRANT)
}

/// S3 took the bytes, but the page may not read the answer's ETag.
pub(super) fn missing_etag(status: u16) -> Error {
    Error::new(
        ErrorKind::MissingCorsHeader,
        "S3 took the file, but its answer shows no ETag: add ETag to ExposeHeaders in the bucket's CORS configuration",
    )
    .with_status(status)
}

pub(super) fn network() -> Error {
    Error::new(
        ErrorKind::Network,
        "no answer came from S3: the network failed, or the bucket's CORS configuration does not allow this page",
    )
    .with_retryable(true)
}

pub(super) fn stalled() -> Error {
    Error::new(ErrorKind::Timeout, "the transfer to S3 stood still for too long").with_retryable(true)
}

pub(super) fn call_timed_out() -> Error {
    Error::new(ErrorKind::Timeout, "the signing endpoint did not answer in time").with_retryable(true)
}

pub(super) fn missing_item() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the signing endpoint's answer does not fit what was asked")
}

pub(super) fn expired_on_arrival() -> Error {
    Error::new(ErrorKind::Expired, "the signature had expired when it arrived").with_retryable(true)
}

pub(super) fn differs() -> Error {
    Error::new(ErrorKind::IntegrityMismatch, "the object in the bucket is not the file that was sent")
}

/// S3 refused the signature of a chunk.
pub(super) fn chunk_differs(theirs: &Error) -> Error {
    let message = "S3 refused the bytes: they were changed on their way, or the file while it was sent";
    let error = Error::new(ErrorKind::IntegrityMismatch, message).with_status(403);
    match theirs.request_id() {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}

pub(super) fn unchecked() -> Error {
    Error::new(
        ErrorKind::IntegrityMismatch,
        "S3 keeps no checksums, so nothing shows that what it stored is what was sent: another integrity is needed",
    )
}

pub(super) fn file_changed() -> Error {
    Error::new(
        ErrorKind::FileChanged,
        "the file is not the one whose first parts were uploaded: it was changed",
    )
}

/// An answer of S3 that says no more than its status.
pub(super) fn bare_status(status: u16) -> Error {
    Error::new(ErrorKind::S3, "S3 refused the request").with_status(status)
}
