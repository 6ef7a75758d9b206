//! The queue: it owns the machines of all files, and gives them connections,
//! readers and shared calls.

use super::action::{Action, FileDescription};
use super::batch::Batcher;
use super::concurrency::Concurrency;
use super::config::Config;
use super::counts::Counts;
use super::error;
use super::event::Event;
use super::id::UploadId;
use super::known::Known;
use super::machine::{Context, Lane, Places, Upload};
use super::network::Network;
use super::notice::Notice;
use super::phase::Phase;
use super::priority::Priority;
use super::progress::{Progress, Speedometer};
use super::retry::{Backoff, Random};
use super::snapshot::{SavedPart, SavedUpload};
use super::sorted::{SortedMap, SortedSet};
use super::state::State;
use super::time::Instant;
use std::collections::VecDeque;

/// All uploads of a page. See the [module](super) for how it is driven.
pub struct Uploader {
    pub(super) config: Config,
    pub(super) random: Random,
    next_upload: u32,
    pub(super) uploads: SortedMap<UploadId, Box<Upload>>,
    /// Every upload that waits for something of the queue's, in the order in
    /// which it is served: by lane, then by its rank there (timers: the moment), then as added.
    pub(super) order: SortedSet<(Lane, u64, UploadId)>,
    pub(super) counts: Counts,
    /// Those of which all is being sent in one request.
    pub(super) sending: Vec<UploadId>,
    pub(super) batcher: Batcher,
    pub(super) limit: Concurrency,
    /// How many requests to S3 were begun.
    pub(super) turn: u64,
    /// What went to the reader last was a part.
    pub(super) read_a_part: bool,
    pub(super) server: Known,
    pub(super) network: Network,
    pub(super) call_backoff: Backoff,
    pub(super) speed: Speedometer,
    pub(super) actions: VecDeque<Action>,
    notices: VecDeque<Notice>,
    reported: SortedMap<UploadId, State>,
    pub(super) touched: SortedSet<UploadId>,
    moved: SortedSet<UploadId>,
}

/// What of a machine the queue goes by, before a change.
struct Before {
    loaded: (u64, u64, bool),
    flights: usize,
}

