use serde_json::Value;

use super::field_path::Found;
use super::{AclOptions, FieldPath, GrantSet, Subject};

/// The condition of a query that finds only what a subject may see: documents that carry one of these grants.
///
/// It looks only at a document's own grants, as a database can, and not at nested objects. It matches every document
/// that a check lets through (unless [`root_must_have_grants`](super::AclOptionsBuilder::root_must_have_grants) is
/// off), and exactly those among documents without nested grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter<'a> {
    field: &'a FieldPath,
    subject: &'a Subject,
}

impl<'a> Filter<'a> {
    /// The path of a document's grants.
    #[must_use]
    pub const fn field(&self) -> &'a FieldPath {
        self.field
    }

    /// The grants of which a document must carry at least one. Never empty, because it contains `public`.
    #[must_use]
    pub const fn grants(&self) -> &'a GrantSet {
        self.subject.grants()
    }

    /// Whether a query with this filter finds the document.
    #[must_use]
    pub fn matches(&self, document: &Value) -> bool {
        let Value::Object(object) = document else { return false };
        let Found::Value(Value::Array(list)) = self.field.find(object) else { return false };
        list.iter().all(Value::is_string)
            && list.iter().filter_map(Value::as_str).any(|text| self.subject.position_of_text(text).is_some())
    }
}

impl AclOptions {
    /// Returns the filter for queries of this subject. A document that the subject may not see is then not found,
    /// which is a 404; [`Self::check`] after the query distinguishes 401 from 403.
    #[must_use]
    pub const fn filter<'a>(&'a self, subject: &'a Subject) -> Filter<'a> {
        Filter { field: &self.doc_grants_field, subject }
    }
}
