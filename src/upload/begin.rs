//! What a machine begins when the queue lets it, and where it goes on.

use super::action::{Action, DeleteKey, DeleteRequest, GrantRequest, Intent, SignRequest};
use super::chunks;
use super::config::Integrity;
use super::digest::Digest;
use super::error;
use super::id::{AttemptId, CallId, HashId};
use super::machine::{Context, Requests, Upload};
use super::notice::Feature;
use super::pace;
use super::phase::{Attempt, CallStep, Granted, Phase, Place, Ready, Step, Then, What, Why};
use super::plan::{Plan, Transport};
use super::snapshot::{Saved, SavedUpload};

/// A lost attempt whose reported bytes come closer to the end than this may
/// have been received whole: progress is reported every 50 ms only.
const PROGRESS_LAG: u64 = 16 << 20;

/// So many forms of a file that came to nothing, before any was stored, are
/// taken to mean that the server knows none.
const VAIN_FORMS: u8 = 2;

impl Upload {
    /// The queue has room for a reading.
    pub(super) fn begin_hash(&mut self, cx: &mut Context) {
        let number = self.next_reading();
        let stored = match self.take() {
            Phase::Pending(Step::Hash { stored }) => stored,
            _ => None,
        };
        let (algorithms, chunk_size) = match &stored {
            Some(granted) => (granted.integrity.algorithms(), granted.chunk_size),
            None => (self.needed(self.transport(cx), cx), None),
        };
        if !algorithms.any() {
            // It was to go as a form when it was queued.
            self.phase = Phase::Pending(self.first_step(cx));
            return;
        }
        self.phase = Phase::Hashing { number, stored };
        cx.actions.push_back(Action::Hash {
            hash: HashId { upload: self.id, number },
            upload: self.id,
            range: 0..self.file.size,
            algorithms,
            chunk_size,
        });
    }

    /// The queue has a connection. Whether a request was begun with it: a
    /// signature that is too old is replaced instead.
    pub(super) fn begin_send(&mut self, cx: &mut Context) -> bool {
        let ready = match self.take() {
            Phase::Pending(Step::Send(ready)) => ready,
            other => {
                let transfers = matches!(other, Phase::Transfer(_));
                self.phase = other;
                return transfers && self.begin_part(cx);
            }
        };
        let Ready { granted, what, request, usable_until } = *ready;
        if cx.now >= usable_until {
            self.phase = Phase::Pending(Step::sign(granted, what));
            return false;
        }
        self.attempts += 1;
        let (number, size) = (self.attempts, self.file.size);
        let (body, deadline) = match what {
            What::Whole => (0..size, pace::deadline(granted.plan, 0, size, cx.measured, cx.config, cx.now)),
            What::Complete => (0..0, pace::completed_by(size, cx.config, cx.now)),
            What::Create | What::List { .. } => (0..0, cx.now.after(cx.config.stall_ms)),
        };
        if what == What::Complete
            && let Some(parts) = self.parts.as_mut()
        {
            parts.composite.clone_from(&request.composite_sha256);
        }
        self.turn = cx.turn;
        self.speed.start(cx.now);
        self.phase = Phase::Sending(Attempt { granted, what, number, sent: 0, deadline });
        cx.actions.push_back(Action::Send { attempt: AttemptId { upload: self.id, number }, request, body });
        true
    }

