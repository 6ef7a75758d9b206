//! The loop that gives the engine hands: its actions carried out, its one
//! timer set, its notices told.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;

use super::hands::{self, Hands, Heard};
use super::page::{Page, Told, told};
use super::protocol::{answer, ask};
use super::tasks::{Task, Tasks};
use super::{json, outcome, record};
use crate::upload::{Action, Config, Event, Instant, RequestContent, SignedRequest, UploadId, Uploader};

/// An engine and what it has under way in this page.
pub struct Driver {
    page: Page,
    hands: Hands,
    /// Called by `hands` as long as this is there.
    _heard: Heard,
    state: RefCell<State>,
}

struct State {
    engine: Uploader,
    tasks: Tasks,
    notices: VecDeque<Told>,
    /// Whether somebody up the stack is telling notices already.
    telling: bool,
    /// The moment that the timer is set to.
    timer: Option<Instant>,
}

impl Driver {
    /// A driver with nothing to do.
    pub fn new(config: Config, page: Page) -> Rc<Self> {
        Rc::new_cyclic(|driver: &Weak<Self>| {
            let driver = driver.clone();
            let heard = Heard::new(move |task, sent, outcome| {
                if let Some(driver) = driver.upgrade() {
                    driver.heard(task, sent, outcome);
                }
            });
            let state = State {
                engine: Uploader::new(config, hands::seed()),
                tasks: Tasks::new(),
                notices: VecDeque::new(),
                telling: false,
                timer: None,
            };
            Self { hands: Hands::new(&page, &heard), page, _heard: heard, state: RefCell::new(state) }
        })
    }

    /// Where the files and the last requests are.
    pub const fn hands(&self) -> &Hands {
        &self.hands
    }

    /// Tells the engine what the user wants, and does what it asks for then.
    pub fn command<T>(&self, command: impl FnOnce(&mut Uploader, Instant) -> T) -> T {
        let done = command(&mut self.state.borrow_mut().engine, now());
        self.go_on();
        done
    }

    /// Asks the engine something.
    pub fn ask<T>(&self, question: impl FnOnce(&Uploader, Instant) -> T) -> T {
        question(&self.state.borrow().engine, now())
    }

    /// See `Heard` in `hands.js`.
    fn heard(&self, number: u32, sent: f64, outcome: JsValue) {
        let event = match number {
            hands::TIMER => None,
            hands::ONLINE => Some(Event::Online),
            hands::OFFLINE => Some(Event::Offline),
            _ => {
                let Some(task) = self.state.borrow().tasks.get(number) else { return };
                if sent >= 0.0 {
                    let Task::Send(attempt) = task else { return };
                    Some(Event::Progress { attempt, sent: sent as u64 })
                } else {
                    self.state.borrow_mut().tasks.end(number);
                    Some(match task {
                        Task::Send(attempt) => outcome::sent(attempt, outcome),
                        Task::Hash(hash) => outcome::hashed(hash, outcome),
                        Task::Call(call, reader) => outcome::called(call, reader, outcome),
                    })
                }
            }
        };
        {
            let state = &mut *self.state.borrow_mut();
            match event {
                Some(event) => state.engine.handle_event(event, now()),
                None => {
                    state.timer = None;
                    state.engine.handle_timeout(now());
                }
            }
        }
        self.go_on();
    }

    /// Does all that the engine asks for, and tells what it has to tell.
    fn go_on(&self) {
        {
            let state = &mut *self.state.borrow_mut();
            while let Some(action) = state.engine.poll_action() {
                self.start(&mut state.tasks, action);
            }
            while let Some(notice) = state.engine.poll_event() {
                state.notices.push_back(told(&state.engine, &notice));
            }
            let moment = state.engine.poll_timeout();
            if moment != state.timer {
                state.timer = moment;
                // One more: the clock drops fractions, `setTimeout` does not.
                self.hands.timer(moment.map_or(-1.0, |moment| (moment.since(now()) + 1) as f64));
            }
        }
        self.tell();
    }

