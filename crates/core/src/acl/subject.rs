use std::fmt;

use serde_json::{Map, Value};

use super::field_path::Found;
use super::{AclOptions, FieldPath, Grant, GrantError, GrantSet, GrantSetError};

mod positions;

use positions::Positions;

/// Whoever asks: the grants that it holds, `public` always among them.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    grants: GrantSet,
    positions: Positions,
    anonymous: bool,
}

/// Why a value describes no subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// The user is neither an object nor null.
    #[error("the user is no object")]
    NotAnObject,
    /// Its grants are no array of strings.
    #[error("{0}: the user's grants are no array of strings")]
    NotGrants(FieldPath),
    /// One of its grants cannot be one.
    #[error("{field}: {source}")]
    Grants {
        /// Where they are.
        field: FieldPath,
        /// What is wrong with them.
        source: GrantSetError,
    },
    /// Its id is neither a string nor a whole number.
    #[error("{0}: the user's id is neither a string nor a whole number")]
    NotAnId(FieldPath),
    /// Its id makes no grant.
    #[error("{field}: the user's id makes no grant: {source}")]
    Id {
        /// Where it is.
        field: FieldPath,
        /// What is wrong with it.
        source: GrantError,
    },
}

impl Subject {
    /// Nobody: holds `public` alone.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::of([Grant::public()].into_iter().collect(), true)
    }

    /// Somebody: holds its own list, `public`, and `author-<id>` when the id is given.
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

    /// Whether nobody is signed in: what a refusal answers with 401 rather than 403.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        self.anonymous
    }

    /// Where the grant stands among those that the subject holds.
    #[inline]
    pub(super) fn position(&self, grant: &Grant) -> Option<usize> {
        self.positions.find(&self.grants, grant)
    }

    /// Where the grant with this text stands among those that the subject holds.
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
    /// The subject that this user is: no user and null are nobody.
    ///
    /// It holds the grants of `user_grants_field` (none when there is no such field), `public`, and with `add_author`
    /// the exclusive grant of the id in `user_id_field`, if it has one.
    ///
    /// # Errors
    /// [`SubjectError`] when the user is no object, its grants are no array of strings that can be grants, or its id
    /// can be none. Who gets an error has no subject and must not be let in.
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

/// What stands at a path is no id.
pub(super) struct NotAnId;

/// The id at a path: a string or a whole number; none when there is nothing or null.
pub(super) fn id_at(field: &FieldPath, object: &Map<String, Value>) -> Result<Option<String>, NotAnId> {
    match field.find(object) {
        Found::Nothing | Found::Value(Value::Null) => Ok(None),
        Found::Value(Value::String(id)) => Ok(Some(id.clone())),
        Found::Value(Value::Number(id)) if !id.is_f64() => Ok(Some(id.to_string())),
        Found::Value(_) | Found::Blocked => Err(NotAnId),
    }
}
