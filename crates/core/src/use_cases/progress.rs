//! Who waits in this process for which task.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::{Event, EventListener};

use crate::ports::TaskKey;

/// Lets those who wait for a task hear of its end from the workers of this process, without asking the records. Other
/// processes are not heard: one of those who wait looks again from time to time.
#[derive(Default)]
pub struct Progress {
    waits: Mutex<HashMap<TaskKey, Arc<Wait>>>,
}

/// What those who wait for one task share.
#[derive(Default)]
pub(crate) struct Wait {
    done: AtomicI64,
    ended: Event,
    /// Held by the one of them who asks the records, and then carries the task out for all.
    pub(crate) turn: futures::lock::Mutex<()>,
}

impl Wait {
    /// Hears a worker's end from now on. Hearing it says "look again", no more.
    pub(crate) fn listen(&self) -> EventListener {
        self.ended.listen()
    }

    /// Whether a worker of this process has said that the store has this generation.
    pub(crate) fn is_done(&self, generation: i64) -> bool {
        self.done.load(Ordering::Acquire) >= generation
    }
}

/// One who waits. The last one to go takes the entry along.
pub(crate) struct Waiter<'a> {
    progress: &'a Progress,
    key: &'a TaskKey,
    wait: Arc<Wait>,
}

impl Progress {
    /// Waits for a task from now on.
    pub(crate) fn wait_for<'a>(&'a self, key: &'a TaskKey) -> Waiter<'a> {
        let wait = self.lock().entry(key.clone()).or_default().clone();
        Waiter { progress: self, key, wait }
    }

    /// Tells all who wait for the task that a worker is through with it, and what the store has now, if that is known.
    pub(crate) fn announce(&self, key: &TaskKey, done: Option<i64>) {
        if let Some(wait) = self.lock().get(key) {
            wait.done.fetch_max(done.unwrap_or_default(), Ordering::AcqRel);
            wait.ended.notify(usize::MAX);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskKey, Arc<Wait>>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("tasks", &self.lock().len()).finish()
    }
}

impl Deref for Waiter<'_> {
    type Target = Wait;

    fn deref(&self) -> &Wait {
        &self.wait
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut waits = self.progress.lock();
        // The map's and this one's: clones are made under the lock only.
        if Arc::strong_count(&self.wait) <= 2 {
            waits.remove(self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::Grant;

    #[test]
    fn those_who_wait_hear_what_is_done_and_leave_nothing_behind() {
        let progress = Progress::default();
        let key = TaskKey::Shard(Grant::parse("team").unwrap(), 0);
        progress.announce(&key, Some(9));
        let (first, second) = (progress.wait_for(&key), progress.wait_for(&key));
        assert!(!first.is_done(1), "what was announced before is not kept");
        progress.announce(&key, Some(3));
        progress.announce(&key, None);
        assert!(first.is_done(3) && second.is_done(2) && !second.is_done(4));
        drop(first);
        assert_eq!(progress.lock().len(), 1);
        drop(second);
        assert_eq!(progress.lock().len(), 0);
    }
}
