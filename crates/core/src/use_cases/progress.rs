//! Who waits in this process for which task.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use event_listener::{Event, EventListener};

use crate::ports::TaskKey;

/// Wakes those who wait for a task when a worker of this process is through with it. Other processes are not heard:
/// who waits looks again from time to time.
#[derive(Debug)]
pub struct Progress {
    events: Vec<Event>,
}

impl Progress {
    const STRIPES: usize = 64;

    /// Hears a task's end from now on. Tasks share listeners: waking says "look again", no more.
    pub(crate) fn listen(&self, key: &TaskKey) -> Option<EventListener> {
        self.event(key).map(Event::listen)
    }

    /// Wakes all who wait for the task.
    pub(crate) fn announce(&self, key: &TaskKey) {
        if let Some(event) = self.event(key) {
            event.notify(usize::MAX);
        }
    }

    fn event(&self, key: &TaskKey) -> Option<&Event> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let stripes = self.events.len() as u64;
        self.events.get(hasher.finish().checked_rem(stripes)? as usize)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self { events: (0..Self::STRIPES).map(|_| Event::new()).collect() }
    }
}
