//! Places where a test can kill the process, or pause it: nothing is flushed, closed or rolled back, as with `kill -9`.
//!
//! They have an effect only with the feature `failpoints`, which no release is built with, and then only the one that
//! [`VARIABLE`] names. Without the feature, [`reach`] is empty.

/// The environment variable that arms a failpoint. If it is the name of a failpoint, the process aborts where that is
/// reached. If it is `<name>=<path>`, the first thread that reaches it creates a file at the path instead, and waits until
/// the file is deleted.
pub const VARIABLE: &str = "STORAGE_HUB_TEST_FAILPOINT";

macro_rules! failpoints {
    ($($variant:ident $name:literal $meaning:literal)+) => {
        /// Every failpoint, so that a test can check that each is reached.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Failpoint {
            $(#[doc = $meaning] $variant,)+
        }

        impl Failpoint {
            /// Every failpoint.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

failpoints! {
    SignUpBeforeCommit "sign_up.before_commit" "Before an account is committed."
    SignUpAfterCommit "sign_up.after_commit" "After an account was committed."
    CreateBeforeCommit "create_bucket.before_commit" "Before a bucket is committed that is to be created."
    CreateAfterCommit "create_bucket.after_commit" "After a bucket was committed that is to be created."
    DeleteBeforeCommit "delete_bucket.before_commit" "Before a bucket's deletion is committed."
    DeleteAfterCommit "delete_bucket.after_commit" "After a bucket's deletion was committed."
    RotateBeforeCommit "rotate_credentials.before_commit" "Before a new secret is committed."
    RotateAfterCommit "rotate_credentials.after_commit" "After a new secret was committed."
    PasswordBeforeCommit "change_password.before_commit" "Before a new password is committed."
    PasswordAfterCommit "change_password.after_commit" "After a new password was committed."
    CreateBeforeBucket "create.before_bucket" "Before the store creates a bucket."
    CreateAfterBucket "create.after_bucket" "After the store created a bucket."
    CreateAfterPolicy "create.after_policy" "After a bucket's policy was written, before its task is completed."
    CreateAfterTransition "create.after_transition" "After a bucket became active, before anybody has access."
    DeleteBeforeBucket "delete.before_bucket" "Before the store deletes a bucket."
    DeleteAfterBucket "delete.after_bucket" "After the store deleted a bucket, before that is committed."
    DeleteAfterTransition "delete.after_transition" "After a bucket's deletion was committed, before all access to it is revoked."
    ReleaseBeforeCommit "release.before_commit" "Before the release of a bucket's name is committed."
    ReleaseAfterCommit "release.after_commit" "After the release of a bucket's name was committed."
    ShardBeforePolicy "shard.before_policy" "After reading what a policy must contain, before writing it to the store."
    ShardAfterPolicy "shard.after_policy" "After a policy was written, before its task is completed."
    ShardAfterCommit "shard.after_commit" "After the task of a policy was completed."
    PrincipalBeforeWrite "principal.before_write" "Before a principal is written to the store."
    PrincipalAfterWrite "principal.after_write" "After a principal was written, before its temporary credentials are revoked."
    PrincipalBeforeCommit "principal.before_commit" "Before the task of a principal is completed."
    PrincipalAfterCommit "principal.after_commit" "After the task of a principal was completed."
    AnswerBefore "answer.before" "After a use case that writes, before the response."
    AnswerAfter "answer.after" "After the response to a creation, before it is marked as answered."
    AnswerNoted "answer.noted" "After a creation was marked as answered."
    WriteAfterPermit "write.after_permit" "After an S3 write was authorized again, before it is committed."
    BlobBeforeCommit "blob.before_commit" "Before the embedded store commits an object to its index."
    BlobAfterCommit "blob.after_commit" "After the commit of an object, before its blobs leave `incoming`."
    BackupAfterIndex "backup.after_index" "Between the copies of the object index and of the records in a backup."
    BlobBeforeRelease "blob.before_release" "Before the embedded store deletes the blobs that a commit released."
    StartAnnounced "start.announced" "After a start was announced in hub.json, and before the index counts it."
    StartInIndex "start.in_index" "After the index counted a start, and before the records do."
    StartInRecords "start.in_records" "After the records counted a start, and before hub.json confirms it."
    StartAfterMark "start.after_mark" "After a store was marked, and before the records note it."
}

/// Passes a failpoint without effect.
#[inline]
#[cfg(not(feature = "failpoints"))]
pub const fn reach(_: Failpoint) {}

/// Passes a failpoint, unless it is the one that is armed.
#[cfg(feature = "failpoints")]
pub fn reach(point: Failpoint) {
    armed::reach(point);
}

#[cfg(feature = "failpoints")]
mod armed {
    use std::fs;
    use std::sync::OnceLock;
    use std::time::Duration;

    use super::{Failpoint, VARIABLE};

    const POLL_INTERVAL: Duration = Duration::from_millis(10);

    #[expect(clippy::disallowed_methods, reason = "only tests name a failpoint")]
    pub(super) fn reach(point: Failpoint) {
        static ARMED: OnceLock<String> = OnceLock::new();
        let armed = ARMED.get_or_init(|| std::env::var(VARIABLE).unwrap_or_default());
        match armed.split_once('=') {
            None if armed == point.as_str() => std::process::abort(),
            Some((name, file)) if name == point.as_str() => hold(file),
            _ => {}
        }
    }

    /// Creates the file and waits until it is deleted. Only the first call does so, and none if the file cannot be created.
    fn hold(file: &str) {
        static HELD: OnceLock<()> = OnceLock::new();
        let mut first = false;
        HELD.get_or_init(|| first = true);
        if first && fs::write(file, "").is_ok() {
            while fs::exists(file).unwrap_or(false) {
                std::thread::sleep(POLL_INTERVAL);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_failpoint_has_its_own_name() {
        let names: BTreeSet<_> = Failpoint::ALL.iter().map(|point| point.as_str()).collect();
        assert_eq!(names.len(), Failpoint::ALL.len());
    }
}
