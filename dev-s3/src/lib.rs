//! A small S3 for development and tests.
