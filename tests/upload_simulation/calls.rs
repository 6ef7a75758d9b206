//! The way to the endpoint and back.

use super::blame::Cause;
use super::endpoint::{Moment, call_of, uploads_of};
use super::page::Listed;
use super::world::{Call, Happening, World};
use sealift::upload::{Action, CallId, Event, Intent, UploadId};
use sealift::{Error, ErrorKind};
use std::collections::BTreeMap;

/// What becomes of a call.
#[derive(Clone, Copy, Debug)]
pub enum CallFate {
    Answered,
    /// The answer comes twice.
    Twice,
    Lost,
    Status(u16),
    /// An item is missing from the answer.
    Cut,
}

impl World {
    pub fn call(&mut self, action: Action) {
        let id = call_of(&action);
        let uploads = uploads_of(&action);
        assert!(!uploads.is_empty() && uploads.len() <= self.config.files_per_call, "files in a call");
        let (page, call) = (self.page.number, self.calls.len());
        if let Action::Sign { items, .. } = &action {
            let intents: usize = items.iter().map(|item| item.intents.len()).sum();
            let most = self.config.intents_per_call + items.len();
            assert!(intents <= most, "{intents} intents in a call of at most {most}");
        }
        assert!(self.page.calls.insert(id, call).is_none(), "a fresh id for every call");
        let lists = self.lists_for(&action);
        self.calls.push(Call { page, action, awaited: true, lists });
        self.tally.add("calls", 1);
        if !self.link {
            let event = failed(id, Error::new(ErrorKind::Network, "away").with_retryable(true), None);
            return self.after(1, 2_000, Happening::Deliver { page, event });
        }
        let fate = if self.random.chance(self.faults.calls) {
            self.random.pick(&[
                CallFate::Twice,
                CallFate::Lost,
                CallFate::Lost,
                CallFate::Status(500),
                CallFate::Status(429),
                CallFate::Status(401),
                CallFate::Cut,
            ])
        } else {
            CallFate::Answered
        };
        if self.random.chance(self.faults.calls / 4) {
            return; // Lost, and nobody notices.
        }
        self.after(1, self.faults.latency, Happening::CallArrives { call, fate });
    }

    /// The hashes of chunks that are to go with it: the page has to have them.
    fn lists_for(&self, action: &Action) -> BTreeMap<(UploadId, u64), Listed> {
        let Action::Sign { items, .. } = action else { return BTreeMap::new() };
        let mut lists = BTreeMap::new();
        for item in items {
            for intent in &item.intents {
                if let Intent::Put { chunks: Some(start) } | Intent::Part { chunks: Some(start), .. } = intent
                {
                    let key = (item.upload, *start);
                    lists.insert(key, *self.page.lists.get(&key).expect("its chunks are known"));
                }
            }
        }
        lists
    }

    pub fn call_arrives(&mut self, call: usize, fate: CallFate) {
        let Call { page, action, .. } = &self.calls[call];
        let (page, id) = (*page, call_of(action));
        let retryable = |kind| Error::new(kind, "not now").with_retryable(kind != ErrorKind::Unauthenticated);
        match fate {
            CallFate::Status(401) => self.blame_all(call, Cause::Unauthenticated),
            CallFate::Cut => self.blame_all(call, Cause::CutAnswer),
            _ => {}
        }
        let Call { action, lists, .. } = &self.calls[call];
        let mut event = match fate {
            CallFate::Status(401) => failed(id, retryable(ErrorKind::Unauthenticated).with_status(401), None),
            CallFate::Status(status) => {
                failed(id, retryable(ErrorKind::Refused).with_status(status), Some(2_000))
            }
            _ => {
                let at = Moment { now: self.outside(), s3: &mut self.s3, random: &mut self.random, lists };
                self.endpoint.act(action, at)
            }
        };
        if let Event::Finished { items, .. } = &event {
            let unshown = items.iter().filter_map(|item| item.as_ref().err());
            let unshown = unshown.filter(|error| error.code() == "integrity_unverified").count();
            self.tally.add("unverified", unshown as u64);
        }
        if let Action::Finish { items, .. } = &self.calls[call].action {
            let keys = items.iter().map(|item| self.endpoint.key_of(&item.token).to_owned());
            self.ledgers.asked.extend(keys.map(|key| (key, self.now)));
        }
        match (fate, &mut event) {
            (CallFate::Lost, _) => event = failed(id, retryable(ErrorKind::Network), None),
            (CallFate::Cut, Event::Granted { items, .. }) => drop(items.pop()),
            (CallFate::Cut, Event::Finished { items, .. }) => drop(items.pop()),
            (CallFate::Cut, Event::Signed { items, .. }) => drop(items.pop()),
            _ => {}
        }
        if page == self.page.number && (self.calls[call].awaited || self.lets_stale_through()) {
            if matches!(fate, CallFate::Twice) {
                self.after(1, 2_000, Happening::Deliver { page, event: event.clone() });
            }
            self.after(1, self.faults.latency, Happening::Deliver { page, event });
        }
    }
}

/// What a failed call is reported as.
fn failed(call: CallId, error: Error, retry_after_ms: Option<u64>) -> Event {
    Event::CallFailed { call, error, retry_after_ms }
}
