//! A small S3 for development and tests: it verifies what S3 verifies, refuses
//! what S3 refuses, and fails on demand. It is no product: one key, no access
//! control, no replication, no promise about the format on disk.
//!
//! Protocol, signatures and chunk decoding are those of the crate `s3s`; storage,
//! checksums, CORS, error documents and faults are here.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use sealift_dev_s3::{DevS3, DevS3Config, Fault, FaultKind};
//!
//! let mut config = DevS3Config::new("buckets", "AKIDEXAMPLE", "a secret of your own");
//! config.buckets.push("photos".to_owned());
//! let s3 = DevS3::new(config)?;
//! s3.faults().inject(Fault::new("PutObject", 2, FaultKind::Reset));
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! s3.serve(listener, std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod checksum;
mod config;
mod errors;
mod faults;
mod http;
mod ops;
mod requests;
mod server;
mod store;

pub use config::DevS3Config;
pub use faults::{Fault, FaultKind, Faults};
pub use requests::{RequestRecord, Requests};
pub use server::DevS3;
