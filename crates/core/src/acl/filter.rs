use serde_json::Value;

use super::field_path::Found;
use super::{AclOptions, FieldPath, GrantSet, Subject};

/// What a query asks for, so that it finds only what a subject may see: documents whose grants meet these.
///
/// It looks at a document's own grants alone, as a database can, and not at what is nested in it. It matches every
/// document that a check lets through (unless
/// [`root_must_have_grants`](super::AclOptionsBuilder::root_must_have_grants) is off), and exactly those among documents
/// without nested grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter<'a> {
    field: &'a FieldPath,
    subject: &'a Subject,
}

impl<'a> Filter<'a> {
    /// Where a document's grants are.
    #[must_use]
    pub const fn field(&self) -> &'a FieldPath {
        self.field
    }

    /// The grants of which a document must have at least one; never empty, `public` is among them.
    #[must_use]
    pub const fn grants(&self) -> &'a GrantSet {
        self.subject.grants()
    }

    /// Whether the document would be found.
    #[must_use]
    pub fn matches(&self, document: &Value) -> bool {
        let Value::Object(object) = document else { return false };
        let Found::Value(Value::Array(list)) = self.field.find(object) else { return false };
        list.iter().all(Value::is_string)
            && list.iter().filter_map(Value::as_str).any(|text| self.subject.position_of_text(text).is_some())
    }
}

impl AclOptions {
    /// The filter for a query of this subject. Who asks for one document that it may not see, finds none: that is a
    /// 404, where [`Self::check`] after the query tells 401 from 403.
    #[must_use]
    pub const fn filter<'a>(&'a self, subject: &'a Subject) -> Filter<'a> {
        Filter { field: &self.doc_grants_field, subject }
    }
}
