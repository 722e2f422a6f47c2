use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::lifecycle::LifecycleConfiguration;
use storage_hub_s3_protocol::object_lock::{ObjectLockConfiguration, Retention};
use storage_hub_s3_protocol::tags::Tags;
use storage_hub_s3_protocol::versioning::VersioningState;

/// Which setting of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketSettingKind {
    /// Whether it keeps versions.
    Versioning,
    /// Its tags.
    Tags,
    /// Its lifecycle rules.
    Lifecycle,
    /// Object lock.
    ObjectLock,
}

/// A setting of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BucketSetting {
    /// Whether it keeps versions.
    Versioning(VersioningState),
    /// Its tags.
    Tags(Tags),
    /// Its lifecycle rules.
    Lifecycle(LifecycleConfiguration),
    /// Object lock, which can be configured and never ends.
    ObjectLock(ObjectLockConfiguration),
}

/// Which setting of a version of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectSettingKind {
    /// Its tags.
    Tags,
    /// Its retention.
    Retention,
    /// Its legal hold.
    LegalHold,
}

/// A setting of a version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectSetting {
    /// Its tags. An object always has them, if only none.
    Tags(Tags),
    /// Its retention; `None`: it has none.
    Retention(Option<Retention>),
    /// Its legal hold; `None`: it was never set.
    LegalHold(Option<bool>),
}

/// A setting that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSetting {
    /// The version that has it, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// The setting.
    pub setting: ObjectSetting,
}

impl BucketSetting {
    /// Which one it is.
    #[must_use]
    pub const fn kind(&self) -> BucketSettingKind {
        match self {
            Self::Versioning(_) => BucketSettingKind::Versioning,
            Self::Tags(_) => BucketSettingKind::Tags,
            Self::Lifecycle(_) => BucketSettingKind::Lifecycle,
            Self::ObjectLock(_) => BucketSettingKind::ObjectLock,
        }
    }

    /// Whether a bucket with this state of versioning, and with or without object lock, can have it.
    ///
    /// # Errors
    /// `InvalidBucketState`: object lock needs versions, so versioning must be enabled first and cannot be suspended later.
    pub fn check(&self, versioning: Option<VersioningState>, has_object_lock: bool) -> S3Result<()> {
        let message = match self {
            Self::Versioning(VersioningState::Suspended) if has_object_lock => {
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
            }
            Self::ObjectLock(_) if !has_object_lock && versioning != Some(VersioningState::Enabled) => {
                "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
            }
            _ => return Ok(()),
        };
        Err(S3Error::with_message(ErrorCode::InvalidBucketState, message))
    }
}

impl ObjectSetting {
    /// Which one it is.
    #[must_use]
    pub const fn kind(&self) -> ObjectSettingKind {
        match self {
            Self::Tags(_) => ObjectSettingKind::Tags,
            Self::Retention(_) => ObjectSettingKind::Retention,
            Self::LegalHold(_) => ObjectSettingKind::LegalHold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_lock_and_suspended_versioning_exclude_each_other() {
        let (enabled, suspended) = (VersioningState::Enabled, VersioningState::Suspended);
        let lock = || BucketSetting::ObjectLock(ObjectLockConfiguration::default());
        let table = [
            (BucketSetting::Versioning(suspended), Some(enabled), false, true),
            (BucketSetting::Versioning(suspended), Some(enabled), true, false),
            (BucketSetting::Versioning(enabled), Some(enabled), true, true),
            (lock(), None, false, false),
            (lock(), Some(suspended), false, false),
            (lock(), Some(enabled), false, true),
            (lock(), Some(enabled), true, true),
            (BucketSetting::Tags(Tags::default()), None, false, true),
        ];
        for (setting, versioning, has_lock, allowed) in table {
            let checked = setting.check(versioning, has_lock).map_err(|error| error.code());
            let expected = if allowed { Ok(()) } else { Err(ErrorCode::InvalidBucketState) };
            assert_eq!(checked, expected, "{setting:?} {versioning:?} {has_lock}");
        }
    }
}
