//! What stands between the socket and s3s.

mod body;
pub(crate) mod connection;
pub(crate) mod cors;
mod dev_api;
mod digests;
mod document;
mod explain;
pub(crate) mod framing;
pub(crate) mod precheck;
mod refine;
pub(crate) mod service;
pub(crate) mod target;
mod truncate;
