use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::fields::{self, VERSION_ID, insert_opt, write_owner};
use super::{Answer, Owner};
use crate::cors::CorsConfiguration;
use crate::lifecycle::LifecycleConfiguration;
use crate::object_lock::{self, ObjectLockConfiguration, Retention};
use crate::tags::Tags;
use crate::versioning::VersioningState;
use crate::xml::XmlWriter;

/// The answer to `GetBucketVersioning`. A bucket that never had versioning has no state.
#[must_use]
pub fn get_bucket_versioning(state: Option<VersioningState>) -> Answer {
    Answer::ok(VersioningState::to_document(state))
}

/// The answer to `GetBucketTagging`.
#[must_use]
pub fn get_bucket_tagging(tags: &Tags) -> Answer {
    Answer::ok(tags.to_document())
}

/// The answer to `GetBucketLifecycleConfiguration`.
#[must_use]
pub fn get_bucket_lifecycle(configuration: &LifecycleConfiguration) -> Answer {
    Answer::ok(configuration.to_document())
}

/// The answer to `GetObjectLockConfiguration`.
#[must_use]
pub fn get_object_lock_configuration(configuration: &ObjectLockConfiguration) -> Answer {
    Answer::ok(configuration.to_document())
}

/// The answer to `GetObjectRetention`.
#[must_use]
pub fn get_object_retention(retention: Retention) -> Answer {
    Answer::ok(Retention::to_document(Some(retention)))
}

/// The answer to `GetObjectLegalHold`.
#[must_use]
pub fn get_object_legal_hold(legal_hold: bool) -> Answer {
    Answer::ok(object_lock::legal_hold_document(legal_hold))
}

/// The answer to `GetBucketPolicy`: the policy, a document of JSON.
#[must_use]
pub fn get_bucket_policy(policy: String) -> Answer {
    let mut answer = Answer { body: policy.into(), ..Answer::empty(StatusCode::OK) };
    answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// The answer to `GetBucketPolicyStatus`. The value is in lower case, as the service writes it and SDKs read it.
#[must_use]
pub fn get_bucket_policy_status(is_public: bool) -> Answer {
    Answer::ok(XmlWriter::answer("PolicyStatus", |document| {
        document.text("IsPublic", if is_public { "true" } else { "false" });
    }))
}

/// The answer to `GetBucketCors`.
#[must_use]
pub fn get_bucket_cors(configuration: &CorsConfiguration) -> Answer {
    Answer::ok(configuration.to_document())
}

/// The answer to `GetObjectTagging`.
#[must_use]
pub fn get_object_tagging(tags: &Tags, version_id: Option<&str>) -> Answer {
    let mut answer = Answer::ok(tags.to_document());
    insert_opt(&mut answer.headers, VERSION_ID, version_id);
    answer
}

/// The answer to a write of a setting of an object: 200, or 204 for a deletion, and the version that it was about.
#[must_use]
pub fn put_object_setting(status: StatusCode, version_id: Option<&str>) -> Answer {
    let mut answer = Answer::empty(status);
    insert_opt(&mut answer.headers, VERSION_ID, version_id);
    answer
}

/// Reads the version that an answer about an object names.
#[must_use]
pub fn parse_version_id(headers: &HeaderMap) -> Option<String> {
    fields::header(headers, &VERSION_ID).map(str::to_owned)
}

/// The answer to `GetBucketAcl` and `GetObjectAcl` where nobody but the owner is named.
#[must_use]
pub fn get_acl(owner: &Owner) -> Answer {
    Answer::ok(XmlWriter::answer("AccessControlPolicy", |document| {
        write_owner(document, "Owner", owner);
        document.element("AccessControlList", |document| {
            document.element("Grant", |document| {
                document.typed_element("Grantee", "CanonicalUser", |document| {
                    document.text("ID", &owner.id);
                    document.text("DisplayName", &owner.display_name);
                });
                document.text("Permission", "FULL_CONTROL");
            });
        });
    }))
}
