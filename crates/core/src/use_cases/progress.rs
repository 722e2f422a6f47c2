//! The requests of this process that wait for tasks.
//!
//! Many requests may wait for the same task, the creations of one owner's buckets for its shard for example. One of them
//! polls the database and runs the task; the others hear of the result here.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::{Event, EventListener};

use crate::ports::TaskKey;

/// Notifies the requests that wait for a task when a worker of this process has finished it, so that they need not poll the
/// database. Workers of other processes are not heard; therefore one of the waiting requests polls.
#[derive(Default)]
pub struct Progress {
    waits: Mutex<HashMap<TaskKey, Arc<Wait>>>,
}

/// The state that the waiters of one task share.
#[derive(Default)]
pub(crate) struct Wait {
    done: AtomicI64,
    ended: Event,
    /// Held by the one waiter that polls the database and runs the task; the others wait for its result.
    pub(crate) turn: futures::lock::Mutex<()>,
}

impl Wait {
    /// Listens for the end of a worker's run from now on. A notification only means that the state may have changed.
    pub(crate) fn listen(&self) -> EventListener {
        self.ended.listen()
    }

    /// Whether a worker of this process has announced that the store has this generation.
    pub(crate) fn is_done(&self, generation: i64) -> bool {
        self.done.load(Ordering::Acquire) >= generation
    }
}

/// A waiter of a task. Dropping the last one removes the task's entry.
pub(crate) struct Waiter<'a> {
    progress: &'a Progress,
    key: &'a TaskKey,
    wait: Arc<Wait>,
}

impl Progress {
    /// Registers a waiter for a task.
    pub(crate) fn wait_for<'a>(&'a self, key: &'a TaskKey) -> Waiter<'a> {
        let wait = self.lock().entry(key.clone()).or_default().clone();
        Waiter { progress: self, key, wait }
    }

    /// Notifies all waiters of a task that a worker has finished, and of the generation that the store has now, if known.
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
        // Two references are left: that of the map and this one. The count is exact, because clones are only made under
        // the lock.
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
    fn waiters_hear_of_the_result_and_leave_no_entry_behind() {
        let progress = Progress::default();
        let key = TaskKey::Shard(Grant::parse("team").unwrap(), 0);
        progress.announce(&key, Some(9));
        let (first, second) = (progress.wait_for(&key), progress.wait_for(&key));
        assert!(!first.is_done(1), "an earlier announcement is not kept");
        progress.announce(&key, Some(3));
        progress.announce(&key, None);
        assert!(first.is_done(3) && second.is_done(2) && !second.is_done(4));
        drop(first);
        assert_eq!(progress.lock().len(), 1);
        drop(second);
        assert_eq!(progress.lock().len(), 0);
    }
}
