//! The operations of S3 that are there. Those that are not answer `NotImplemented`: docs/s3-compatibility.md lists them.

mod attributes;
mod buckets;
mod complete;
mod conditions;
mod copy_object;
mod delete_object;
mod get_object;
mod list_objects;
mod list_uploads;
mod put_object;
mod receive;
mod translate;
mod upload_part;

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};
use storage_hub_core::use_cases::s3_gate::S3Gate;

use crate::store::EmbeddedStore;

pub(crate) use attributes::bare_etag;

/// The operations on a store. Access was checked before any of them is called.
#[derive(Clone)]
pub(crate) struct Operations {
    pub(crate) store: EmbeddedStore,
    pub(crate) gate: S3Gate,
    pub(crate) region: Arc<str>,
}

macro_rules! operations {
    ($($method:ident($input:ident) -> $output:ident = $module:ident::$function:ident;)+) => {
        #[async_trait::async_trait]
        impl S3 for Operations {
            $(async fn $method(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                $module::$function(self, request).await
            })+
        }
    };
}

operations! {
    list_buckets(ListBucketsInput) -> ListBucketsOutput = buckets::list;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = buckets::head;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::location;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = buckets::versioning;
    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput = buckets::policy;
    list_objects(ListObjectsInput) -> ListObjectsOutput = list_objects::v1;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = list_objects::v2;
    put_object(PutObjectInput) -> PutObjectOutput = put_object::put;
    get_object(GetObjectInput) -> GetObjectOutput = get_object::get;
    head_object(HeadObjectInput) -> HeadObjectOutput = get_object::head;
    get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput = attributes::get;
    copy_object(CopyObjectInput) -> CopyObjectOutput = copy_object::copy;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete_object::one;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete_object::many;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = upload_part::create;
    upload_part(UploadPartInput) -> UploadPartOutput = upload_part::put;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = upload_part::copy;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = complete::complete;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = complete::abort;
    list_parts(ListPartsInput) -> ListPartsOutput = list_uploads::parts;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = list_uploads::uploads;
}
