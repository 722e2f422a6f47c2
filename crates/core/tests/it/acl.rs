//! The grants ACL as any service uses it: nothing here knows of users or buckets.

mod access_levels;
mod account;
mod documents;
mod explanations;
mod generated;
mod hostile;
mod matrix;
mod naive;
mod options;
mod properties;
mod purity;
mod sub_documents;
mod typed;

use serde_json::Value;
use storage_hub_core::acl::{AclOptions, GrantSet, Subject};

/// Somebody who holds these grants.
fn holding(grants: &[&str]) -> Subject {
    Subject::new(&GrantSet::parse(grants).unwrap(), None)
}

/// Whether a check lets the subject have the document.
fn passes(options: &AclOptions, subject: &Subject, document: &Value) -> bool {
    options.check(subject, document).is_ok()
}
