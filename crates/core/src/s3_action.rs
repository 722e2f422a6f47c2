//! The S3 actions that each access level allows. The use cases, the embedded endpoint and all policies derive from this
//! one table.

use std::fmt;

use crate::acl::Access;

/// Who may perform an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Everyone who has at least this access to the bucket.
    Access(Access),
    /// Every signed-in user. A list contains only what the caller may see.
    SignedIn,
    /// The owner of the bucket, and administrators, whatever access others have.
    Owner,
    /// Nobody, because the hub does it itself.
    Hub,
}

macro_rules! s3_actions {
    ($($rule:expr => [$($action:ident),+ $(,)?]),+ $(,)?) => {
        /// An action of the S3 protocol, by its IAM name without the `s3:`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum S3Action {
            $($(#[doc = concat!("`s3:", stringify!($action), "`")] $action,)+)+
        }

        impl S3Action {
            /// Every action, in the order of the table.
            pub const ALL: &'static [Self] = &[$($(Self::$action,)+)+];

            /// The name in policies, such as `s3:GetObject`.
            #[must_use]
            pub const fn iam_name(self) -> &'static str {
                match self {
                    $($(Self::$action => concat!("s3:", stringify!($action)),)+)+
                }
            }

            /// Who may perform it.
            #[must_use]
            pub const fn rule(self) -> Rule {
                match self {
                    $($(Self::$action => $rule,)+)+
                }
            }
        }
    };
}

s3_actions! {
    Rule::SignedIn => [ListAllMyBuckets],
    Rule::Access(Access::Read) => [
        GetObject, GetObjectVersion, GetObjectAttributes, GetObjectVersionAttributes, GetObjectTagging,
        GetObjectVersionTagging, ListBucket, ListBucketVersions, GetBucketLocation, GetBucketVersioning,
    ],
    Rule::Access(Access::Write) => [
        PutObject, DeleteObject, PutObjectTagging, PutObjectVersionTagging, DeleteObjectTagging,
        DeleteObjectVersionTagging, AbortMultipartUpload, ListMultipartUploadParts, ListBucketMultipartUploads,
    ],
    Rule::Access(Access::Manage) => [
        DeleteObjectVersion, PutBucketVersioning, GetLifecycleConfiguration, PutLifecycleConfiguration,
        GetBucketTagging, PutBucketTagging, GetBucketNotification, PutBucketNotification, ListenBucketNotification,
        GetBucketCors, PutBucketCors, DeleteBucketCors, GetEncryptionConfiguration, PutEncryptionConfiguration,
        GetBucketObjectLockConfiguration, PutBucketObjectLockConfiguration, GetObjectRetention, PutObjectRetention,
        GetObjectLegalHold, PutObjectLegalHold, BypassGovernanceRetention, GetBucketPolicy, GetBucketPolicyStatus,
    ],
    Rule::SignedIn => [CreateBucket],
    Rule::Owner => [DeleteBucket],
    Rule::Hub => [ForceDeleteBucket, PutBucketPolicy, DeleteBucketPolicy],
}

impl S3Action {
    /// The actions that an access level allows, in the order of the table.
    pub fn allowed_by(access: Access) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |action| matches!(action.rule(), Rule::Access(least) if least <= access))
    }

    /// Whether MinIO's policies deny the action to every principal, whatever its rule gives: what the hub does itself,
    /// creating and deleting buckets included, and the deletion of versions. MinIO deletes a version for whoever may do `s3:DeleteObject` unless
    /// `s3:DeleteObjectVersion` is denied, so that not allowing it would keep nobody from it.
    #[must_use]
    pub const fn denied_on_minio(self) -> bool {
        matches!(self.rule(), Rule::Hub | Rule::Owner) || matches!(self, Self::CreateBucket | Self::DeleteObjectVersion)
    }

    /// Whether an entry of `public` gives the action. It gives less than the access that the entry names: a version, tags, attributes and the location stay with those who were given access themselves.
    #[must_use]
    pub const fn is_given_by_public(self) -> bool {
        matches!(self, Self::GetObject | Self::ListBucket)
    }
}

impl fmt::Display for S3Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.iam_name())
    }
}