    /// Tells the page, which may call back: nothing is borrowed meanwhile, and
    /// what comes up on the way is told in its turn.
    fn tell(&self) {
        if std::mem::replace(&mut self.state.borrow_mut().telling, true) {
            return;
        }
        loop {
            let told = self.state.borrow_mut().notices.pop_front();
            let Some(told) = told else { break };
            told.tell(&self.page);
        }
        loop {
            let moved = self.state.borrow_mut().engine.poll_progress();
            let Some(upload) = moved else { break };
            self.page.on_progress(upload.number());
        }
        self.state.borrow_mut().telling = false;
    }

    fn start(&self, tasks: &mut Tasks, action: Action) {
        match action {
            Action::Hash { hash, upload, range, algorithms, chunk_size } => {
                let task = tasks.begin(Task::Hash(hash));
                let algorithms = match (algorithms.sha256, algorithms.crc64nvme) {
                    (true, true) => "both",
                    (false, true) => "crc64nvme",
                    _ => "sha256",
                };
                let (start, end) = (range.start as f64, range.end as f64);
                // None has 0 bytes.
                let chunk_size = chunk_size.unwrap_or_default() as f64;
                self.hands.hash(task, upload.number(), start, end, algorithms, chunk_size);
            }
            Action::DropChunks { upload, start } => self.hands.drop_chunks(upload.number(), start as f64),
            Action::Send { attempt, request, body } => {
                let task = tasks.begin(Task::Send(attempt));
                self.send(task, attempt.upload(), &request, body.start as f64, body.end as f64);
            }
            Action::CancelHash { hash } => self.stop(tasks, |it| matches!(it, Task::Hash(it) if it == hash)),
            Action::Cancel { attempt } => {
                self.stop(tasks, |it| matches!(it, Task::Send(it) if it == attempt))
            }
            Action::CancelCall { call } => {
                self.stop(tasks, |it| matches!(it, Task::Call(it, _) if it == call))
            }
            Action::CreateGrants { call, files } => {
                self.call(tasks, Task::Call(call, answer::granted), "/uploads", &ask::create_grants(&files));
            }
            Action::Sign { call, items } => {
                self.call(tasks, Task::Call(call, answer::signed), "/sign", &ask::sign(&items, &self.hands));
            }
            Action::Finish { call, items } => {
                self.call(tasks, Task::Call(call, answer::finished), "/uploads/finish", &ask::finish(&items));
            }
            Action::Delete { call, items } => {
                self.call(tasks, Task::Call(call, answer::deleted), "/uploads/delete", &ask::delete(&items));
            }
            Action::Save { upload, saved } => self.hands.save(upload.number(), &record::of(&saved)),
            Action::Forget { upload } => self.hands.save(upload.number(), &JsValue::UNDEFINED),
        }
    }

    fn call(&self, tasks: &mut Tasks, task: Task, path: &str, body: &JsValue) {
        self.hands.call(tasks.begin(task), path, body);
    }

    fn stop(&self, tasks: &mut Tasks, is_meant: impl Fn(Task) -> bool) {
        if let Some(task) = tasks.take(is_meant) {
            self.hands.stop(task);
        }
    }

    fn send(&self, task: u32, upload: UploadId, request: &SignedRequest, start: f64, end: f64) {
        let (pairs, text) = match &request.content {
            RequestContent::Put { headers } => (headers, None),
            RequestContent::Post { fields } => (fields, None),
            RequestContent::Control { headers, body, .. } => (headers, Some(body.as_str())),
        };
        self.hands.send(
            task,
            upload.number(),
            request.method(),
            &request.url,
            &json::pairs(pairs),
            text,
            start,
            end,
            request.chunks.as_ref().map_or(0.0, |chunks| chunks.size as f64),
            request.chunks.as_ref().map(|chunks| chunks.signatures.as_str()),
        );
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.hands.close();
    }
}

fn now() -> Instant {
    Instant::from_millis(hands::now())
}