impl Uploader {
    /// An empty queue. `seed` spreads the waits between tries: give each page
    /// another one, so that thousands of pages do not come back at once.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        let config = config.clamped();
        Self {
            batcher: Batcher::new(&config),
            limit: Concurrency::new(config.concurrency),
            turn: 0,
            read_a_part: false,
            server: Known::default(),
            network: Network::new(config.offline_probe_ms),
            config,
            random: Random::new(seed),
            next_upload: 0,
            uploads: SortedMap::new(),
            order: SortedSet::new(),
            counts: Counts::default(),
            sending: Vec::new(),
            call_backoff: Backoff::new(),
            speed: Speedometer::new(),
            actions: VecDeque::new(),
            notices: VecDeque::new(),
            reported: SortedMap::new(),
            touched: SortedSet::new(),
            moved: SortedSet::new(),
        }
    }

    /// Takes a file in, as [`Queued`](State::Queued); nothing happens before [`start`](Self::start).
    pub fn add(&mut self, file: FileDescription) -> UploadId {
        self.insert(file, Phase::Added)
    }

    /// Takes a file in whose upload was under way when its page went, with what
    /// its driver kept of it ([`Action::Save`]). [`start`](Self::start) goes on
    /// with it; if it was being aborted, `start` ends in [`Aborted`](State::Aborted),
    /// after the deletion. The file must be the same: that is checked before
    /// anything of it is put together ([`FileChanged`](crate::ErrorKind::FileChanged)).
    pub fn add_saved(
        &mut self,
        file: FileDescription,
        saved: SavedUpload,
        parts: Vec<SavedPart>,
    ) -> UploadId {
        self.insert(file, Phase::Saved(Box::new((saved, parts))))
    }

    fn insert(&mut self, file: FileDescription, phase: Phase) -> UploadId {
        let id = UploadId(self.next_upload);
        self.next_upload += 1;
        let upload = Box::new(Upload::new(id, file, phase, &self.config));
        self.counts.add(&upload);
        self.uploads.insert(id, upload);
        self.reported.insert(id, State::Queued);
        id
    }

    /// Lets an added upload take its turn.
    ///
    /// Like all commands it says whether it did anything: an unknown id, or a
    /// state that the command does not fit, is no error.
    pub fn start(&mut self, upload: UploadId, now: Instant) -> bool {
        self.command(upload, now, |upload, cx| upload.start(cx))
    }

    /// Changes when an upload's turn comes. What is in flight stays so.
    pub fn set_priority(&mut self, upload: UploadId, priority: Priority, now: Instant) -> bool {
        self.command(upload, now, |upload, _| {
            std::mem::replace(&mut upload.file.priority, priority) != priority
        })
    }

    /// Cancels what is in flight and starts nothing more for it. What was sent
    /// of a PUT, a form or a part is lost: [`resume`](Self::resume) sends it again,
    /// unless it turns out to have arrived whole. Parts that S3 has stay.
    pub fn pause(&mut self, upload: UploadId, now: Instant) -> bool {
        self.command(upload, now, Upload::pause)
    }

    /// Goes on after [`pause`](Self::pause).
    pub fn resume(&mut self, upload: UploadId, now: Instant) -> bool {
        self.command(upload, now, |upload, _| upload.resume())
    }

    /// Goes on from [`Failed`](State::Failed), where it failed, with all tries
    /// again; makes one that waits for its next try take it now.
    pub fn retry(&mut self, upload: UploadId, now: Instant) -> bool {
        self.command(upload, now, |upload, cx| upload.retry(cx))
    }

    /// Gives an upload up. What is in flight is cancelled; if anything of it
    /// may have reached S3, the endpoint is asked to delete the object and what
    /// there is of a multipart upload (state
    /// [`Deleting`](State::Deleting)), a little later, so that what was still on
    /// its way is caught, and until it has done so or all tries are used up
    /// ([`Notice::LeftBehind`]): what is saved of it then stays saved, unless the
    /// endpoint refused for good. It ends as [`Aborted`](State::Aborted).
    /// Not for what is done: that can be [deleted](Self::delete).
    pub fn abort(&mut self, upload: UploadId, now: Instant) -> bool {
        self.command(upload, now, Upload::abort)
    }

    /// Deletes the object of an upload that is [`Done`](State::Done), by its
    /// receipt. If that fails it is [`Failed`](State::Failed), and [`retry`](Self::retry) tries the
    /// deletion again.
    pub fn delete(&mut self, upload: UploadId, now: Instant) -> bool {
        self.command(upload, now, |upload, cx| upload.delete(cx))
    }

    /// Forgets an upload that is settled ([`State::is_settled`]) or was never started.
    pub fn remove(&mut self, upload: UploadId) -> bool {
        let removable =
            self.uploads.get(&upload).is_some_and(|it| it.state(true).is_settled() || it.is_unstarted());
        if removable {
            if let Some(upload) = self.uploads.remove(&upload) {
                self.counts.take(&upload);
            }
            self.reported.remove(&upload);
            self.moved.remove(&upload);
        }
        removable
    }

    /// Something happened outside.
    pub fn handle_event(&mut self, event: Event, now: Instant) {
        self.apply(event, now);
        self.work(now);
    }

    /// The time of [`poll_timeout`](Self::poll_timeout) has come. Called early or
    /// for nothing, it does no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.work(now);
    }

    /// The next thing to do. Take all of them, at once, after each call that
    /// takes the time.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The next thing that the owner wants to know.
    pub fn poll_event(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// An upload whose progress changed since it was last named here. Ask once
    /// a frame: however many events came, each upload is named once.
    pub fn poll_progress(&mut self) -> Option<UploadId> {
        self.moved.pop_first()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), if nothing happens
    /// before; `None` when only an event can move anything.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let timer = self.first_of(Lane::Timer).map(|(at, _)| Instant::from_millis(at));
        [timer, self.next_call_timeout(), self.network.next_timeout(self.wants_network())]
            .into_iter()
            .flatten()
            .min()
    }

    /// An upload, for its state, error and object.
    #[must_use]
    pub fn upload(&self, upload: UploadId) -> Option<&Upload> {
        self.uploads.get(&upload).map(Box::as_ref)
    }

    /// The state of an upload.
    #[must_use]
    pub fn state(&self, upload: UploadId) -> Option<State> {
        Some(self.uploads.get(&upload)?.state(self.network.is_online()))
    }

    /// How far an upload is.
    #[must_use]
    pub fn progress(&self, upload: UploadId, now: Instant) -> Option<Progress> {
        Some(self.uploads.get(&upload)?.progress(now))
    }

    /// How far all uploads together are; those aborted and deleted do not count.
    #[must_use]
    pub fn total_progress(&self, now: Instant) -> Progress {
        let speed = if self.counts.flights > 0 { self.speed.rate(now) } else { 0.0 };
        self.counts.progress(speed)
    }

    /// Runs something on one machine, and keeps the order and the tallies.
    pub(super) fn with<T>(
        &mut self,
        id: UploadId,
        now: Instant,
        act: impl FnOnce(&mut Upload, &mut Context) -> T,
    ) -> Option<T> {
        let (mut act, mut outcome) = (Some(act), None);
        self.with_any(id, now, &mut |upload, cx| outcome = act.take().map(|act| act(upload, cx)));
        outcome
    }

    /// All of [`with`](Self::with) that need not be compiled for each of them.
    fn with_any(&mut self, id: UploadId, now: Instant, act: &mut dyn FnMut(&mut Upload, &mut Context)) {
        let Some(upload) = self.uploads.get_mut(&id) else { return };
        let before = Before { loaded: upload.loaded(), flights: self.counts.flights };
        self.counts.take(upload);
        let mut cx = Context {
            now,
            config: &self.config,
            random: &mut self.random,
            online: self.network.is_online(),
            measured: self.speed.rate(now),
            turn: self.turn,
            limit: &mut self.limit,
            server: &mut self.server,
            actions: &mut self.actions,
            notices: &mut self.notices,
        };
        act(upload, &mut cx);
        if !upload.reads_parts() {
            upload.stop_reading(&mut cx);
        }
        self.changed(id, &before, now);
    }

    /// What [`with`](Self::with) does after every change.
    fn changed(&mut self, id: UploadId, before: &Before, now: Instant) {
        let Some(upload) = self.uploads.get_mut(&id) else { return };
        self.counts.add(upload);
        if upload.loaded() != before.loaded {
            self.moved.insert(id);
        }
        let sends = upload.is_sending();
        let places = upload.wanted_places(&self.config);
        let had = std::mem::replace(&mut upload.places, places);
        if had != places {
            self.moved_places(id, &had, &places, now);
        }
        if before.flights == 0 && self.counts.flights > 0 {
            self.speed.start(now);
            self.limit.woke(now);
        }
        match self.sending.iter().position(|it| *it == id) {
            None if sends => self.sending.push(id),
            Some(index) if !sends => {
                self.sending.swap_remove(index);
            }
            _ => {}
        }
        self.touched.insert(id);
    }

    fn moved_places(&mut self, id: UploadId, had: &Places, has: &Places, now: Instant) {
        for lane in Lane::ALL {
            let (old, new) = (had.get(lane), has.get(lane));
            if old == new {
                continue;
            }
            if let Some(rank) = old {
                self.order.remove(&(lane, rank, id));
                self.batcher.left(lane);
            }
            if let Some(rank) = new {
                self.order.insert((lane, rank, id));
                self.batcher.entered(lane, now);
            }
        }
    }

    fn command(
        &mut self,
        id: UploadId,
        now: Instant,
        act: impl FnOnce(&mut Upload, &mut Context) -> bool,
    ) -> bool {
        let acted = self.with(id, now, act).unwrap_or(false);
        self.work(now);
        acted
    }

    /// Lets time pass and gives out all there is to give.
    fn work(&mut self, now: Instant) {
        while let Some(call) = self.batcher.take_overdue(now, self.config.call_timeout_ms) {
            self.actions.push_back(Action::CancelCall { call: call.id });
            self.call_failed(call, &error::call_timed_out(), None, now);
        }
        while let Some((at, id)) = self.first_of(Lane::Timer)
            && at <= now.millis()
        {
            self.with(id, now, Upload::timeout);
        }
        self.network.tick(now, self.wants_network());
        self.schedule(now);
        for id in self.touched.take() {
            self.report(id);
        }
    }

    fn report(&mut self, id: UploadId) {
        let Some(state) = self.state(id) else { return };
        if self.reported.insert(id, state) != Some(state) {
            self.notices.push_back(Notice::State { upload: id, state });
        }
    }
}
