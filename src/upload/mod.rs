//! The upload engine: a state machine without I/O and without a clock.
//!
//! An [`Uploader`] owns the files that a page uploads. Whoever drives it hands
//! in what the user wants (`add`, `start`, `pause`, `resume`, `retry`, `abort`, `delete`,
//! `set_priority`; `add_saved` after a reload) and what happened ([`Uploader::handle_event`], [`Uploader::handle_timeout`]), each
//! with the time, and after each of these does what it asks for:
//!
//! 1. carry out every [`Action`] of [`poll_action`](Uploader::poll_action);
//! 2. show every [`Notice`] of [`poll_event`](Uploader::poll_event), and once per frame the
//!    uploads of [`poll_progress`](Uploader::poll_progress);
//! 3. set its one timer to [`poll_timeout`](Uploader::poll_timeout).
//!
//! A file's bytes never enter: actions name ranges. Every answer may come
//! late, twice or never.
//!
//! ```
//! use sealift::upload::{Action, Config, FileDescription, Instant, Integrity, State, Uploader};
//!
//! let mut uploader = Uploader::new(Config { integrity: Integrity::None, ..Config::default() }, 42);
//! let upload = uploader.add(FileDescription { name: "a.txt".into(), size: 3, ..FileDescription::default() });
//! let now = Instant::from_millis(0);
//! assert!(uploader.start(upload, now));
//! // It waits a moment for others to share its call.
//! assert_eq!(uploader.poll_action(), None);
//! let later = uploader.poll_timeout().expect("a timer");
//! uploader.handle_timeout(later);
//! assert!(matches!(uploader.poll_action(), Some(Action::CreateGrants { .. })));
//! assert_eq!(uploader.state(upload), Some(State::Signing));
//! ```
//!
//! # What always holds
//! - Each attempt has a fresh id and a fresh signature, which is not sent after
//!   its expiry, counted from when it was asked for; answers that carry an id
//!   no longer under way are dropped.
//! - No more requests to S3 are under way than [`Config::concurrency`], no more
//!   readings than [`Config::hashes`].
//! - Progress never passes the size, is whole only when the upload is done, and
//!   falls only when an attempt is thrown away.
//! - Parts are put together when S3 has every one of them: all are listed once,
//!   in order, each with the ETag that S3 answered for it.
//! - What S3 had before the page was loaded is compared with its list, and read
//!   again from the file, before anything is put together or taken for done.
//! - An upload whose answer was lost, that S3 answers with 412, or that S3 does
//!   not know any more is looked for ([`Action::Finish`]) before anything of it is
//!   sent again.
//! - Nothing is left in the bucket by what was aborted or started over, but
//!   what a [`Notice::LeftBehind`] names.
//! - Failing at the same place ends: tries are given back only for getting
//!   farther than ever, or by the caller's [`retry`](Uploader::retry). Having no
//!   network costs none.
//!
//! # Where to look
//! `uploader` is the queue, with `dispatch` (which machine an event belongs to),
//! `schedule` (who gets a connection, a reader or a place in a call), `batch`,
//! `network` and `concurrency`. `machine` is the machine of one file; `phase` says
//! what it can be doing, `begin` what it begins, `command` what its owner asks of
//! it, `outcome` what it makes of the endpoint's answers and `replies` of S3's, by
//! the classes of `retry`, the deadlines of `pace` and the budget of `tries`;
//! `chunks` is what is different where each chunk is signed, `known` what turned out about the server.
//! `parts` is all that a file in parts has besides: which part stands where, which
//! signatures are asked for, and what a reload left. The properties above are
//! checked at every step of a hundred thousand seeded worlds by
//! `tests/upload_simulation`.

mod action;
mod batch;
mod begin;
mod chunks;
mod command;
mod concurrency;
mod config;
mod counts;
mod digest;
mod dispatch;
mod error;
mod event;
mod id;
mod known;
mod machine;
mod network;
mod notice;
mod outcome;
mod pace;
mod parts;
mod phase;
mod plan;
mod priority;
mod progress;
mod replies;
mod retry;
mod schedule;
mod snapshot;
mod sorted;
mod state;
mod time;
mod tries;
mod uploader;

pub use action::{
    Action, CompletedPart, DeleteKey, DeleteRequest, FileDescription, FinishRequest, GrantRequest, Intent,
    RequestContent, SignRequest, SignedChunks, SignedRequest,
};
pub use config::{Config, Integrity};
pub use digest::{Algorithms, Digest};
pub use error::item_error;
pub use event::{Event, Grant, Renewal, Response, Signed, StoredObject};
pub use id::{AttemptId, CallId, HashId, UploadId};
pub use machine::Upload;
pub use notice::{Feature, Notice};
pub use plan::{Plan, Transport};
pub use priority::Priority;
pub use progress::Progress;
pub use snapshot::{Saved, SavedPart, SavedUpload};
pub use state::State;
pub use time::Instant;
pub use uploader::Uploader;