    /// The queue has a place in a call. Whether it was taken.
    pub(super) fn begin_call(&mut self, call: CallId, requests: &mut Requests, cx: &mut Context) -> bool {
        let room = match requests.intents {
            // A renewal and what it is for go into any call.
            0 => cx.config.intents_per_call.max(2),
            some => cx.config.intents_per_call.saturating_sub(some),
        };
        let mut step = match self.take() {
            Phase::Pending(Step::Call(step)) if step.intents(self.file.size, cx) <= room => step,
            other => {
                self.phase = other;
                let Some((request, weight)) = self.begin_signing(call, room, cx) else { return false };
                requests.intents += weight;
                requests.sign.push(request);
                return true;
            }
        };
        if let Some(until) = step.settled()
            && until > cx.now
        {
            self.phase = Phase::Later { step: Step::Call(step), until, error: None };
            return false;
        }
        let upload = self.id;
        if matches!(step, CallStep::Grant { .. })
            && cx.config.integrity == Integrity::Crc64Nvme
            && cx.server.keeps_crc == Some(false)
        {
            self.phase = Phase::Failed { step: Step::Call(step), error: error::unchecked() };
            return false;
        }
        match &mut step {
            CallStep::Grant { transport, digest } => {
                // Forms may have turned out to be lacking meanwhile.
                *transport = self.transport(cx);
                let needed = self.needed(*transport, cx);
                if !digest.has(needed) {
                    self.phase = Phase::Pending(Step::HASH);
                    return false;
                }
                if !needed.any() {
                    *digest = Digest::default();
                }
                requests.grant.push(GrantRequest {
                    upload,
                    file: self.file.clone(),
                    transport: *transport,
                    integrity: self.integrity(*transport, cx),
                    digest: *digest,
                });
            }
            CallStep::Sign { granted, renew, what } => {
                *renew |= granted.ends <= cx.now;
                let weight = chunks::weight(granted.chunk_size, self.file.size, cx.config.intents_per_call);
                requests.intents += weight + usize::from(*renew);
                requests.sign.push(self.sign_request(granted, *renew, *what));
            }
            CallStep::Finish(finish) => requests.finish.push(finish.request(upload)),
            CallStep::Delete { key, .. } => requests.delete.push(DeleteRequest { upload, key: key.clone() }),
        }
        self.phase = Phase::Calling { call, step };
        true
    }

    fn sign_request(&self, granted: &Granted, renew: bool, what: What) -> SignRequest {
        let parts = self.parts.as_ref();
        let intent = match what {
            What::Whole if granted.plan == Plan::Post => Intent::Post,
            What::Whole => Intent::Put { chunks: granted.chunk_size.map(|_| 0) },
            What::Create => Intent::Create,
            What::List { after } => Intent::List { after },
            What::Complete => Intent::Complete {
                parts: parts.and_then(|parts| parts.completed()).unwrap_or_default(),
                crc64nvme: parts.and_then(|parts| parts.crc64nvme()),
            },
        };
        let upload_id = match what {
            What::Whole | What::Create => None,
            What::List { .. } | What::Complete => self.upload_id(),
        };
        let intents = if renew { vec![Intent::Renew, intent] } else { vec![intent] };
        SignRequest { upload: self.id, token: granted.token.clone(), upload_id, intents }
    }

    /// What S3 calls the multipart upload, once it is known.
    pub(super) fn upload_id(&self) -> Option<String> {
        self.parts.as_ref()?.upload_id.clone()
    }

    fn may_post(&self, cx: &Context) -> bool {
        let given_up = self.vain_forms >= VAIN_FORMS && !cx.server.takes_forms;
        !given_up && !cx.server.lacks.contains(&Feature::PostForms)
    }

    /// A form came to nothing, and nothing says why: a server that knows no forms
    /// need not say so, and its answer may be one that the page cannot read.
    /// Whether the file is to travel another way.
    pub(super) fn is_vain_form(&mut self, granted: &Granted, cx: &Context) -> bool {
        if granted.plan != Plan::Post || self.file.transport != Transport::Auto || cx.server.takes_forms {
            return false;
        }
        self.vain_forms += 1;
        self.vain_forms >= VAIN_FORMS
    }

    /// Which way to ask for.
    pub(super) fn transport(&self, cx: &Context) -> Transport {
        let (size, config) = (self.file.size, cx.config);
        match self.file.transport {
            Transport::Multipart if size == 0 => Transport::Put,
            Transport::Auto if size <= config.post_up_to && self.may_post(cx) => Transport::Post,
            Transport::Auto if size <= config.put_up_to.max(config.post_up_to) => Transport::Put,
            Transport::Auto => Transport::Multipart,
            chosen => chosen,
        }
    }

    /// Where an upload begins: with its digest, if one is needed for its grant.
    pub(super) fn first_step(&self, cx: &Context) -> Step {
        self.grant_step(Digest::default(), cx)
    }

