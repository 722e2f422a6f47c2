use serde_json::{Map, Value};

use super::field_path::Found;
use super::subject::id_at;
use super::{AclOptions, FieldPath, Grant, GrantError, GrantSet, GrantSetError};

/// Why a document cannot be created or changed like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// Grants that every document carries are missing.
    #[error("Missing required Grants: {0}")]
    MissingRequired(GrantSet),
    /// The document is no object.
    #[error("the document is no object")]
    NotAnObject,
    /// Its grants are no array of strings.
    #[error("{0}: the document's grants are no array of strings")]
    NotGrants(FieldPath),
    /// One of its grants cannot be one.
    #[error("{field}: {source}")]
    Grants {
        /// Where they are.
        field: FieldPath,
        /// What is wrong with them.
        source: GrantSetError,
    },
    /// Its author's id is neither a string nor a whole number.
    #[error("{0}: the author's id is neither a string nor a whole number")]
    NotAnId(FieldPath),
    /// Its author's id makes no grant.
    #[error("the author's id makes no grant: {0}")]
    Author(#[from] GrantError),
}

impl AclOptions {
    /// The grants of a new document, from those that were submitted with it, if any were.
    ///
    /// Without any they are the defaults; an empty set was submitted, and gets none of the defaults. The required
    /// grants are added, and with `add_author` that of the author.
    ///
    /// # Errors
    /// [`StampError::MissingRequired`] in strict mode, when the submitted ones lack required ones.
    /// [`StampError::Author`] when the author's id makes no grant.
    pub fn grants_of_new(&self, submitted: Option<GrantSet>, author: Option<&str>) -> Result<GrantSet, StampError> {
        let mut grants = match submitted {
            Some(submitted) if self.strict => self.with_required(submitted)?,
            Some(submitted) => submitted,
            None => self.defaults.clone(),
        };
        grants.extend(self.required.iter().cloned());
        grants.extend(self.author_grant(author)?);
        Ok(grants)
    }

    /// The grants of a document after a change, from those that it is to have: with `add_author` that of the author is
    /// put back.
    ///
    /// # Errors
    /// [`StampError::MissingRequired`] when a required grant is missing. [`StampError::Author`] when the author's id
    /// makes no grant.
    pub fn grants_of_changed(&self, wanted: GrantSet, author: Option<&str>) -> Result<GrantSet, StampError> {
        let mut grants = self.with_required(wanted)?;
        grants.extend(self.author_grant(author)?);
        Ok(grants)
    }

    /// Gives a new document its grants, as [`Self::grants_of_new`] has them.
    ///
    /// The author is the one given here (take it from the session), else the one that the document names in
    /// `author_id_field`.
    ///
    /// # Errors
    /// [`StampError`] when the document cannot be created like this; it is as it was.
    pub fn stamp_new(&self, document: &mut Value, author: Option<&str>) -> Result<(), StampError> {
        let object = document.as_object_mut().ok_or(StampError::NotAnObject)?;
        let submitted = self.submitted(object)?;
        let author = self.author(author, &[object])?;
        let grants = self.grants_of_new(submitted, author.as_deref())?;
        self.put_grants(object, grants)
    }

    /// Checks the grants of a document that is to take the place of an older one, and puts the author's grant back.
    ///
    /// The author is the one that the new document names, else the one that the old document names.
    ///
    /// # Errors
    /// [`StampError`] when the document cannot be changed like this, `Missing required Grants: a,b` above all; it is
    /// as it was.
    pub fn check_update(&self, old: &Value, new: &mut Value) -> Result<(), StampError> {
        let before = old.as_object().ok_or(StampError::NotAnObject)?;
        let object = new.as_object_mut().ok_or(StampError::NotAnObject)?;
        let wanted = self.submitted(object)?.unwrap_or_default();
        let author = self.author(None, &[object, before])?;
        let grants = self.grants_of_changed(wanted, author.as_deref())?;
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
