//! The page: it drives the engine, has the files, and goes when it likes.

use super::blame::Cause;
use super::content::Piece;
use super::s3::Chunks;
use super::storage::Write;
use super::world::{Happening, World};
use sealift::upload::{
    Action, Algorithms, AttemptId, CallId, Config, Digest, Event, Feature, HashId, Instant, Integrity,
    Notice, SavedPart, State, UploadId, Uploader,
};
use sealift::{Error, ErrorKind};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

pub struct Page {
    /// Answers to an earlier page come to nobody.
    pub number: u32,
    pub uploader: Uploader,
    /// Whose an upload is.
    pub files: Vec<usize>,
    pub seen: Vec<Seen>,
    pub flights: BTreeMap<AttemptId, usize>,
    pub calls: BTreeMap<CallId, usize>,
    pub hashes: BTreeMap<HashId, bool>,
    /// Readings and requests that the engine waits for.
    pub reading: usize,
    pub sending: usize,
    pub lacks: BTreeSet<&'static str>,
    /// The browser said that there is no network, and nothing shows otherwise.
    pub offline: bool,
    /// Lists of the hashes of chunks, by where their range begins, and those being made.
    pub lists: BTreeMap<(UploadId, u64), Listed>,
    pub listing: BTreeMap<HashId, (UploadId, Listed)>,
    /// In this step: uploads whose owner wanted something, and those that may lose progress.
    pub commanded: BTreeSet<UploadId>,
    pub may_fall: BTreeSet<UploadId>,
    pub cancelled: Vec<(AttemptId, bool)>,
    /// Multipart uploads of earlier pages of which S3 was not asked what it has.
    pub unlisted: BTreeSet<String>,
}

/// What a list of hashes of chunks is of.
#[derive(Clone, Copy)]
pub struct Listed {
    pub piece: Piece,
    /// Bytes of a chunk.
    pub size: u64,
}

/// An upload as it was after the last step.
#[derive(Clone, Copy)]
pub struct Seen {
    pub loaded: u64,
    pub state: State,
}

impl Page {
    pub fn new(number: u32, config: &Config, seed: u64) -> Self {
        Self {
            number,
            uploader: Uploader::new(config.clone(), seed ^ u64::from(number) << 32),
            files: Vec::new(),
            seen: Vec::new(),
            flights: BTreeMap::new(),
            calls: BTreeMap::new(),
            hashes: BTreeMap::new(),
            reading: 0,
            sending: 0,
            lacks: BTreeSet::new(),
            offline: false,
            lists: BTreeMap::new(),
            listing: BTreeMap::new(),
            commanded: BTreeSet::new(),
            may_fall: BTreeSet::new(),
            cancelled: Vec::new(),
            unlisted: BTreeSet::new(),
        }
    }
}

impl World {
    /// Does what the engine asks for.
    pub fn drive(&mut self) {
        while let Some(action) = self.page.uploader.poll_action() {
            self.note(&action);
            match action {
                Action::Hash { hash, upload, range, algorithms, chunk_size } => {
                    self.hash(hash, upload, range, algorithms, chunk_size);
                }
                Action::DropChunks { upload, start } => {
                    self.tally.add("chunks dropped", 1);
                    assert!(self.page.lists.remove(&(upload, start)).is_some(), "dropped what is not there");
                }
                Action::CancelHash { hash } => {
                    let live = self.page.hashes.insert(hash, false).expect("known");
                    assert!(live, "cancelled once, and not what is over");
                    self.page.reading -= 1;
                }
                Action::Send { attempt, request, body } => self.send(attempt, &request, body),
                Action::Cancel { attempt } => self.cancel(attempt),
                Action::CancelCall { call } => {
                    let call = self.page.calls[&call];
                    self.calls[call].awaited = false;
                }
                Action::Save { upload, saved } => {
                    assert!(self.config.snapshots, "saved unasked");
                    self.tally.add("saves", 1);
                    self.storage.write(self.now, self.file_of(upload), Write::Save(saved));
                }
                Action::Forget { upload } => {
                    assert!(self.config.snapshots, "forgotten unasked");
                    self.storage.write(self.now, self.file_of(upload), Write::Forget);
                }
                call => self.call(call),
            }
        }
        while let Some(notice) = self.page.uploader.poll_event() {
            self.print(&notice);
            match notice {
                Notice::State { upload, state } => {
                    self.page.seen[upload.number() as usize].state = state;
                    let error = self.page.uploader.upload(upload).and_then(|upload| upload.error());
                    let kind = error.filter(|_| state == State::Failed).map(Error::kind);
                    let away = matches!(kind, Some(ErrorKind::Network | ErrorKind::Timeout));
                    assert!(!(away && self.page.offline), "failed for want of a network");
                    if let Some(error) = error.filter(|_| state == State::Failed).cloned() {
                        self.check_failure(self.file_of(upload), &error);
                    }
                }
                Notice::LeftBehind { key, .. } => {
                    self.tally.add("left behind", 1);
                    self.left_behind.insert(key);
                }
                Notice::Lacks { feature } => {
                    assert!(self.page.lacks.insert(feature.name()), "{} is told twice", feature.name());
                    self.tally.add("lacks", 1);
                    let lacking = match feature {
                        // Forms that always come to nothing are taken for lacking.
                        Feature::PostForms => {
                            !self.s3.traits.forms || self.endpoint.rules.no_forms || !self.plain
                        }
                        Feature::PartChecksums => {
                            !self.s3.traits.checksums || !self.s3.traits.shows_checksums
                        }
                        Feature::ChunkSignatures => {
                            // What somebody wrote over has another size too. And what always comes to
                            // nothing before a byte of it left is taken for kept out by CORS.
                            self.s3.traits.chunks != Chunks::Verified
                                || !self.plain
                                || self.endpoint.rules.no_chunks
                                || self.blames.has_met(Cause::Overwritten)
                        }
                    };
                    assert!(lacking, "{} are not lacking", feature.name());
                }
            }
        }
    }

