//! The upload engine: a state machine without I/O and without a clock.
//!
//! An [`Uploader`] owns the files that a page uploads. Whoever drives it hands
//! in what the user wants (`add`, `start`, `pause`, `resume`, `retry`, `abort`, `delete`)
//! and what happened ([`Uploader::handle_event`], [`Uploader::handle_timeout`]), each
//! with the time, and after each of these does what it asks for:
//!
//! 1. carry out every [`Action`] of [`poll_action`](Uploader::poll_action);
//! 2. show every [`Notice`] of [`poll_event`](Uploader::poll_event), and once per frame the
//!    uploads of [`poll_progress`](Uploader::poll_progress);
//! 3. set its one timer to [`poll_timeout`](Uploader::poll_timeout).
//!
//! A file's bytes never enter: actions name ranges. Every answer may come
//! late, twice or never.

mod action;
mod batch;
mod command;
mod config;
mod counts;
mod dispatch;
mod error;
mod event;
mod id;
mod machine;
mod network;
mod notice;
mod outcome;
mod pace;
mod phase;
mod plan;
mod progress;
mod retry;
mod schedule;
mod sorted;
mod state;
mod time;
mod uploader;

pub use action::{
    Action, DeleteKey, DeleteRequest, FileDescription, FinishRequest, GrantRequest, Intent, RequestContent,
    SignRequest, SignedRequest,
};
pub use config::{Config, Integrity};
pub use error::item_error;
pub use event::{Event, Grant, Renewal, Response, Signed, StoredObject};
pub use id::{AttemptId, CallId, HashId, UploadId};
pub use machine::Upload;
pub use notice::Notice;
pub use plan::{Plan, Transport};
pub use progress::Progress;
pub use state::State;
pub use time::Instant;
pub use uploader::Uploader;
