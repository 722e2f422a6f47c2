//! What the endpoint logs, with all fields, at every level.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use storage_hub_adapter_s3::ACCESS_LOG_TARGET;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

use crate::hub::Hub;

/// The fields of an event or a span, with its target.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) target: String,
    fields: BTreeMap<&'static str, String>,
}

impl Line {
    /// A field; empty if it was not recorded.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Collects everything that the hub logs on this thread, where the endpoint of a test runs too.
#[derive(Clone, Default)]
pub(crate) struct Lines {
    lines: Arc<Mutex<Vec<Line>>>,
    spans: Arc<AtomicU64>,
}

impl Lines {
    pub(crate) fn collect() -> (Self, DefaultGuard) {
        let lines = Self::default();
        let guard = tracing::subscriber::set_default(lines.clone());
        (lines, guard)
    }

    /// Sends requests until one leaves a line: the interest in an event that another thread registers while this collector
    /// is created is cached wrongly, until it is computed again.
    pub(crate) async fn until_written(&self, hub: &Hub) {
        loop {
            let id = hub.anonymous().get("/").await.header("x-amz-request-id").to_owned();
            for _ in 0..1000 {
                if self.find(&id).is_some() {
                    return;
                }
                tokio::task::yield_now().await;
            }
            tracing::callsite::rebuild_interest_cache();
        }
    }

    pub(crate) fn all(&self) -> Vec<Line> {
        self.lines.lock().unwrap().clone()
    }

    /// The line of the request with this id, once it was written.
    pub(crate) async fn of_request(&self, id: &str) -> Line {
        loop {
            match self.find(id) {
                Some(line) => return line,
                None => tokio::task::yield_now().await,
            }
        }
    }

    fn find(&self, id: &str) -> Option<Line> {
        let lines = self.lines.lock().unwrap();
        lines.iter().find(|line| line.target == ACCESS_LOG_TARGET && line.get("request.id") == id).cloned()
    }

    fn push(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
        let mut line = Line { target: metadata.target().to_owned(), ..Line::default() };
        record(&mut line);
        self.lines.lock().unwrap().push(line);
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("storage_hub")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.push(span.metadata(), |line| span.record(line));
        Id::from_u64(self.spans.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line::default();
        values.record(&mut line);
        self.lines.lock().unwrap().push(line);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.push(event.metadata(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
