//! The lifecycle configuration of a bucket: which objects, versions and unfinished uploads are deleted when.
//!
//! A document that cannot be understood as a whole is refused, because a rule that is read wrongly deletes data. The rules
//! themselves are applied by backends.

mod document;

use crate::tags::Tags;
use crate::types::Millis;

/// The lifecycle configuration of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleConfiguration {
    /// 1 to 1,000 rules, whose ids differ.
    pub rules: Vec<LifecycleRule>,
}

/// A rule, which has at least one of its actions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleRule {
    /// 1 to 255 characters.
    pub id: String,
    /// Whether it is applied.
    pub enabled: bool,
    /// What it applies to.
    pub filter: LifecycleFilter,
    /// What is done with current versions.
    pub expiration: Option<Expiration>,
    /// What is done with noncurrent versions.
    pub noncurrent_expiration: Option<NoncurrentExpiration>,
    /// After how many days, at least 1, an unfinished upload is aborted.
    pub abort_upload_days: Option<u32>,
}

/// What a rule applies to: that which meets all conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleFilter {
    /// Only keys that begin with this.
    pub prefix: Option<String>,
    /// Only objects that have all of these.
    pub tags: Tags,
    /// Only objects of more bytes.
    pub size_greater_than: Option<u64>,
    /// Only objects of fewer bytes.
    pub size_less_than: Option<u64>,
    /// Whether it was written as the `Prefix` of the rule itself, as S3 had it before there were filters.
    pub is_old_prefix: bool,
}

/// What is done with current versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiration {
    /// They are deleted this many days, at least 1, after they were written.
    Days(u32),
    /// They are deleted from this moment on, a midnight of UTC.
    Date(Millis),
    /// A delete marker that is the only version of its key is deleted.
    DeleteMarkers,
}

/// Which noncurrent versions are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoncurrentExpiration {
    /// Those that became noncurrent at least this many days ago, at least 1.
    pub days: u32,
    /// Those that are older than this many noncurrent versions, 1 to 100.
    pub newer_versions: Option<u32>,
}

impl LifecycleFilter {
    /// Whether it looks at what unfinished uploads and delete markers do not have: tags and a size.
    #[must_use]
    pub fn is_about_objects(&self) -> bool {
        !self.tags.is_empty() || self.size_greater_than.is_some() || self.size_less_than.is_some()
    }

    /// Whether it applies to a key, as far as the key alone tells.
    #[must_use]
    pub fn matches_key(&self, key: &str) -> bool {
        self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str()))
    }

    /// Whether it applies to an object.
    #[must_use]
    pub fn matches(&self, key: &str, size: u64, tags: &Tags) -> bool {
        self.matches_key(key)
            && self.size_greater_than.is_none_or(|limit| size > limit)
            && self.size_less_than.is_none_or(|limit| size < limit)
            && self.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
    }
}
