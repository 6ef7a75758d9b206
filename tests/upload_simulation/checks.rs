//! What must hold, at every step and at the end.

use super::endpoint::{REFUSED, uploads_of};
use super::s3::Object;
use super::world::{NOTHING, Seen, World};
use sealift::upload::{Action, Instant, State};

impl World {
    /// What must hold after every step.
    pub fn check(&mut self) {
        let now = Instant::from_millis(self.now);
        if let Some(timer) = self.uploader.poll_timeout() {
            assert!(timer > now, "a timer that has passed");
        }
        for id in self.uploads.clone() {
            let state = self.state(id);
            let progress = self.uploader.progress(id, now).expect("known");
            let attempts = self.uploader.upload(id).expect("known").attempts();
            let seen = self.seen.entry(id).or_insert(NOTHING);
            assert_eq!(seen.state, state, "every change of state is told");
            assert!(progress.loaded() <= progress.total);
            assert_eq!(progress.fraction() == 1.0, state == State::Done, "whole when done, not before");
            if state == State::Uploading && attempts == seen.attempts {
                assert!(progress.loaded() >= seen.loaded, "progress fell within an attempt");
            }
            *seen = Seen { attempts, loaded: progress.loaded(), state };
        }
        let uploading = self.uploads.iter().filter(|id| self.state(**id) == State::Uploading).count();
        let awaited = self.flights.values().filter(|flight| flight.awaited).count();
        assert!(uploading <= self.config.concurrency);
        assert!(awaited >= uploading, "every upload that sends has its request");
    }

    pub fn check_end(&mut self) {
        assert!(self.calm, "it stopped before the end");
        for id in self.uploads.clone() {
            let upload = self.uploader.upload(id).expect("known");
            let state = self.state(id);
            let refused = upload.file().name == REFUSED || self.faults.no_bucket;
            let whole = Object { content: u64::from(id.number()), size: upload.file().size };
            let kept = upload.object().map(|object| object.key.clone());
            match state {
                State::Done => {
                    self.tally.done += 1;
                    assert_eq!(self.bucket.objects.get(kept.as_ref().expect("a key")), Some(&whole));
                }
                State::Aborted => self.tally.aborted += 1,
                State::Deleted => self.tally.deleted += 1,
                State::Failed => {
                    self.tally.failed += 1;
                    assert!(refused, "failed although nothing is wrong: {:?}", upload.error());
                }
                other => panic!("it ended as {other:?}"),
            }
            if state != State::Failed {
                for (key, object) in &self.bucket.objects {
                    let own = object.content as u32 == id.number() && kept.as_ref() != Some(key);
                    assert!(
                        !own || self.left_behind.contains(key),
                        "{key} was left behind by an upload {state:?}"
                    );
                }
            }
        }
        if self.harmless {
            assert!(
                self.left_behind.is_empty(),
                "left behind although the endpoint deletes all it is asked to"
            );
        }
        let idle = self.uploader.total_progress(Instant::from_millis(self.now)).in_flight;
        assert_eq!(idle, 0);
    }

    /// No action may concern an upload that is settled or paused.
    pub fn note(&mut self, action: &Action) {
        let concerned = match action {
            Action::Hash { upload, .. } => vec![upload.number()],
            Action::Send { attempt, .. } => vec![attempt.upload().number()],
            Action::CreateGrants { .. }
            | Action::Sign { .. }
            | Action::Finish { .. }
            | Action::Delete { .. } => uploads_of(action),
            Action::CancelHash { .. }
            | Action::Cancel { .. }
            | Action::CancelCall { .. }
            | Action::Save { .. }
            | Action::Forget { .. } => Vec::new(),
        };
        for number in concerned {
            let state = self.state(self.uploads[number as usize]);
            assert!(!state.is_settled() && state != State::Paused, "{action:?} for an upload {state:?}");
        }
        for byte in format!("{} {action:?}", self.now).bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}
