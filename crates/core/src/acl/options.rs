//! The options of the ACL, with the names and defaults of the original document.

use serde::Deserialize;

use super::{FieldPath, Grant, GrantSet};

mod builder;

pub use builder::{AclOptionsBuilder, AclOptionsError};

/// How documents are guarded.
///
/// The defaults are those of the original document: `admin` is required, new documents are `public`, grants are in
/// `grants`, and users have no grants of their own. In addition the root must have grants.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "AclOptionsBuilder")]
pub struct AclOptions {
    pub(super) required: GrantSet,
    pub(super) defaults: GrantSet,
    pub(super) doc_grants_field: FieldPath,
    pub(super) user_grants_field: FieldPath,
    pub(super) user_id_field: FieldPath,
    pub(super) author_id_field: FieldPath,
    pub(super) add_author: bool,
    pub(super) strict: bool,
    pub(super) nesting: Nesting,
    pub(super) root_must_have_grants: bool,
}

/// How the grants of nested objects combine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Nesting {
    /// One grant must be on every level that has grants, and the subject must hold it.
    #[default]
    Intersect,
    /// The subject must hold a grant of every level that has grants, but not the same one.
    EachLevel,
}

impl AclOptions {
    /// Starts a builder with the defaults.
    pub fn builder() -> AclOptionsBuilder {
        AclOptionsBuilder::default()
    }

    /// The grants that every document must carry.
    #[must_use]
    pub const fn required(&self) -> &GrantSet {
        &self.required
    }

    /// The grants of a new document that was submitted without any, including the required ones.
    #[must_use]
    pub const fn defaults(&self) -> &GrantSet {
        &self.defaults
    }

    /// The path of a document's grants.
    #[must_use]
    pub const fn doc_grants_field(&self) -> &FieldPath {
        &self.doc_grants_field
    }

    /// The path of a user's grants.
    #[must_use]
    pub const fn user_grants_field(&self) -> &FieldPath {
        &self.user_grants_field
    }

    /// The path of a user's id.
    #[must_use]
    pub const fn user_id_field(&self) -> &FieldPath {
        &self.user_id_field
    }

    /// The path of the id of a document's author.
    #[must_use]
    pub const fn author_id_field(&self) -> &FieldPath {
        &self.author_id_field
    }

    /// Whether every user has an exclusive grant, which the documents of this author carry.
    #[must_use]
    pub const fn adds_author(&self) -> bool {
        self.add_author
    }

    /// Whether a new document that is submitted with grants must include the required ones.
    #[must_use]
    pub const fn is_strict(&self) -> bool {
        self.strict
    }

    /// How the grants of nested objects combine.
    #[must_use]
    pub const fn nesting(&self) -> Nesting {
        self.nesting
    }

    /// Whether a document without grants of its own is refused, regardless of what is nested in it.
    #[must_use]
    pub const fn root_must_have_grants(&self) -> bool {
        self.root_must_have_grants
    }
}

impl Default for AclOptions {
    fn default() -> Self {
        Self {
            required: [Grant::admin()].into_iter().collect(),
            defaults: [Grant::admin(), Grant::public()].into_iter().collect(),
            doc_grants_field: FieldPath::one("grants"),
            user_grants_field: FieldPath::one("grants"),
            user_id_field: FieldPath::one("_id"),
            author_id_field: FieldPath::two("author", "_id"),
            add_author: false,
            strict: false,
            nesting: Nesting::Intersect,
            root_must_have_grants: true,
        }
    }
}