    /// A grant for a file that need not be read (again).
    pub(super) fn grant_step(&self, digest: Digest, cx: &Context) -> Step {
        let transport = self.transport(cx);
        if digest.has(self.needed(transport, cx)) {
            return Step::Call(CallStep::Grant { transport, digest });
        }
        Step::HASH
    }

    /// Cancels an attempt, and says where the upload goes on from there.
    pub(super) fn throw_away(&mut self, attempt: Attempt, cx: &mut Context) -> Step {
        let id = AttemptId { upload: self.id, number: attempt.number };
        cx.actions.push_back(Action::Cancel { attempt: id });
        self.after_loss(attempt, cx)
    }

    /// Where an upload goes on whose answer will never come: if S3 may have
    /// got everything, it is asked before anything is sent again.
    pub(super) fn after_loss(&mut self, attempt: Attempt, cx: &Context) -> Step {
        let Attempt { mut granted, what, sent, .. } = attempt;
        let size = self.file.size;
        if !matches!(what, What::List { .. }) {
            granted.stored_by(cx.now.after(cx.config.settle_ms));
        }
        let may_be_whole = match what {
            What::Whole => {
                granted.plan == Plan::Post
                    || size == 0
                    || (sent > 0 && sent.saturating_add(PROGRESS_LAG) >= size)
            }
            What::Complete => true,
            What::Create => return self.recreate(granted),
            What::List { .. } => false,
        };
        if may_be_whole { Step::finish(granted, Why::Lost) } else { Step::sign(granted, what) }
    }

    /// Begins the multipart upload again, after whatever may be left of it is gone.
    pub(super) fn recreate(&self, granted: Box<Granted>) -> Step {
        let (key, place) = granted.delete_key(self.upload_id());
        let then = Then::Recreate { granted };
        Step::Call(CallStep::Delete { key, place, then })
    }

    /// From the very beginning, leaving nothing behind.
    pub(super) fn start_over(&mut self, mut granted: Box<Granted>, cx: &Context) -> Step {
        granted.digest = Digest::default();
        self.delete_and_start_over(&granted, cx)
    }

    /// Has what is needed to go on kept beyond the page.
    pub(super) fn save(&mut self, granted: &Granted, cx: &mut Context) {
        if !cx.config.snapshots {
            return;
        }
        let saved = SavedUpload {
            token: granted.token.clone(),
            bucket: granted.bucket.clone(),
            key: granted.key.clone(),
            plan: granted.plan,
            integrity: granted.integrity,
            chunk_size: granted.chunk_size,
            digest: granted.digest,
            upload_id: self.upload_id(),
            aborting: false,
        };
        self.keep(saved, cx);
    }

    /// Has kept that it was given up, and what is to be deleted.
    pub(super) fn save_abort(&mut self, key: &DeleteKey, place: &Place, cx: &mut Context) {
        let DeleteKey::Token { token, upload_id } = key else { return };
        if !cx.config.snapshots {
            return;
        }
        let saved = SavedUpload {
            token: token.clone(),
            bucket: place.bucket.clone(),
            key: place.key.clone(),
            plan: Plan::Put,
            integrity: Integrity::None,
            chunk_size: None,
            digest: Digest::default(),
            upload_id: upload_id.clone(),
            aborting: true,
        };
        self.keep(saved, cx);
    }

    fn keep(&mut self, saved: SavedUpload, cx: &mut Context) {
        self.saved = true;
        cx.actions.push_back(Action::Save { upload: self.id, saved: Saved::Upload(saved) });
    }

    /// As [`save`](Self::save), under way with its parts.
    pub(super) fn save_transfer(&mut self, cx: &mut Context) {
        match self.take() {
            Phase::Transfer(granted) => {
                self.save(&granted, cx);
                self.phase = Phase::Transfer(granted);
            }
            other => self.phase = other,
        }
    }

    /// What was kept is of no more use.
    pub(super) fn forget(&mut self, cx: &mut Context) {
        if std::mem::take(&mut self.saved) {
            cx.actions.push_back(Action::Forget { upload: self.id });
        }
    }
}
