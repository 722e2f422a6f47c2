//! Places where a test can end the process at once, or hold it: nothing is flushed, closed or rolled back, as with
//! `kill -9`.
//!
//! They do something with the feature `failpoints` only, which no program is built with, and then for the one that
//! [`VARIABLE`] names. Without the feature [`reach`] is empty.

/// The variable of the environment: the name of a failpoint, and the process ends where it is reached. With `=` and a
/// path behind the name a file of that path is made there instead, and the thread waits until the file is gone.
pub const VARIABLE: &str = "STORAGE_HUB_TEST_FAILPOINT";

macro_rules! failpoints {
    ($($variant:ident $name:literal $meaning:literal)+) => {
        /// Every failpoint, so that a test can see that each of them is reached.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Failpoint {
            $(#[doc = $meaning] $variant,)+
        }

        impl Failpoint {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name.
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
    SignUpBeforeCommit "sign_up.before_commit" "Before an account is written down."
    SignUpAfterCommit "sign_up.after_commit" "After an account was written down."
    CreateBeforeCommit "create_bucket.before_commit" "Before a bucket is written down as wanted."
    CreateAfterCommit "create_bucket.after_commit" "After a bucket was written down as wanted."
    DeleteBeforeCommit "delete_bucket.before_commit" "Before a bucket is written down as unwanted."
    DeleteAfterCommit "delete_bucket.after_commit" "After a bucket was written down as unwanted."
    RotateBeforeCommit "rotate_credentials.before_commit" "Before a new secret is written down."
    RotateAfterCommit "rotate_credentials.after_commit" "After a new secret was written down."
    PasswordBeforeCommit "change_password.before_commit" "Before a new password is written down."
    PasswordAfterCommit "change_password.after_commit" "After a new password was written down."
    CreateBeforeBucket "create.before_bucket" "Before the store makes a bucket."
    CreateAfterBucket "create.after_bucket" "Between a bucket and its policy."
    CreateAfterPolicy "create.after_policy" "Before a bucket is noted as made."
    CreateAfterTransition "create.after_transition" "After a bucket was noted as made, and before anybody has access."
    DeleteBeforeBucket "delete.before_bucket" "Before the store removes a bucket."
    DeleteAfterBucket "delete.after_bucket" "Before a bucket is noted as removed."
    DeleteAfterTransition "delete.after_transition" "Between a bucket's removal and that of all access to it."
    ReleaseBeforeCommit "release.before_commit" "Before a bucket's name is free."
    ReleaseAfterCommit "release.after_commit" "After a bucket's name was freed."
    ShardBeforePolicy "shard.before_policy" "Between reading what a policy is to say and writing it to the store."
    ShardAfterPolicy "shard.after_policy" "Before a policy is noted as written."
    ShardAfterCommit "shard.after_commit" "After a policy was noted as written."
    PrincipalBeforeWrite "principal.before_write" "Before the store is told of a principal."
    PrincipalAfterWrite "principal.after_write" "Between a principal and the end of its temporary credentials."
    PrincipalBeforeCommit "principal.before_commit" "Before a principal is noted as written."
    PrincipalAfterCommit "principal.after_commit" "After a principal was noted as written."
    AnswerBefore "answer.before" "Between a use case that wrote and the answer."
    AnswerAfter "answer.after" "Between the answer to a creation and the note that it was answered."
    AnswerNoted "answer.noted" "After a creation was noted as answered."
    BlobBeforeCommit "blob.before_commit" "Before the embedded store commits an object to its index."
    BlobAfterCommit "blob.after_commit" "After the commit of an object, before its blobs leave `incoming`."
    BackupAfterIndex "backup.after_index" "Between the copies of the object index and of the records in a backup."
    BlobBeforeRelease "blob.before_release" "Before the embedded store deletes the blobs that a commit released."
    StartAnnounced "start.announced" "After a start was announced in hub.json, and before the index counts it."
    StartInIndex "start.in_index" "After the index counted a start, and before the records do."
    StartInRecords "start.in_records" "After the records counted a start, and before hub.json confirms it."
    StartAfterMark "start.after_mark" "After a store was marked, and before the records note it."
}

/// Passes a failpoint.
#[inline]
#[cfg(not(feature = "failpoints"))]
pub const fn reach(_: Failpoint) {}

/// Passes a failpoint, unless it is the one that the environment names.
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

    const LOOK_AGAIN: Duration = Duration::from_millis(10);

    pub(super) fn reach(point: Failpoint) {
        static ARMED: OnceLock<String> = OnceLock::new();
        let armed = ARMED.get_or_init(|| std::env::var(VARIABLE).unwrap_or_default());
        match armed.split_once('=') {
            None if armed == point.as_str() => std::process::abort(),
            Some((name, file)) if name == point.as_str() => hold(file),
            _ => {}
        }
    }

    /// Makes the file and waits until it is gone: the first time only, and nobody waits for one that cannot be made.
    fn hold(file: &str) {
        static HELD: OnceLock<()> = OnceLock::new();
        let mut first = false;
        HELD.get_or_init(|| first = true);
        if first && fs::write(file, "").is_ok() {
            while fs::exists(file).unwrap_or(false) {
                std::thread::sleep(LOOK_AGAIN);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_failpoint_has_a_name_of_its_own() {
        let names: BTreeSet<_> = Failpoint::ALL.iter().map(|point| point.as_str()).collect();
        assert_eq!(names.len(), Failpoint::ALL.len());
    }
}
