//! What the user does, at any moment.

use super::world::World;
use sealift::upload::{Instant, Priority, State, UploadId, Uploader};

impl World {
    pub fn user(&mut self, index: usize) {
        let Some(id) = self.files[index].id else { return };
        if self.command(id, |uploader, now| uploader.start(id, now)) || self.calm {
            return;
        }
        let priority = self.random.pick(&[Priority::High, Priority::Normal, Priority::Low]);
        let choice = self.random.between(0, 10);
        let acted = self.command(id, |uploader, now| match choice {
            0..=2 => uploader.pause(id, now),
            3..=5 => uploader.resume(id, now),
            6..=7 => uploader.retry(id, now),
            8 => uploader.abort(id, now),
            9 => uploader.set_priority(id, priority, now),
            _ => uploader.delete(id, now),
        });
        let state = self.state(id);
        match choice {
            0..=2 if acted => assert_eq!(state, State::Paused),
            8 if acted => assert!(matches!(state, State::Aborted | State::Deleting), "{state:?}"),
            10 if acted => assert_eq!(state, State::Deleting),
            _ => {}
        }
    }

    /// The user, at the end, wants everything done. Whether there was anything to ask.
    pub fn ask_again(&mut self) -> bool {
        let mut asked = false;
        for id in self.files.iter().filter_map(|file| file.id).collect::<Vec<_>>() {
            asked |= self.command(id, |it, now| it.start(id, now) || it.resume(id, now) || it.retry(id, now));
        }
        asked
    }

    pub fn command(&mut self, id: UploadId, what: impl FnOnce(&mut Uploader, Instant) -> bool) -> bool {
        let acted = what(&mut self.page.uploader, Instant::from_millis(self.now));
        if acted {
            self.print(&("command", id, self.state(id)));
            self.page.commanded.insert(id);
        }
        acted
    }

    /// Whether the upload of a file is in that state.
    pub fn is_now(&self, index: usize, state: State) -> bool {
        self.files[index].id.is_some_and(|id| self.state(id) == state)
    }

    pub fn state(&self, id: UploadId) -> State {
        self.page.uploader.state(id).expect("known")
    }
}
