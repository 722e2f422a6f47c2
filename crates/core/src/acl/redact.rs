use serde_json::{Map, Value};

use super::field_path::Found;
use super::{AclOptions, FieldPath, Subject};

/// The document cannot be redacted; show nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedactError {
    /// The document is nested deeper than [`AclOptions::MAX_REDACT_DEPTH`].
    #[error("document must be nested at most {max} levels deep", max = AclOptions::MAX_REDACT_DEPTH)]
    TooDeep,
    /// The document has no grants at any level.
    #[error("the document has no grants anywhere")]
    NoGrants,
    /// The document has only nested grants, and the options demand its own.
    #[error("the document itself has no grants")]
    NoRootGrants,
}

impl AclOptions {
    /// Maximum nesting depth of objects and arrays that [`Self::redact`] accepts: as deep as `serde_json` parses.
    /// Building the result recurses, so a deeper tree could overflow the stack.
    pub const MAX_REDACT_DEPTH: usize = 128;

    /// Returns the document as this subject may see it. An object whose own grants the subject does not meet is
    /// replaced by an object with these grants alone, as a hint that something was removed. Everything else stays.
    ///
    /// Each object is judged by its own grants, under both nesting rules. An object whose grants are not an array of
    /// strings shows an empty list. The input is not changed.
    ///
    /// # Errors
    /// [`RedactError`]: show nothing.
    pub fn redact(&self, subject: &Subject, document: &Value) -> Result<Value, RedactError> {
        let field = &self.doc_grants_field;
        let mut redaction = Redaction { field, subject, found: false };
        let shown = redaction.value(document, 0)?;
        let root = document.as_object().map_or(Found::Nothing, |object| field.find(object));
        match root {
            _ if !redaction.found => Err(RedactError::NoGrants),
            Found::Nothing if self.root_must_have_grants => Err(RedactError::NoRootGrants),
            _ => Ok(shown),
        }
    }
}

struct Redaction<'a> {
    field: &'a FieldPath,
    subject: &'a Subject,
    // Whether any object has grants.
    found: bool,
}

impl Redaction<'_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<Value, RedactError> {
        match value {
            Value::Object(_) | Value::Array(_) if depth == AclOptions::MAX_REDACT_DEPTH => Err(RedactError::TooDeep),
            Value::Object(object) => self.object(object, depth).map(Value::Object),
            Value::Array(items) => items.iter().map(|item| self.value(item, depth + 1)).collect(),
            plain => Ok(plain.clone()),
        }
    }

    fn object(&mut self, object: &Map<String, Value>, depth: usize) -> Result<Map<String, Value>, RedactError> {
        let own = match self.field.find(object) {
            Found::Nothing => None,
            Found::Value(Value::Array(list)) if list.iter().all(Value::is_string) => Some(list.as_slice()),
            Found::Value(_) | Found::Blocked => Some([].as_slice()),
        };
        self.found |= own.is_some();
        let met = own.is_none_or(|grants| {
            grants.iter().filter_map(Value::as_str).any(|text| self.subject.position_of_text(text).is_some())
        });
        let mut shown = Map::new();
        if met {
            for (name, value) in object {
                shown.insert(name.clone(), self.value(value, depth + 1)?);
            }
        }
        if let Some(grants) = own {
            // Also where they are met: with a dotted path, an object on the way to the grants may have been replaced.
            self.field.put(&mut shown, Value::from(grants));
        }
        Ok(shown)
    }
}
