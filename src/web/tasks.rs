//! What `hands.js` does right now, by the numbers that it answers with.

use super::hands::OFFLINE;
use super::protocol::answer::Reader;
use crate::upload::{AttemptId, CallId, HashId};

/// Something under way.
#[derive(Clone, Copy)]
pub enum Task {
    /// A request to S3.
    Send(AttemptId),
    /// A reading.
    Hash(HashId),
    /// A call of the endpoint, and how its answer is read.
    Call(CallId, Reader),
}

/// All that is under way: never more than the engine's few connections,
/// readers and calls.
pub struct Tasks {
    tasks: Vec<(u32, Task)>,
    last: u32,
}

impl Tasks {
    pub const fn new() -> Self {
        Self { tasks: Vec::new(), last: OFFLINE }
    }

    /// Something begins; its number.
    pub fn begin(&mut self, task: Task) -> u32 {
        self.last += 1;
        self.tasks.push((self.last, task));
        self.last
    }

    pub fn get(&self, number: u32) -> Option<Task> {
        self.tasks.iter().find(|(it, _)| *it == number).map(|(_, task)| *task)
    }

    /// It ended.
    pub fn end(&mut self, number: u32) {
        self.tasks.retain(|(it, _)| *it != number);
    }

    /// Takes back what is meant, and says its number, if it has not ended.
    pub fn take(&mut self, is_meant: impl Fn(Task) -> bool) -> Option<u32> {
        let place = self.tasks.iter().position(|(_, task)| is_meant(*task))?;
        Some(self.tasks.swap_remove(place).0)
    }
}