    fn hash(
        &mut self,
        hash: HashId,
        upload: UploadId,
        range: Range<u64>,
        algorithms: Algorithms,
        chunk_size: Option<u64>,
    ) {
        let piece = self.piece(upload, range);
        assert!(algorithms.any(), "nothing to compute");
        assert!(self.page.hashes.insert(hash, true).is_none(), "a fresh id for every reading");
        self.page.reading += 1;
        assert!(self.page.reading <= self.config.hashes, "too many readers");
        self.tally.add("readings", 1);
        let event = if self.random.chance(self.faults.sends / 10) {
            self.blames.blame(self.file_of(upload), Cause::Unreadable);
            Event::HashFailed { hash, error: Error::new(ErrorKind::UnreadableFile, "gone") }
        } else {
            let digest = piece.digest(algorithms);
            Event::Hashed { hash, digest: if chunk_size.is_some() { of_the_list(digest) } else { digest } }
        };
        if let Some(size) = chunk_size {
            self.page.listing.insert(hash, (upload, Listed { piece, size }));
        }
        let takes = 1 + piece.len() / self.faults.hashed_per_ms;
        let page = self.page.number;
        self.after(takes, takes + 3, Happening::Deliver { page, event });
    }

    /// The page hears something that does not come from S3.
    pub fn deliver(&mut self, page: u32, event: Event) {
        if page != self.page.number {
            return;
        }
        if let Event::Hashed { hash, .. } | Event::HashFailed { hash, .. } = &event {
            let live = self.page.hashes.insert(*hash, false).expect("known");
            self.page.reading -= usize::from(live);
            if !live && !self.lets_stale_through() {
                return;
            }
        }
        if let Event::Hashed { hash, .. } = &event
            && let Some((upload, listed)) = self.page.listing.remove(hash)
        {
            self.page.lists.insert((upload, listed.piece.start), listed);
        }
        self.excuse(&event);
        let unheard = match &event {
            Event::CallFailed { error, .. } => error.status().is_none(),
            event => matches!(event, Event::Hashed { .. } | Event::HashFailed { .. }),
        };
        self.page.offline &= unheard;
        self.page.uploader.handle_event(event, Instant::from_millis(self.now));
    }

    /// Progress may fall by what tells that something is lost.
    fn excuse(&mut self, event: &Event) {
        let call = match event {
            Event::Signed { call, items } if items.iter().any(Result::is_err) => call,
            Event::CallFailed { call, .. } | Event::Finished { call, .. } | Event::Deleted { call, .. } => {
                call
            }
            _ => return,
        };
        if let Some(call) = self.page.calls.get(call) {
            self.page.may_fall.extend(super::endpoint::uploads_of(&self.calls[*call].action));
        }
    }

