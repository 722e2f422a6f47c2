//! Operations whose document is a setting of a bucket or of an object.

use http::Method;

use super::object_options::{read_bypass, send_bypass};
use super::request::RequestTemplate;
use super::{
    ObjectVersionRef, PutBucketLifecycle, PutBucketTagging, PutBucketVersioning, PutObjectLegalHold,
    PutObjectLockConfiguration, PutObjectRetention, PutObjectTagging,
};
use crate::error::S3Result;
use crate::head::RequestHead;
use crate::lifecycle::LifecycleConfiguration;
use crate::object_lock::{self, ObjectLockConfiguration, Retention};
use crate::tags::{TagOwner, Tags};
use crate::versioning::VersioningState;

impl PutBucketVersioning {
    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        self.state = VersioningState::parse(document)?;
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        put_of_bucket(bucket, "versioning", VersioningState::to_document(Some(self.state)))
    }
}

impl PutBucketTagging {
    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        self.tags = Tags::parse_document(TagOwner::Bucket, document)?;
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        put_of_bucket(bucket, "tagging", self.tags.to_document())
    }
}

impl PutBucketLifecycle {
    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        self.configuration = LifecycleConfiguration::parse(document)?;
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        put_of_bucket(bucket, "lifecycle", self.configuration.to_document())
    }
}

impl PutObjectLockConfiguration {
    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        self.configuration = ObjectLockConfiguration::parse(document)?;
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        put_of_bucket(bucket, "object-lock", self.configuration.to_document())
    }
}

impl PutObjectTagging {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        Ok(Self { object: ObjectVersionRef::parse(head)?, tags: Tags::default() })
    }

    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        self.tags = Tags::parse_document(TagOwner::Object, document)?;
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        put_of_object(bucket, &self.object, "tagging", self.tags.to_document())
    }
}

impl PutObjectRetention {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        Ok(Self { object: ObjectVersionRef::parse(head)?, retention: None, bypass_governance: read_bypass(head)? })
    }

    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        self.retention = Retention::parse(document)?;
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = put_of_object(bucket, &self.object, "retention", Retention::to_document(self.retention));
        send_bypass(self.bypass_governance, &mut request);
        request
    }
}

impl PutObjectLegalHold {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        Ok(Self { object: ObjectVersionRef::parse(head)?, legal_hold: false })
    }

    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        self.legal_hold = object_lock::parse_legal_hold(document)?;
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        put_of_object(bucket, &self.object, "legal-hold", object_lock::legal_hold_document(self.legal_hold))
    }
}

impl ObjectVersionRef {
    /// A request about a sub-resource of the object.
    pub(super) fn to_request(&self, method: Method, bucket: Option<&str>, sub_resource: &str) -> RequestTemplate {
        let mut request = RequestTemplate::new(method, bucket, Some(&self.key));
        request.set_query(sub_resource, "");
        request.set_opt_query("versionId", self.version_id.as_deref());
        request
    }
}

fn put_of_bucket(bucket: Option<&str>, sub_resource: &str, document: String) -> RequestTemplate {
    let mut request = RequestTemplate::new(Method::PUT, bucket, None);
    request.set_query(sub_resource, "");
    request.document = document.into();
    request
}

fn put_of_object(
    bucket: Option<&str>,
    object: &ObjectVersionRef,
    sub_resource: &str,
    document: String,
) -> RequestTemplate {
    let mut request = object.to_request(Method::PUT, bucket, sub_resource);
    request.document = document.into();
    request
}
