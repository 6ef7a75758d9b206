//! S3's own limits
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>).

/// Largest object that one PUT or one POST form can store: 5 GiB.
pub const MAX_SINGLE_REQUEST_SIZE: u64 = 5 * 1024 * 1024 * 1024;

/// Most parts of an object.
pub const MAX_PARTS: u16 = 10_000;

/// Smallest part but for the last: 5 MiB.
pub const MIN_PART_SIZE: u64 = 5 * 1024 * 1024;

/// Largest part: 5 GiB.
pub const MAX_PART_SIZE: u64 = 5 * 1024 * 1024 * 1024;

/// Largest object: 48.8 TiB, in 10,000 parts of 5 GiB.
pub const MAX_OBJECT_SIZE: u64 = 10_000 * MAX_PART_SIZE;

/// Longest object key, in bytes of UTF-8.
pub const MAX_KEY_BYTES: usize = 1024;

/// Names and values of an object's user metadata together, in bytes.
pub const MAX_METADATA_BYTES: usize = 2048;

/// How far the date of a signature may lie from S3's clock, in seconds; after
/// that a header-signed request is refused with `RequestTimeTooSkewed`.
pub const SIGNATURE_WINDOW_SECONDS: i64 = 900;
