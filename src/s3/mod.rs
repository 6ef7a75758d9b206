//! S3: addressing, operations, errors.
