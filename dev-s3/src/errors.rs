//! S3's errors for what goes wrong inside.

use std::error::Error as StdError;
use std::io;

use hyper::StatusCode;
use s3s::stream::aws_chunked_stream::AwsChunkedStreamError;
use s3s::stream::upload_stream::UploadStreamError;
use s3s::{BodySizeLimitExceeded, S3Error, S3ErrorCode, s3_error};

use crate::http::framing::FramingError;

/// An error whose code s3s does not know.
pub(crate) fn custom(code: &'static str, status: StatusCode, message: &'static str) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(status);
    error
}

/// What a body that failed while it was read means to its sender.
pub(crate) fn body_error(error: &(dyn StdError + Send + Sync + 'static)) -> S3Error {
    if let Some(error) = error.downcast_ref::<UploadStreamError>() {
        match error {
            UploadStreamError::Sha256Mismatch => {
                return custom(
                    "XAmzContentSHA256Mismatch",
                    StatusCode::BAD_REQUEST,
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                );
            }
            UploadStreamError::Underlying(inner) => return body_error(&**inner),
            UploadStreamError::LengthMismatch | UploadStreamError::Incomplete => {}
        }
    }
    if let Some(error) = error.downcast_ref::<AwsChunkedStreamError>() {
        match error {
            AwsChunkedStreamError::SignatureMismatch => {
                return s3_error!(
                    SignatureDoesNotMatch,
                    "The signature of a chunk or of the trailer does not match what was computed."
                );
            }
            AwsChunkedStreamError::Underlying(inner) => return body_error(&**inner),
            AwsChunkedStreamError::ChunkMetaTooLarge(..) | AwsChunkedStreamError::ChunkDataTooLarge(..) => {
                return s3_error!(EntityTooLarge, "A chunk is larger than this server takes.");
            }
            _ => {}
        }
    }
    if let Some(FramingError::ChunkTooSmall) = error.downcast_ref::<FramingError>() {
        return custom(
            "InvalidChunkSizeError",
            StatusCode::FORBIDDEN,
            "Only the last chunk is allowed to have a size less than 8192 bytes",
        );
    }
    if error.is::<BodySizeLimitExceeded>() {
        return s3_error!(EntityTooLarge);
    }
    s3_error!(
        IncompleteBody,
        "You did not provide the number of bytes specified by the Content-Length HTTP header"
    )
}

/// The disk's own failures.
pub(crate) fn io_error(error: io::Error) -> S3Error {
    s3_error!(error, InternalError)
}
