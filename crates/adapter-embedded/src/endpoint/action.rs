//! Which permission each operation needs: the one place where names of operations become actions of core's table.

use storage_hub_core::s3_action::S3Action;

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// This action on the bucket; when the request names a version, the second one.
    Action(S3Action, S3Action),
    /// Nothing gives it: the store does not have the operation, and there is no action for it.
    NotThere,
    /// An operation that this table does not know.
    Unknown,
}

/// The operations that the store has.
const THERE: [&str; 21] = [
    "ListBuckets",
    "HeadBucket",
    "GetBucketLocation",
    "GetBucketVersioning",
    "GetBucketPolicy",
    "ListObjects",
    "ListObjectsV2",
    "PutObject",
    "GetObject",
    "HeadObject",
    "GetObjectAttributes",
    "CopyObject",
    "DeleteObject",
    "DeleteObjects",
    "CreateMultipartUpload",
    "UploadPart",
    "UploadPartCopy",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    "ListParts",
    "ListMultipartUploads",
];

/// An operation of s3s by its name, if the store has it.
pub(super) fn find_there(operation: &str) -> Option<&'static str> {
    THERE.into_iter().find(|there| *there == operation)
}

/// What an operation of s3s needs, by its name.
pub(super) fn need(operation: &str) -> Need {
    use S3Action::*;
    let action = match operation {
        "ListBuckets" => ListAllMyBuckets,
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => ListBucket,
        "ListObjectVersions" => ListBucketVersions,
        "GetBucketLocation" => GetBucketLocation,
        "GetBucketVersioning" => GetBucketVersioning,
        "GetObject" | "HeadObject" | "SelectObjectContent" | "GetObjectTorrent" => {
            return Need::Action(GetObject, GetObjectVersion);
        }
        "GetObjectAttributes" => return Need::Action(GetObjectAttributes, GetObjectVersionAttributes),
        "GetObjectTagging" => return Need::Action(GetObjectTagging, GetObjectVersionTagging),
        "PutObjectTagging" => return Need::Action(PutObjectTagging, PutObjectVersionTagging),
        "DeleteObjectTagging" => return Need::Action(DeleteObjectTagging, DeleteObjectVersionTagging),
        "PutObject"
        | "PostObject"
        | "CopyObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload"
        | "RestoreObject" => PutObject,
        "AbortMultipartUpload" => AbortMultipartUpload,
        "ListParts" => ListMultipartUploadParts,
        "ListMultipartUploads" => ListBucketMultipartUploads,
        "DeleteObject" => return Need::Action(DeleteObject, DeleteObjectVersion),
        // The versions that its entries name are checked one by one.
        "DeleteObjects" => DeleteObject,
        "PutBucketVersioning" => PutBucketVersioning,
        "GetBucketLifecycleConfiguration" => GetLifecycleConfiguration,
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => PutLifecycleConfiguration,
        "GetBucketTagging" => GetBucketTagging,
        "PutBucketTagging" | "DeleteBucketTagging" => PutBucketTagging,
        "GetBucketNotificationConfiguration" => GetBucketNotification,
        "PutBucketNotificationConfiguration" => PutBucketNotification,
        "GetBucketCors" => GetBucketCors,
        "PutBucketCors" => PutBucketCors,
        "DeleteBucketCors" => DeleteBucketCors,
        "GetBucketEncryption" => GetEncryptionConfiguration,
        "PutBucketEncryption" | "DeleteBucketEncryption" => PutEncryptionConfiguration,
        "GetObjectLockConfiguration" => GetBucketObjectLockConfiguration,
        "PutObjectLockConfiguration" => PutBucketObjectLockConfiguration,
        "GetObjectRetention" => GetObjectRetention,
        "PutObjectRetention" => PutObjectRetention,
        "GetObjectLegalHold" => GetObjectLegalHold,
        "PutObjectLegalHold" => PutObjectLegalHold,
        "GetBucketPolicy" => GetBucketPolicy,
        "GetBucketPolicyStatus" => GetBucketPolicyStatus,
        "CreateBucket" => CreateBucket,
        "DeleteBucket" => DeleteBucket,
        "PutBucketPolicy" => PutBucketPolicy,
        "DeleteBucketPolicy" => DeleteBucketPolicy,
        "CreateBucketMetadataTableConfiguration"
        | "CreateSession"
        | "DeleteBucketAnalyticsConfiguration"
        | "DeleteBucketIntelligentTieringConfiguration"
        | "DeleteBucketInventoryConfiguration"
        | "DeleteBucketMetadataTableConfiguration"
        | "DeleteBucketMetricsConfiguration"
        | "DeleteBucketOwnershipControls"
        | "DeleteBucketReplication"
        | "DeleteBucketWebsite"
        | "DeletePublicAccessBlock"
        | "GetBucketAccelerateConfiguration"
        | "GetBucketAcl"
        | "GetBucketAnalyticsConfiguration"
        | "GetBucketIntelligentTieringConfiguration"
        | "GetBucketInventoryConfiguration"
        | "GetBucketLogging"
        | "GetBucketMetadataTableConfiguration"
        | "GetBucketMetricsConfiguration"
        | "GetBucketOwnershipControls"
        | "GetBucketReplication"
        | "GetBucketRequestPayment"
        | "GetBucketWebsite"
        | "GetObjectAcl"
        | "GetPublicAccessBlock"
        | "ListBucketAnalyticsConfigurations"
        | "ListBucketIntelligentTieringConfigurations"
        | "ListBucketInventoryConfigurations"
        | "ListBucketMetricsConfigurations"
        | "ListDirectoryBuckets"
        | "PutBucketAccelerateConfiguration"
        | "PutBucketAcl"
        | "PutBucketAnalyticsConfiguration"
        | "PutBucketIntelligentTieringConfiguration"
        | "PutBucketInventoryConfiguration"
        | "PutBucketLogging"
        | "PutBucketMetricsConfiguration"
        | "PutBucketOwnershipControls"
        | "PutBucketReplication"
        | "PutBucketRequestPayment"
        | "PutBucketWebsite"
        | "PutObjectAcl"
        | "PutPublicAccessBlock"
        | "WriteGetObjectResponse" => return Need::NotThere,
        _ => return Need::Unknown,
    };
    Need::Action(action, action)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The operations that s3s routes, as its 0.14.1 names them.
    const OPERATIONS: &str = include_str!("../../tests/it/operations.txt");

    #[test]
    fn every_operation_is_in_the_table_and_any_other_is_unknown() {
        let names: Vec<_> = OPERATIONS.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names.len(), 97);
        for name in &names {
            assert_ne!(need(name), Need::Unknown, "{name}");
        }
        for name in ["PutBucketAnything", "getobject", ""] {
            assert_eq!(need(name), Need::Unknown, "{name}");
        }
    }

    #[test]
    fn what_is_there_has_an_action_that_is_not_the_hubs() {
        use storage_hub_core::s3_action::Rule;
        for name in
            OPERATIONS.lines().filter_map(|line| line.split(' ').next()).filter(|name| find_there(name).is_some())
        {
            let Need::Action(action, of_version) = need(name) else { panic!("{name} has no action") };
            assert!(action.rule() != Rule::Hub && of_version.rule() != Rule::Hub, "{name}");
        }
    }
}
