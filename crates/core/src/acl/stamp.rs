//! Stamping: the grants that a document gets when it is created and keeps when it is changed.

use serde_json::{Map, Value};

use super::field_path::Found;
use super::subject::id_at;
use super::{AclOptions, FieldPath, Grant, GrantError, GrantSet, GrantSetError};

/// The document cannot be created or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// Required grants are missing. The text is that of the original document.
    #[error("Missing required Grants: {0}")]
    MissingRequired(GrantSet),
    /// The document is not an object.
    #[error("document must be an object")]
    NotAnObject,
    /// The document's grants are not an array of strings.
    #[error("`{0}` must be an array of strings")]
    NotGrants(FieldPath),
    /// One of the document's grants is invalid.
    #[error("`{field}`: {source}")]
    Grants {
        /// The path of the grants.
        field: FieldPath,
        /// The reason.
        source: GrantSetError,
    },
    /// The author's id is neither a string nor an integer.
    #[error("`{0}` must be a string or an integer")]
    NotAnId(FieldPath),
    /// The author's id does not make a valid grant.
    #[error("the author's id does not make a valid grant: {0}")]
    Author(#[from] GrantError),
}

impl AclOptions {
    /// Returns the grants of a new document, given those that were submitted with it, if any.
    ///
    /// `None` gives the defaults; an empty set counts as submitted and does not. Adds the required grants, and with
    /// `add_author` that of the author.
    ///
    /// # Errors
    /// [`StampError::MissingRequired`] in strict mode, when the submitted grants lack required ones.
    /// [`StampError::Author`] when the author's id does not make a valid grant.
    pub fn stamp_new_grants(&self, submitted: Option<GrantSet>, author: Option<&str>) -> Result<GrantSet, StampError> {
        let mut grants = match submitted {
            Some(submitted) if self.strict => self.with_required(submitted)?,
            Some(submitted) => submitted,
            None => self.defaults.clone(),
        };
        grants.extend(self.required.iter().cloned());
        grants.extend(self.author_grant(author)?);
        Ok(grants)
    }

    /// Returns the grants of a changed document, given those that it is to have. With `add_author`, adds the author's
    /// grant back.
    ///
    /// # Errors
    /// [`StampError::MissingRequired`] when a required grant is missing. [`StampError::Author`] when the author's id
    /// does not make a valid grant.
    pub fn stamp_changed_grants(&self, wanted: GrantSet, author: Option<&str>) -> Result<GrantSet, StampError> {
        let mut grants = self.with_required(wanted)?;
        grants.extend(self.author_grant(author)?);
        Ok(grants)
    }

    /// Sets the grants of a new document, as [`Self::stamp_new_grants`] computes them.
    ///
    /// The author is the given one (take it from the session), or else the one that the document names in
    /// `author_id_field`.
    ///
    /// # Errors
    /// [`StampError`] when the document cannot be created like this; the document is unchanged.
    pub fn stamp_new(&self, document: &mut Value, author: Option<&str>) -> Result<(), StampError> {
        let object = document.as_object_mut().ok_or(StampError::NotAnObject)?;
        let submitted = self.submitted(object)?;
        let author = self.author(author, &[object])?;
        let grants = self.stamp_new_grants(submitted, author.as_deref())?;
        self.put_grants(object, grants)
    }

    /// Checks the grants of a document that replaces an older one, and adds the author's grant back.
    ///
    /// The author is the one that the new document names, or else the one that the old document names.
    ///
    /// # Errors
    /// [`StampError`] when the document cannot be changed like this, most often `Missing required Grants: a,b`; the
    /// document is unchanged.
    pub fn stamp_update(&self, old: &Value, new: &mut Value) -> Result<(), StampError> {
        let before = old.as_object().ok_or(StampError::NotAnObject)?;
        let object = new.as_object_mut().ok_or(StampError::NotAnObject)?;
        let wanted = self.submitted(object)?.unwrap_or_default();
        let author = self.author(None, &[object, before])?;
        let grants = self.stamp_changed_grants(wanted, author.as_deref())?;
        self.put_grants(object, grants)
    }

    fn with_required(&self, grants: GrantSet) -> Result<GrantSet, StampError> {
        let missing: GrantSet = self.required.iter().filter(|grant| !grants.contains(grant)).cloned().collect();
        if missing.is_empty() { Ok(grants) } else { Err(StampError::MissingRequired(missing)) }
    }

    fn author_grant(&self, author: Option<&str>) -> Result<Option<Grant>, StampError> {
        let author = author.filter(|_| self.add_author);
        Ok(author.map(Grant::parse_author).transpose()?)
    }

    fn author(&self, given: Option<&str>, documents: &[&Map<String, Value>]) -> Result<Option<String>, StampError> {
        if !self.add_author {
            return Ok(None);
        }
        let field = &self.author_id_field;
        let mut author = given.map(str::to_owned);
        for document in documents {
            if author.is_none() {
                author = id_at(field, document).map_err(|_| StampError::NotAnId(field.clone()))?;
            }
        }
        Ok(author)
    }

    fn submitted(&self, document: &Map<String, Value>) -> Result<Option<GrantSet>, StampError> {
        let field = &self.doc_grants_field;
        let list = match field.find(document) {
            Found::Nothing => return Ok(None),
            Found::Value(Value::Array(list)) if list.iter().all(Value::is_string) => list,
            Found::Value(_) | Found::Blocked => return Err(StampError::NotGrants(field.clone())),
        };
        let grants = GrantSet::parse(list.iter().filter_map(Value::as_str));
        grants.map(Some).map_err(|source| StampError::Grants { field: field.clone(), source })
    }

    fn put_grants(&self, document: &mut Map<String, Value>, grants: GrantSet) -> Result<(), StampError> {
        let list = grants.iter().map(|grant| Value::from(grant.as_str())).collect();
        let field = &self.doc_grants_field;
        if field.put(document, list) { Ok(()) } else { Err(StampError::NotGrants(field.clone())) }
    }
}
