//! The worker that applies lifecycle rules.
//!
//! A pass examines the versions of each bucket that has rules, in pages of bounded size, and deletes what is due in
//! transactions of bounded size, which share the commits of requests. Between two pages it rests longer than it has worked,
//! because requests have precedence. It keeps nothing between two passes: one that was interrupted, by a crash or by
//! another error, is made up for by the next.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use storage_hub_core::ports::{Clock, Source};
use storage_hub_s3_backend::lifecycle::is_upload_due;
use storage_hub_s3_protocol::lifecycle::LifecycleConfiguration;

use super::EmbeddedStore;
use crate::index::IndexError;
use crate::index::buckets::BucketRow;
use crate::index::lifecycle::{self, BucketRules, Due, Scan};
use crate::index::listing::{self, After, Entry, Keyed as _, PageQuery};

/// Maximum number of versions that one transaction deletes.
const DELETED_AT_ONCE: usize = 100;
/// Number of uploads that are examined in one transaction.
const UPLOADS_AT_ONCE: usize = 1_000;
/// How many times as long as a page took the worker rests after it.
const REST: u32 = 4;
/// Maximum duration of a rest.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// What a pass over all buckets with lifecycle rules did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LifecyclePass {
    /// Buckets with rules.
    pub buckets: u64,
    /// Versions and delete markers that were examined.
    pub examined: u64,
    /// Objects that expired: they were deleted, or a delete marker was put over them.
    pub expired: u64,
    /// Noncurrent versions and delete markers that were deleted.
    pub deleted: u64,
    /// Unfinished uploads that were aborted.
    pub aborted: u64,
    /// Versions that were due, and that object lock protects.
    pub kept: u64,
}

impl EmbeddedStore {
    /// Applies the lifecycle rules of all buckets once.
    ///
    /// # Errors
    /// When the index fails. What was deleted before stays deleted.
    pub async fn apply_lifecycle(&self, clock: &dyn Clock) -> Result<LifecyclePass, Source> {
        let mut pass = LifecyclePass::default();
        for rules in self.index().read(lifecycle::list_rules).await? {
            pass.buckets += 1;
            match LifecycleConfiguration::parse(rules.document.as_bytes()) {
                Ok(configuration) => self.apply_rules(clock, &rules, &configuration, &mut pass).await?,
                // Rules that are not understood as a whole delete nothing.
                Err(error) => tracing::error!(
                    bucket.id = %rules.bucket,
                    error = &error as &dyn std::error::Error,
                    "could not read the lifecycle rules of bucket {}", rules.bucket
                ),
            }
        }
        Ok(pass)
    }

    async fn apply_rules(
        &self,
        clock: &dyn Clock,
        rules: &BucketRules,
        configuration: &LifecycleConfiguration,
        pass: &mut LifecyclePass,
    ) -> Result<(), Source> {
        for prefix in prefixes(configuration) {
            let mut scan = Scan::new(prefix);
            while !scan.is_done() {
                let (started, now) = (Instant::now(), clock.now().millis());
                let (rules_read, configuration) = (rules.clone(), configuration.clone());
                let read = move |connection: &mut _| {
                    let (examined, due) = scan.go_on(connection, &rules_read, &configuration, now)?;
                    Ok((scan, examined, due))
                };
                let (examined, due);
                (scan, examined, due) = match self.index().read(read).await {
                    Err(IndexError::NoSuchBucket) => return Ok(()),
                    result => result?,
                };
                pass.examined += examined as u64;
                if !self.apply_due(rules, due.into(), now, pass).await? {
                    return Ok(());
                }
                rest(started).await;
            }
        }
        self.abort_due_uploads(clock, rules, configuration, pass).await
    }

    /// Deletes what is due. Returns whether the rules are still those of the bucket.
    async fn apply_due(
        &self,
        rules: &BucketRules,
        mut due: VecDeque<Due>,
        now: i64,
        pass: &mut LifecyclePass,
    ) -> Result<bool, Source> {
        while !due.is_empty() {
            let started = Instant::now();
            let some: VecDeque<_> = due.drain(..due.len().min(DELETED_AT_ONCE)).collect();
            let rules = rules.clone();
            let apply = move |connection: &mut _| lifecycle::apply(connection, &rules, some, now);
            let (applied, left) = self.commit(Vec::new(), apply).await?;
            if applied.is_outdated {
                return Ok(false);
            }
            pass.expired += applied.expired;
            pass.deleted += applied.deleted;
            pass.kept += applied.kept;
            left.into_iter().rev().for_each(|one| due.push_front(one));
            rest(started).await;
        }
        Ok(true)
    }

    async fn abort_due_uploads(
        &self,
        clock: &dyn Clock,
        rules: &BucketRules,
        configuration: &LifecycleConfiguration,
        pass: &mut LifecyclePass,
    ) -> Result<(), Source> {
        if !configuration.rules.iter().any(|rule| rule.enabled && rule.abort_upload_days.is_some()) {
            return Ok(());
        }
        let mut after = None;
        loop {
            let (started, now, bucket) = (Instant::now(), clock.now().millis(), rules.bucket);
            let query = PageQuery { prefix: String::new(), delimiter: None, after, limit: UPLOADS_AT_ONCE };
            let list = move |connection: &mut _| {
                let bucket = BucketRow::of(connection, bucket)?;
                listing::uploads(connection, &bucket, &query)
            };
            let page = match self.index().read(list).await {
                Err(IndexError::NoSuchBucket) => return Ok(()),
                result => result?,
            };
            after = None;
            for entry in page.entries {
                let Entry::Item(upload) = entry else { continue };
                let at = (upload.key_text(), upload.id);
                if is_upload_due(configuration, &at.0, upload.created_at, now) {
                    let (rules, at) = (rules.clone(), at.clone());
                    let abort = move |connection: &mut _| lifecycle::abort_upload(connection, &rules, &at);
                    pass.aborted += u64::from(self.commit(Vec::new(), abort).await?);
                }
                after = Some(After::Upload(at.0, at.1));
            }
            if !page.truncated {
                return Ok(());
            }
            rest(started).await;
        }
    }
}

/// Rests after work, so that it takes a bounded share of the disk and the processors.
async fn rest(started: Instant) {
    tokio::time::sleep((started.elapsed() * REST).min(LONGEST_REST)).await;
}

/// The prefixes of the rules about versions, without those that begin with another one.
fn prefixes(configuration: &LifecycleConfiguration) -> Vec<String> {
    let about_versions = configuration
        .rules
        .iter()
        .filter(|rule| rule.enabled)
        .filter(|rule| rule.expiration.is_some() || rule.noncurrent_expiration.is_some());
    let mut prefixes: Vec<_> = about_versions.map(|rule| rule.filter.prefix.clone().unwrap_or_default()).collect();
    prefixes.sort();
    // Sorted, a prefix comes before all that begin with it.
    prefixes.dedup_by(|later, earlier| later.starts_with(earlier.as_str()));
    prefixes
}