    /// The page is gone, at once; and comes back with what was saved.
    pub fn crash(&mut self) {
        self.print(&"crash");
        self.tally.add("crashes", 1);
        self.storage.crash(self.now, &mut self.random);
        for index in 0..self.files.len() {
            self.close(index);
        }
        self.hang_up();
        let number = self.page.number + 1;
        self.page = Page::new(number, &self.config, self.trace);
        self.ledgers.forget_all();
        for record in self.storage.kept.values() {
            let Some(upload_id) = &record.upload.upload_id else { continue };
            let Some(upload) = self.s3.uploads.get(upload_id) else { continue };
            let is_so =
                |part: &&SavedPart| upload.parts.get(&part.number).is_some_and(|it| it.etag == part.etag);
            record.parts.values().filter(is_so).for_each(|part| self.ledgers.learned(upload_id, part.number));
        }
    }

    /// What becomes of a file when its page goes.
    fn close(&mut self, index: usize) {
        let saved = self.storage.kept.get(&index);
        let kept_key = saved.map(|record| record.upload.key.clone());
        for grant in self.endpoint.grants.iter().filter(|grant| grant.file as usize == index) {
            if Some(&grant.key) != kept_key.as_ref() {
                self.excused.insert(grant.key.clone());
            }
        }
        let Some(id) = self.files[index].id.take() else {
            if self.files[index].closed.is_none() {
                self.after(1, 3_000, Happening::Reopen(index));
            }
            return;
        };
        let state = self.page.seen[id.number() as usize].state;
        let key = self.page.uploader.upload(id).and_then(|upload| Some(upload.object()?.key.clone()));
        let is_saved = saved.is_some();
        match state {
            State::Done if !is_saved => {
                self.excused.remove(key.as_ref().expect("a key"));
                self.files[index].closed = Some((state, key));
            }
            State::Aborted | State::Deleted | State::Deleting if !is_saved => {
                self.files[index].closed = Some((state, None));
            }
            _ => self.after(1, 3_000, Happening::Reopen(index)),
        }
    }

    /// The user has the page open again, and gives it the file.
    pub fn reopen(&mut self, index: usize) {
        let file = &self.files[index];
        if file.id.is_some() || file.closed.is_some() {
            return;
        }
        let description = file.description.clone();
        let id = match self.storage.kept.get(&index).cloned() {
            Some(record) => {
                self.tally.add("resumed", 1);
                // Without a digest nobody can tell; and nothing is nothing.
                let tells = self.config.integrity != Integrity::None && description.size > 0;
                let tells = tells && !record.upload.aborting;
                if tells && self.random.chance(self.faults.changes) {
                    self.tally.add("changed", 1);
                    self.files[index].version += 1;
                    if let Some(upload_id) = &record.upload.upload_id {
                        self.ledgers.all_doubted(upload_id);
                    }
                }
                if let Some(upload_id) = &record.upload.upload_id {
                    self.page.unlisted.insert(upload_id.clone());
                    if self.faults.misses > 0 && self.random.chance(40) {
                        self.replace_a_part(upload_id);
                    }
                }
                let parts = record.parts.into_values().collect();
                self.page.uploader.add_saved(description, record.upload, parts)
            }
            None => self.page.uploader.add(description),
        };
        self.opened(index, id);
        self.command(id, |uploader, now| uploader.start(id, now));
    }

    /// Another page has sent a part of what it takes for the same file.
    fn replace_a_part(&mut self, upload_id: &str) {
        let any = self.random.next() as usize;
        if let Some(number) = self.s3.replace_a_part(upload_id, any) {
            self.tally.add("replaced", 1);
            self.ledgers.doubted(upload_id, number);
        }
    }

    pub fn opened(&mut self, index: usize, id: UploadId) {
        assert_eq!(id.number() as usize, self.page.files.len());
        self.page.files.push(index);
        self.page.seen.push(Seen { loaded: 0, state: State::Queued });
        self.files[index].id = Some(id);
    }

    pub fn file_of(&self, upload: UploadId) -> usize {
        self.page.files[upload.number() as usize]
    }

    /// Those bytes, as the file has them now.
    pub fn piece(&self, upload: UploadId, range: Range<u64>) -> Piece {
        let index = self.file_of(upload);
        let file = &self.files[index];
        assert!(range.start <= range.end && range.end <= file.description.size, "within the file");
        Piece { file: index as u32, version: file.version, start: range.start, end: range.end }
    }
}

/// Of chunks, the SHA-256 is that of the list of theirs, so none of the bytes; and as
/// telling of them.
fn of_the_list(digest: Digest) -> Digest {
    Digest { sha256: digest.sha256.map(|sum| sum.map(|byte| !byte)), ..digest }
}
