use http::{HeaderValue, StatusCode, header};

use super::fields::{VERSION_ID, insert_opt, write_owner};
use super::{Answer, Owner};
use crate::cors::CorsConfiguration;
use crate::xml::XmlWriter;

/// The answer to `GetBucketVersioning`. A bucket that never had versioning has no status.
#[must_use]
pub fn get_bucket_versioning(status: Option<&str>) -> Answer {
    Answer::ok(XmlWriter::answer("VersioningConfiguration", |document| document.opt_text("Status", status)))
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
pub fn get_object_tagging(tags: &[(String, String)], version_id: Option<&str>) -> Answer {
    let mut answer = Answer::ok(XmlWriter::answer("Tagging", |document| {
        document.element("TagSet", |document| {
            for (key, value) in tags {
                document.element("Tag", |document| {
                    document.text("Key", key);
                    document.text("Value", value);
                });
            }
        });
    }));
    insert_opt(&mut answer.headers, VERSION_ID, version_id);
    answer
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
