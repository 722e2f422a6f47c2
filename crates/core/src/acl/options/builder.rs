use serde::Deserialize;

use super::{AclOptions, Nesting};
use crate::acl::{FieldPath, FieldPathError, Grant, GrantSet, GrantSetError};

/// Builds [`AclOptions`]. serde reads it by the names of the original document, such as `docGrantsField`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[must_use]
pub struct AclOptionsBuilder {
    required: Option<Vec<String>>,
    defaults: Option<Vec<String>>,
    doc_grants_field: Option<String>,
    user_grants_field: Option<String>,
    user_id_field: Option<String>,
    author_id_field: Option<String>,
    add_author: bool,
    strict: bool,
    nesting: Nesting,
    root_must_have_grants: Option<bool>,
}

/// The options are invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AclOptionsError {
    /// The required or default grants are invalid.
    #[error("{option}: {source}")]
    Grants {
        /// The option.
        option: &'static str,
        /// The reason.
        source: GrantSetError,
    },
    /// A field path is invalid.
    #[error("{option}: {source}")]
    Field {
        /// The option.
        option: &'static str,
        /// The reason.
        source: FieldPathError,
    },
}

impl AclOptionsBuilder {
    /// Sets the grants that every document carries and that cannot be removed. The default is `admin`.
    pub fn required<I>(mut self, grants: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.required = Some(grants.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the grants of a new document that is submitted without any, in addition to the required ones. The default
    /// is `public`; an empty list gives the required ones alone.
    pub fn defaults<I>(mut self, grants: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.defaults = Some(grants.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the path of a document's grants. The default is `grants`.
    pub fn doc_grants_field(mut self, path: impl Into<String>) -> Self {
        self.doc_grants_field = Some(path.into());
        self
    }

    /// Sets the path of a user's grants. The default is `grants`.
    pub fn user_grants_field(mut self, path: impl Into<String>) -> Self {
        self.user_grants_field = Some(path.into());
        self
    }

    /// Sets the path of a user's id. The default is `_id`.
    pub fn user_id_field(mut self, path: impl Into<String>) -> Self {
        self.user_id_field = Some(path.into());
        self
    }

    /// Sets the path of the id of a document's author. The default is `author._id`.
    pub fn author_id_field(mut self, path: impl Into<String>) -> Self {
        self.author_id_field = Some(path.into());
        self
    }

    /// Sets whether every user has an exclusive grant, which the documents of this author carry. The default is
    /// `false`.
    pub const fn add_author(mut self, add: bool) -> Self {
        self.add_author = add;
        self
    }

    /// Sets whether a new document that is submitted with grants must include the required ones, instead of having
    /// them added. The default is `false`.
    pub const fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sets how the grants of nested objects combine. The default is [`Nesting::Intersect`].
    pub const fn nesting(mut self, nesting: Nesting) -> Self {
        self.nesting = nesting;
        self
    }

    /// Sets whether a document without grants of its own is refused, regardless of what is nested in it. The default
    /// is `true`.
    ///
    /// `false` restores the behaviour of the original document: the root may lack grants like any other level, so that
    /// `{"secret": 1, "child": {"grants": ["public"]}}`, a document with a misspelt field of grants, and an array of
    /// documents are all decided by what is nested in them. [`AclOptions::filter`] matches none of the three under
    /// either setting, because a database cannot look at what is nested.
    pub const fn root_must_have_grants(mut self, must: bool) -> Self {
        self.root_must_have_grants = Some(must);
        self
    }

    /// Builds the options.
    ///
    /// # Errors
    /// [`AclOptionsError`] names the option whose grants or field path are invalid.
    pub fn build(self) -> Result<AclOptions, AclOptionsError> {
        let usual = AclOptions::default();
        let required = grants("required", self.required)?.unwrap_or(usual.required);
        let mut defaults =
            grants("defaults", self.defaults)?.unwrap_or_else(|| [Grant::public()].into_iter().collect());
        defaults.extend(required.iter().cloned());
        Ok(AclOptions {
            required,
            defaults,
            doc_grants_field: field("docGrantsField", self.doc_grants_field)?.unwrap_or(usual.doc_grants_field),
            user_grants_field: field("userGrantsField", self.user_grants_field)?.unwrap_or(usual.user_grants_field),
            user_id_field: field("userIdField", self.user_id_field)?.unwrap_or(usual.user_id_field),
            author_id_field: field("authorIdField", self.author_id_field)?.unwrap_or(usual.author_id_field),
            add_author: self.add_author,
            strict: self.strict,
            nesting: self.nesting,
            root_must_have_grants: self.root_must_have_grants.unwrap_or(usual.root_must_have_grants),
        })
    }
}

impl TryFrom<AclOptionsBuilder> for AclOptions {
    type Error = AclOptionsError;

    fn try_from(builder: AclOptionsBuilder) -> Result<Self, Self::Error> {
        builder.build()
    }
}

fn grants(option: &'static str, texts: Option<Vec<String>>) -> Result<Option<GrantSet>, AclOptionsError> {
    texts.map(GrantSet::parse).transpose().map_err(|source| AclOptionsError::Grants { option, source })
}

fn field(option: &'static str, path: Option<String>) -> Result<Option<FieldPath>, AclOptionsError> {
    let path = path.map(|text| FieldPath::parse(&text));
    path.transpose().map_err(|source| AclOptionsError::Field { option, source })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_builder_that_was_told_nothing_builds_the_default() {
        assert_eq!(AclOptions::builder().build(), Ok(AclOptions::default()));
    }

    #[test]
    fn options_are_read_by_the_names_of_the_document() {
        let read: AclOptions = serde_json::from_value(json!({
            "required": ["admin", "developer"],
            "defaults": ["api", "public"],
            "docGrantsField": "acl.grants",
            "userGrantsField": "roles",
            "userIdField": "id",
            "addAuthor": true,
            "authorIdField": "writer.id",
            "strict": true,
            "nesting": "eachLevel",
            "rootMustHaveGrants": false,
        }))
        .unwrap();
        let built = AclOptions::builder()
            .required(["admin", "developer"])
            .defaults(["api", "public"])
            .doc_grants_field("acl.grants")
            .user_grants_field("roles")
            .user_id_field("id")
            .add_author(true)
            .author_id_field("writer.id")
            .strict(true)
            .nesting(Nesting::EachLevel)
            .root_must_have_grants(false);
        assert_eq!(Ok(read), built.build());
        assert!(serde_json::from_value::<AclOptions>(json!({"addauthor": true})).is_err());
    }

    #[test]
    fn an_option_that_says_nothing_sensible_is_named() {
        let error = AclOptions::builder().required(["a,b"]).build().unwrap_err().to_string();
        assert!(error.starts_with(r#"required: "a,b" is not a valid grant: "#), "{error}");
        let error = AclOptions::builder().author_id_field("author.").build().unwrap_err().to_string();
        assert!(error.starts_with("authorIdField: field path must be names"), "{error}");
        assert!(error.ends_with(r#"got "author.""#), "{error}");
    }
}
