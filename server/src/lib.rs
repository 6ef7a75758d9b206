//! The signing backend of Sealift. The rules are in [`sealift::endpoint`] and
//! do no I/O; here is what surrounds them:
//!
//! - [`config`]: file, environment and flags, checked;
//! - [`auth`], [`origin`]: who may call, and from which pages;
//! - [`app`]: what calls share; [`router`], [`routes`]: the protocol over HTTP;
//!   [`ports`]: what its [service](sealift::endpoint::service) reaches the world by;
//! - [`s3_client`], [`clock`]: the server's own calls to S3, and S3's time;
//! - [`hook_client`]: the app's webhook; [`http_client`]: what it and S3 are reached by;
//! - [`sweep`]: what nobody kept;
//! - [`embedded`]: the S3 that comes along for development;
//! - [`statics`], [`pages`]: the demo's files and its plain form;
//! - [`doctor`]: whether bucket, keys and configuration fit;
//! - [`explain`]: why S3 refused a signature, as a command;
//! - [`hosts`]: which environment a call is for; [`limiter`]: how much a user may do;
//! - [`credentials`], [`http_client`]: keys that are replaced before they expire;
//!   [`sts`]: keys for pages that sign by themselves;
//! - [`metrics`], [`readiness`]: for those who watch it;
//! - [`serve`], [`write_timeout`]: connections, and the end of them.

pub mod app;
pub mod auth;
pub mod body;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod doctor;
pub mod embedded;
pub mod error;
pub mod explain;
pub mod hook_client;
pub mod hosts;
pub mod http_client;
pub mod limiter;
pub mod metrics;
pub mod openapi;
pub mod origin;
pub mod pages;
pub mod ports;
pub mod readiness;
pub mod request_id;
pub mod router;
pub mod routes;
pub mod s3_client;
pub mod secret;
pub mod serve;
pub mod statics;
pub mod sts;
pub mod sweep;
pub mod write_timeout;

mod server;

pub use server::Server;
