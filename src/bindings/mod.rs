//! What JavaScript sees: conversion, and nothing else.

#[cfg(any(feature = "uploader", feature = "signing", feature = "hash", feature = "server"))]
mod error;
#[cfg(feature = "hash")]
pub mod hash;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "signing")]
pub mod signing;
#[cfg(feature = "sums")]
pub mod sums;
#[cfg(feature = "uploader")]
pub mod uploader;

/// A sixth of the code of Rust's own allocator, and still of constant time:
/// 2.3 KB less for a page to load in each of these modules.
#[cfg(any(feature = "hash", feature = "sums", feature = "uploader"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
