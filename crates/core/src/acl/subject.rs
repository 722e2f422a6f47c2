use std::fmt;

use serde_json::{Map, Value};

use super::field_path::Found;
use super::{AclOptions, FieldPath, Grant, GrantError, GrantSet, GrantSetError};

mod positions;

use positions::Positions;

/// The caller, as the set of grants that it holds. `public` is always among them.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    grants: GrantSet,
    positions: Positions,
    anonymous: bool,
}

/// The user cannot be read; there is no subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// The user is neither an object nor null.
    #[error("user must be an object or null")]
    NotAnObject,
    /// The user's grants are not an array of strings.
    #[error("`{0}` must be an array of strings")]
    NotGrants(FieldPath),
    /// One of the user's grants is invalid.
    #[error("`{field}`: {source}")]
    Grants {
        /// The path of the grants.
        field: FieldPath,
        /// The reason.
        source: GrantSetError,
    },
    /// The user's id is neither a string nor an integer.
    #[error("`{0}` must be a string or an integer")]
    NotAnId(FieldPath),
    /// The user's id does not make a valid grant.
    #[error("`{field}` does not make a valid grant: {source}")]
    Id {
        /// The path of the id.
        field: FieldPath,
        /// The reason.
        source: GrantError,
    },
}

impl Subject {
    /// The subject of a caller who is not signed in. It holds `public` alone.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::of([Grant::public()].into_iter().collect(), true)
    }

    /// The subject of a user. It holds its own list, `public`, and `author-<id>` when the id is given.
    #[must_use]
    pub fn new(own: &GrantSet, id: Option<&str>) -> Self {
        let mut grants = own.clone();
        grants.insert(Grant::public());
        if let Some(id) = id {
            grants.insert(Grant::author(id));
        }
        Self::of(grants, false)
    }

    /// Whether the subject holds the grant.
    #[must_use]
    pub fn holds(&self, grant: &Grant) -> bool {
        self.position(grant).is_some()
    }

    /// All grants that the subject holds.
    #[must_use]
    pub const fn grants(&self) -> &GrantSet {
        &self.grants
    }

    /// Whether the caller is not signed in, so that a refusal is 401 rather than 403.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        self.anonymous
    }

    /// The position of the grant among those that the subject holds.
    #[inline]
    pub(super) fn position(&self, grant: &Grant) -> Option<usize> {
        self.positions.find(&self.grants, grant)
    }

    /// The position of the grant with this text among those that the subject holds.
    #[inline]
    pub(super) fn position_of_text(&self, text: &str) -> Option<usize> {
        self.positions.find_text(&self.grants, text)
    }

    fn of(grants: GrantSet, anonymous: bool) -> Self {
        Self { positions: Positions::of(&grants), grants, anonymous }
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("grants", &self.grants).field("anonymous", &self.anonymous).finish()
    }
}

impl AclOptions {
    /// Returns the subject of this user. No user, and null, give the anonymous subject.
    ///
    /// It holds the grants in `user_grants_field` (none when the field is missing), `public`, and with `add_author`
    /// the exclusive grant of the id in `user_id_field`, if the user has one.
    ///
    /// # Errors
    /// [`SubjectError`] when the user is not an object, or its grants or its id are invalid. Refuse access then.
    pub fn subject(&self, user: Option<&Value>) -> Result<Subject, SubjectError> {
        let user = match user {
            None | Some(Value::Null) => return Ok(Subject::anonymous()),
            Some(Value::Object(user)) => user,
            Some(_) => return Err(SubjectError::NotAnObject),
        };
        let mut grants = self.own_grants(user)?;
        grants.insert(Grant::public());
        if self.add_author
            && let Some(own) = self.own_grant(user)?
        {
            grants.insert(own);
        }
        Ok(Subject::of(grants, false))
    }

    fn own_grants(&self, user: &Map<String, Value>) -> Result<GrantSet, SubjectError> {
        let field = &self.user_grants_field;
        let list = match field.find(user) {
            Found::Nothing => return Ok(GrantSet::default()),
            Found::Value(Value::Array(list)) if list.iter().all(Value::is_string) => list,
            Found::Value(_) | Found::Blocked => return Err(SubjectError::NotGrants(field.clone())),
        };
        GrantSet::parse(list.iter().filter_map(Value::as_str))
            .map_err(|source| SubjectError::Grants { field: field.clone(), source })
    }

    fn own_grant(&self, user: &Map<String, Value>) -> Result<Option<Grant>, SubjectError> {
        let field = &self.user_id_field;
        let id = id_at(field, user).map_err(|NotAnId| SubjectError::NotAnId(field.clone()))?;
        let grant = id.map(|id| Grant::parse_author(&id)).transpose();
        grant.map_err(|source| SubjectError::Id { field: field.clone(), source })
    }
}

/// The value at a path is not an id.
pub(super) struct NotAnId;

/// Returns the id at a path: a string or an integer. `None` when there is nothing or null.
pub(super) fn id_at(field: &FieldPath, object: &Map<String, Value>) -> Result<Option<String>, NotAnId> {
    match field.find(object) {
        Found::Nothing | Found::Value(Value::Null) => Ok(None),
        Found::Value(Value::String(id)) => Ok(Some(id.clone())),
        Found::Value(Value::Number(id)) if !id.is_f64() => Ok(Some(id.to_string())),
        Found::Value(_) | Found::Blocked => Err(NotAnId),
    }
}
