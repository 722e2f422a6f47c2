//! Which permission each operation needs: the one place where operations of the protocol become actions of core's table.

use storage_hub_core::s3_action::S3Action;
use storage_hub_s3_protocol::operation_name::OperationName;

/// What must be allowed before an operation is performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needed {
    /// An action without a bucket.
    Service(S3Action),
    /// An action in the bucket that is addressed.
    Bucket(S3Action),
    /// Nothing allows it, because it is not implemented, and there is no action for it.
    NotImplemented,
}

/// What an operation needs. `version`: whether it names a version of the object.
///
/// `HeadBucket` needs what lists need. Copies need the action on their source too, and `DeleteObjects` that of each entry.
pub(crate) const fn needed(operation: OperationName, version: bool) -> Needed {
    use OperationName as Op;
    use S3Action as Action;
    let action = match operation {
        Op::ListBuckets => return Needed::Service(Action::ListAllMyBuckets),
        Op::CreateBucket => return Needed::Service(Action::CreateBucket),
        Op::DeleteBucket => Action::DeleteBucket,
        Op::HeadBucket | Op::ListObjects | Op::ListObjectsV2 => Action::ListBucket,
        Op::ListObjectVersions => Action::ListBucketVersions,
        Op::ListMultipartUploads => Action::ListBucketMultipartUploads,
        // Reads of the bucket for which IAM has finer actions. Everybody who may read the bucket may do them.
        Op::GetBucketLocation
        | Op::GetBucketAcl
        | Op::GetBucketLogging
        | Op::GetBucketRequestPayment
        | Op::GetBucketAccelerateConfiguration
        | Op::GetBucketWebsite
        | Op::GetBucketReplication => Action::GetBucketLocation,
        Op::GetBucketVersioning => Action::GetBucketVersioning,
        Op::PutBucketVersioning => Action::PutBucketVersioning,
        Op::GetBucketPolicy => Action::GetBucketPolicy,
        Op::GetBucketPolicyStatus => Action::GetBucketPolicyStatus,
        Op::PutBucketPolicy => Action::PutBucketPolicy,
        Op::DeleteBucketPolicy => Action::DeleteBucketPolicy,
        Op::GetBucketCors => Action::GetBucketCors,
        Op::PutBucketCors => Action::PutBucketCors,
        Op::DeleteBucketCors => Action::DeleteBucketCors,
        // An ACL is a policy in other words. Only the one that every bucket has is accepted, and changes nothing.
        Op::PutBucketAcl => Action::GetBucketPolicy,
        Op::GetBucketTagging => Action::GetBucketTagging,
        Op::PutBucketTagging | Op::DeleteBucketTagging => Action::PutBucketTagging,
        Op::GetBucketLifecycleConfiguration => Action::GetLifecycleConfiguration,
        Op::PutBucketLifecycleConfiguration | Op::DeleteBucketLifecycle => Action::PutLifecycleConfiguration,
        Op::GetBucketEncryption => Action::GetEncryptionConfiguration,
        Op::PutBucketEncryption | Op::DeleteBucketEncryption => Action::PutEncryptionConfiguration,
        Op::GetObjectLockConfiguration => Action::GetBucketObjectLockConfiguration,
        Op::PutObjectLockConfiguration => Action::PutBucketObjectLockConfiguration,
        Op::GetBucketNotificationConfiguration => Action::GetBucketNotification,
        Op::PutBucketNotificationConfiguration => Action::PutBucketNotification,
        Op::GetObject | Op::HeadObject | Op::GetObjectTorrent | Op::SelectObjectContent if version => {
            Action::GetObjectVersion
        }
        Op::GetObject | Op::HeadObject | Op::GetObjectTorrent | Op::SelectObjectContent => Action::GetObject,
        Op::GetObjectAttributes | Op::GetObjectAcl if version => Action::GetObjectVersionAttributes,
        Op::GetObjectAttributes | Op::GetObjectAcl => Action::GetObjectAttributes,
        Op::GetObjectTagging if version => Action::GetObjectVersionTagging,
        Op::GetObjectTagging => Action::GetObjectTagging,
        Op::PutObjectTagging if version => Action::PutObjectVersionTagging,
        Op::PutObjectTagging => Action::PutObjectTagging,
        Op::DeleteObjectTagging if version => Action::DeleteObjectVersionTagging,
        Op::DeleteObjectTagging => Action::DeleteObjectTagging,
        Op::GetObjectRetention => Action::GetObjectRetention,
        Op::PutObjectRetention => Action::PutObjectRetention,
        Op::GetObjectLegalHold => Action::GetObjectLegalHold,
        Op::PutObjectLegalHold => Action::PutObjectLegalHold,
        Op::PutObject
        | Op::PostObject
        | Op::PutObjectAcl
        | Op::RenameObject
        | Op::RestoreObject
        | Op::CopyObject
        | Op::CreateMultipartUpload
        | Op::UploadPart
        | Op::UploadPartCopy
        | Op::CompleteMultipartUpload => Action::PutObject,
        Op::AbortMultipartUpload => Action::AbortMultipartUpload,
        Op::ListParts => Action::ListMultipartUploadParts,
        Op::DeleteObject if version => Action::DeleteObjectVersion,
        Op::DeleteObject | Op::DeleteObjects => Action::DeleteObject,
        Op::PutBucketReplication
        | Op::DeleteBucketReplication
        | Op::PutBucketWebsite
        | Op::DeleteBucketWebsite
        | Op::PutBucketLogging
        | Op::PutBucketRequestPayment
        | Op::PutBucketAccelerateConfiguration
        | Op::GetPublicAccessBlock
        | Op::PutPublicAccessBlock
        | Op::DeletePublicAccessBlock
        | Op::GetBucketOwnershipControls
        | Op::PutBucketOwnershipControls
        | Op::DeleteBucketOwnershipControls
        | Op::GetBucketAnalyticsConfiguration
        | Op::ListBucketAnalyticsConfigurations
        | Op::PutBucketAnalyticsConfiguration
        | Op::DeleteBucketAnalyticsConfiguration
        | Op::GetBucketInventoryConfiguration
        | Op::ListBucketInventoryConfigurations
        | Op::PutBucketInventoryConfiguration
        | Op::DeleteBucketInventoryConfiguration
        | Op::GetBucketMetricsConfiguration
        | Op::ListBucketMetricsConfigurations
        | Op::PutBucketMetricsConfiguration
        | Op::DeleteBucketMetricsConfiguration
        | Op::GetBucketIntelligentTieringConfiguration
        | Op::ListBucketIntelligentTieringConfigurations
        | Op::PutBucketIntelligentTieringConfiguration
        | Op::DeleteBucketIntelligentTieringConfiguration
        | Op::CreateSession => return Needed::NotImplemented,
    };
    Needed::Bucket(action)
}

/// What reading the source of a copy needs.
pub(crate) const fn needed_of_source(version: bool) -> S3Action {
    if version { S3Action::GetObjectVersion } else { S3Action::GetObject }
}

/// What taking over the tags of the source of a copy needs.
pub(crate) const fn needed_of_source_tags(version: bool) -> S3Action {
    if version { S3Action::GetObjectVersionTagging } else { S3Action::GetObjectTagging }
}

/// What deleting an entry of `DeleteObjects` needs.
pub(crate) const fn needed_of_deletion(version: bool) -> S3Action {
    if version { S3Action::DeleteObjectVersion } else { S3Action::DeleteObject }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_on_a_version_never_needs_less() {
        use storage_hub_core::s3_action::Rule;
        for operation in OperationName::ALL {
            let (Needed::Bucket(current), Needed::Bucket(version)) =
                (needed(*operation, false), needed(*operation, true))
            else {
                continue;
            };
            if let (Rule::Access(current), Rule::Access(version)) = (current.rule(), version.rule()) {
                assert!(current <= version, "{}", operation.as_str());
            }
        }
    }
}
