//! What must hold at every step.

use super::content::Piece;
use super::endpoint::uploads_of;
use super::page::Seen;
use super::s3::{Answer, What};
use super::world::World;
use sealift::upload::{Action, AttemptId, Instant, RequestContent, SignedRequest, State};
use std::ops::Range;

impl World {
    /// No action may concern an upload that is settled or paused.
    pub fn note(&mut self, action: &Action) {
        self.print(action);
        let (kind, concerned) = match action {
            Action::Hash { upload, .. } => (1, vec![*upload]),
            Action::Send { attempt, .. } => (2, vec![attempt.upload()]),
            Action::CreateGrants { .. } => (3, uploads_of(action)),
            Action::Sign { .. } => (4, uploads_of(action)),
            Action::Finish { .. } => (5, uploads_of(action)),
            Action::Delete { .. } => (6, uploads_of(action)),
            Action::Save { .. } => (7, Vec::new()),
            Action::CancelHash { .. } => (8, Vec::new()),
            Action::Cancel { .. } => (9, Vec::new()),
            _ => (10, Vec::new()),
        };
        self.note_trace(kind);
        for upload in concerned {
            self.note_trace(u64::from(upload.number()));
            let state = self.state(upload);
            assert!(!state.is_settled() && state != State::Paused, "{action:?} for an upload {state:?}");
        }
    }

    /// A request that may leave; and the bytes that go with it.
    pub fn check_send(
        &mut self,
        attempt: AttemptId,
        signature: usize,
        request: &SignedRequest,
        body: Range<u64>,
    ) -> Option<Piece> {
        let upload = attempt.upload();
        let (file, is_unchecked) = (self.file_of(upload), self.is_unchecked());
        let signed = self.endpoint.signatures.get_mut(signature).expect("signed by the endpoint");
        assert!(!signed.used, "a fresh signature for every attempt");
        signed.used = true;
        assert!(self.now < signed.expires, "sent after its expiry");
        let grant = &self.endpoint.grants[signed.grant];
        assert_eq!(grant.file as usize, file, "signed for another upload");
        let order = &signed.order;
        if let RequestContent::Control { body, .. } = &request.content {
            assert_eq!(*body, signed.body, "the body that was signed");
        }
        let size = self.files[file].description.size;
        let (what, wanted) = match &order.what {
            What::Put { .. } => ("PUTs", 0..size),
            What::Post { .. } => ("forms", 0..size),
            What::Create => ("creations", 0..0),
            What::Part { start, end, .. } => ("parts", *start..*end),
            What::Complete { .. } => ("completions", 0..0),
            What::List { .. } => ("listings", 0..0),
        };
        self.tally.add(what, 1);
        let is_control = matches!(request.content, RequestContent::Control { .. });
        assert!(body == wanted || (is_control && body.is_empty()), "{body:?} of {wanted:?}");
        let upload_id = match &order.what {
            What::Part { upload_id, number, .. } => {
                assert!(!self.page.unlisted.contains(upload_id), "S3 was not asked which parts it has");
                let vain = is_unchecked && self.ledgers.knows_any(upload_id);
                assert!(!vain, "sent although the first part showed that nothing will show it");
                let known = self.ledgers.is_known(upload_id, *number);
                assert!(!known, "part {number} is sent again although S3 has it");
                Some(upload_id)
            }
            What::Complete { upload_id, .. } => {
                assert!(!self.page.unlisted.contains(upload_id), "S3 was not asked which parts it has");
                Some(upload_id)
            }
            What::List { upload_id, .. } => Some(upload_id),
            What::Create => {
                let (stored, asked) =
                    (self.ledgers.stored.get(&order.key), self.ledgers.asked.get(&order.key));
                let there = self.s3.objects.contains_key(&order.key);
                assert!(!there || asked >= stored, "begun again, without a look at what is there");
                None
            }
            What::Put { .. } | What::Post { .. } => None,
        };
        if self.config.snapshots {
            // What is at S3 must be found after a crash.
            let saved = self.storage.kept.get(&file).map(|record| &record.upload);
            let saved = saved.filter(|it| it.key == order.key && !it.aborting);
            assert!(saved.is_some(), "sent before it was saved: {what}");
            assert!(upload_id.is_none() || saved.and_then(|it| it.upload_id.as_ref()) == upload_id);
        }
        (!is_control).then(|| self.piece(upload, body))
    }

