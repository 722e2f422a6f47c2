//! The names of all operations of S3, and how a request's method and query select one.

mod select;

macro_rules! operation_names {
    ($($name:ident),+ $(,)?) => {
        /// The name of an operation of S3.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OperationName {
            $(#[doc = concat!("`", stringify!($name), "`")] $name,)+
        }

        impl OperationName {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name, such as `GetObject`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }
        }
    };
}

operation_names! {
    ListBuckets, CreateBucket, DeleteBucket, HeadBucket, GetBucketLocation,
    GetBucketVersioning, PutBucketVersioning, GetBucketPolicy, PutBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus,
    GetBucketCors, PutBucketCors, DeleteBucketCors, GetBucketAcl, PutBucketAcl, GetBucketTagging, PutBucketTagging,
    DeleteBucketTagging, GetBucketLifecycleConfiguration, PutBucketLifecycleConfiguration, DeleteBucketLifecycle,
    GetBucketEncryption, PutBucketEncryption, DeleteBucketEncryption, GetObjectLockConfiguration,
    PutObjectLockConfiguration, GetBucketNotificationConfiguration, PutBucketNotificationConfiguration,
    GetBucketReplication, PutBucketReplication, DeleteBucketReplication, GetBucketWebsite, PutBucketWebsite,
    DeleteBucketWebsite, GetBucketLogging, PutBucketLogging, GetBucketRequestPayment, PutBucketRequestPayment,
    GetBucketAccelerateConfiguration, PutBucketAccelerateConfiguration, GetPublicAccessBlock, PutPublicAccessBlock,
    DeletePublicAccessBlock, GetBucketOwnershipControls, PutBucketOwnershipControls, DeleteBucketOwnershipControls,
    GetBucketAnalyticsConfiguration, ListBucketAnalyticsConfigurations, PutBucketAnalyticsConfiguration,
    DeleteBucketAnalyticsConfiguration, GetBucketInventoryConfiguration, ListBucketInventoryConfigurations,
    PutBucketInventoryConfiguration, DeleteBucketInventoryConfiguration, GetBucketMetricsConfiguration,
    ListBucketMetricsConfigurations, PutBucketMetricsConfiguration, DeleteBucketMetricsConfiguration,
    GetBucketIntelligentTieringConfiguration, ListBucketIntelligentTieringConfigurations,
    PutBucketIntelligentTieringConfiguration, DeleteBucketIntelligentTieringConfiguration, CreateSession,
    ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads, DeleteObjects, PostObject,
    GetObject, HeadObject, GetObjectAttributes, GetObjectTagging, PutObjectTagging, DeleteObjectTagging,
    GetObjectAcl, PutObjectAcl, GetObjectRetention, PutObjectRetention, GetObjectLegalHold, PutObjectLegalHold,
    GetObjectTorrent, RestoreObject, SelectObjectContent, RenameObject, PutObject, CopyObject, DeleteObject,
    CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload, ListParts,
}

#[cfg(test)]
mod tests;
