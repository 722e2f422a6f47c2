//! Keeps blobs that are being read from being deleted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{BlobName, Blobs, run_aside};

/// Which blobs are being read, by how many readers, and which of them the last reader deletes.
#[derive(Default)]
pub(super) struct Pins(Mutex<HashMap<BlobName, Reading>>);

struct Reading {
    readers: usize,
    doomed: bool,
}

/// Keeps its blobs while it lives.
pub(crate) struct Pin {
    blobs: Arc<Blobs>,
    names: Vec<BlobName>,
}

impl Pins {
    fn lock(&self) -> MutexGuard<'_, HashMap<BlobName, Reading>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Splits blobs into those that nobody reads and those that are being read. The last reader deletes the latter.
    pub(super) fn doom(&self, blobs: Vec<BlobName>) -> (Vec<BlobName>, Vec<BlobName>) {
        let mut pins = self.lock();
        let unread = |blob: &BlobName| pins.get_mut(blob).map(|reading| reading.doomed = true).is_none();
        blobs.into_iter().partition(unread)
    }

    pub(super) fn contains(&self, blob: &BlobName) -> bool {
        self.lock().contains_key(blob)
    }
}

impl Blobs {
    /// Keeps these blobs until the pin is dropped.
    pub(crate) fn pin(self: &Arc<Self>, names: Vec<BlobName>) -> Pin {
        let mut pins = self.pins.lock();
        for name in &names {
            pins.entry(name.clone()).or_insert(Reading { readers: 0, doomed: false }).readers += 1;
        }
        drop(pins);
        Pin { blobs: Arc::clone(self), names }
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut doomed = Vec::new();
        let mut pins = self.blobs.pins.lock();
        for name in self.names.drain(..) {
            let Some(reading) = pins.get_mut(&name) else { continue };
            reading.readers = reading.readers.saturating_sub(1);
            if reading.readers == 0 {
                if reading.doomed {
                    doomed.push(name.clone());
                }
                pins.remove(&name);
            }
        }
        drop(pins);
        if !doomed.is_empty() {
            let blobs = Arc::clone(&self.blobs);
            run_aside(move || {
                for blob in &doomed {
                    blobs.delete_or_keep(blob);
                }
            });
        }
    }
}
