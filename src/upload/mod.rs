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
//! ```text
//! Uploader::new(config: Config, seed: u64) -> Uploader
//! add(file: FileDescription, now) -> UploadId          // queued, not started
//! start | pause | resume | retry | abort | delete (upload: UploadId, now) -> bool   // whether it changed anything
//! remove(upload) -> bool                               // forgets one that is settled
//! set_online… : handle_event(Event::Online | Event::Offline, now)
//! handle_event(event: Event, now: Instant)
//! handle_timeout(now: Instant)
//! poll_action(&mut self) -> Option<Action>
//! poll_event(&mut self) -> Option<Notice>
//! poll_progress(&mut self) -> Option<UploadId>         // whose progress changed since it was last named
//! poll_timeout(&self) -> Option<Instant>
//! upload(&self, upload) -> Option<&Upload>             // .state() .file() .error() .object() .attempts()
//! progress(&self, upload, now) -> Option<Progress> ; total_progress(&self, now) -> Progress
//! ```
//!
//! A file's bytes never enter: actions name ranges. Every answer may come
//! late, twice or never.

mod action;
mod config;
mod error;
mod event;
mod id;
mod notice;
mod plan;
mod progress;
mod state;
mod time;

pub use action::{
    Action, DeleteKey, DeleteRequest, FileDescription, FinishRequest, GrantRequest, Intent, RequestContent,
    SignRequest, SignedRequest,
};
pub use config::{Config, Integrity};
pub use error::item_error;
pub use event::{Event, Grant, Response, StoredObject};
pub use id::{AttemptId, CallId, HashId, UploadId};
pub use notice::Notice;
pub use plan::{Plan, Transport};
pub use progress::Progress;
pub use state::State;
pub use time::Instant;