    /// What the engine knows by an answer that it waited for.
    pub fn learn(&mut self, flight: usize, answer: &Answer) {
        let upload = self.upload_of(flight);
        let file = self.file_of(upload);
        let number = self.flights[flight].signature;
        let signature = &self.endpoint.signatures[number];
        let what = &signature.order.what;
        match what {
            // All that a sleep spoils is refused for one reason.
            _ if answer.status == 403 && self.endpoint.ahead > signature.ahead => {
                self.blames.denied(file, signature.ahead);
            }
            _ if answer.status == 403 => self.blames.denied(file, 1 + number as u64),
            What::Create if answer.is_good() => self.blames.progressed(file),
            What::Part { upload_id, number, .. } if answer.is_good() => {
                self.blames.progressed(file);
                if let (true, Some(etag)) = (self.s3.traits.shows_etag, &answer.etag) {
                    self.ledgers.learned(upload_id, *number);
                    self.ledgers.to_save.push((upload, upload_id.clone(), *number, etag.clone()));
                    return;
                }
            }
            What::List { upload_id, .. } => {
                answer.hidden.iter().for_each(|number| self.ledgers.doubted(upload_id, *number));
                self.page.unlisted.remove(upload_id);
            }
            What::Complete { upload_id, .. } if answer.code == "InvalidPart" => {
                self.ledgers.all_doubted(upload_id);
            }
            _ => {}
        }
        self.page.may_fall.insert(upload);
    }

    /// What must hold after every step.
    pub fn check(&mut self) {
        let now = Instant::from_millis(self.now);
        if let Some(timer) = self.page.uploader.poll_timeout() {
            assert!(timer > now, "a timer that has passed");
        }
        for index in 0..self.page.files.len() {
            let file = &self.files[self.page.files[index]];
            let id = file.id.expect("it is open");
            let state = self.state(id);
            let progress = self.page.uploader.progress(id, now).expect("known");
            let loaded = progress.loaded();
            let seen = self.page.seen[index];
            assert_eq!(seen.state, state, "every change of state is told");
            assert!(loaded <= progress.total && progress.total == file.description.size);
            assert_eq!(progress.fraction() == 1.0, state == State::Done, "whole when done, not before");
            let under_way = matches!(
                state,
                State::Queued | State::Hashing | State::Signing | State::Uploading | State::Finishing
            );
            let may_fall = self.page.may_fall.contains(&id) || self.page.commanded.contains(&id);
            if under_way && !may_fall {
                assert!(loaded >= seen.loaded, "progress fell although nothing was lost: {state:?}");
            }
            if self.plain {
                assert!(!matches!(state, State::Failed | State::Retrying | State::Waiting), "{state:?}");
            }
            self.page.seen[index] = Seen { loaded, state };
        }
        for (attempt, silent) in std::mem::take(&mut self.page.cancelled) {
            let upload = attempt.upload();
            let gone_on = self.state(upload) != State::Uploading || self.page.commanded.contains(&upload);
            assert!(silent || gone_on, "a request was cancelled that did well");
        }
        self.check_saved();
        self.page.may_fall.clear();
        self.page.commanded.clear();
    }

    /// Parts that S3 has are saved in the step in which the engine hears of it.
    fn check_saved(&mut self) {
        for (upload, upload_id, number, etag) in std::mem::take(&mut self.ledgers.to_save) {
            if !self.config.snapshots {
                continue;
            }
            let record = self.storage.kept.get(&self.file_of(upload));
            let current = record.filter(|it| it.upload.upload_id.as_ref() == Some(&upload_id));
            let saved = current.and_then(|it| it.parts.get(&number));
            let under_way = matches!(self.state(upload), State::Uploading | State::Signing | State::Hashing);
            assert!(
                saved.is_some_and(|it| it.etag == etag) || !under_way,
                "part {number} is stored and not saved"
            );
        }
    }
}
