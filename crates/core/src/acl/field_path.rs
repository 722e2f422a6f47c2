use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

/// The path of a field, with dots between the names: `author._id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath {
    first: Box<str>,
    rest: Box<[Box<str>]>,
}

/// The string is not a valid path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field path must be names with dots between them, at most {max} bytes, got {0:?}", max = FieldPath::MAX_BYTES)]
pub struct FieldPathError(pub String);

/// What is at the end of a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'v> {
    /// Nothing: a field of the path is missing.
    Nothing,
    /// A value.
    Value(&'v Value),
    /// The path leads through a value that is not an object.
    Blocked,
}

impl FieldPath {
    /// Maximum length of a path in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Parses a path.
    ///
    /// # Errors
    /// [`FieldPathError`] when the path or a name in it is empty, or the path is too long.
    pub fn parse(text: &str) -> Result<Self, FieldPathError> {
        let error = || FieldPathError(text.chars().take(Self::MAX_BYTES).collect());
        if text.len() > Self::MAX_BYTES || text.split('.').any(str::is_empty) {
            return Err(error());
        }
        let mut names = text.split('.').map(Box::from);
        Ok(Self { first: names.next().ok_or_else(error)?, rest: names.collect() })
    }

    pub(super) fn one(name: &str) -> Self {
        Self { first: name.into(), rest: Box::default() }
    }

    pub(super) fn two(first: &str, second: &str) -> Self {
        Self { first: first.into(), rest: [second.into()].into() }
    }

    /// The first name of the path.
    pub(super) fn first(&self) -> &str {
        &self.first
    }

    /// Whether the path is a single name.
    pub(super) fn is_plain(&self) -> bool {
        self.rest.is_empty()
    }

    /// Follows the path from this object.
    pub(super) fn find<'v>(&self, object: &'v Map<String, Value>) -> Found<'v> {
        object.get(&*self.first).map_or(Found::Nothing, |value| self.find_below(value))
    }

    /// Follows the rest of the path from the value of its first field.
    pub(super) fn find_below<'v>(&self, outermost: &'v Value) -> Found<'v> {
        let mut value = outermost;
        for name in &self.rest {
            let Value::Object(object) = value else { return Found::Blocked };
            match object.get(&**name) {
                Some(next) => value = next,
                None => return Found::Nothing,
            }
        }
        Found::Value(value)
    }

    /// Sets the value at the end of the path and creates missing objects on the way. Returns false when the path leads
    /// through a value that is not an object.
    pub(super) fn put(&self, object: &mut Map<String, Value>, value: Value) -> bool {
        let Some((last, way)) = self.rest.split_last() else {
            object.insert(self.first.to_string(), value);
            return true;
        };
        let mut at = object.entry(&*self.first).or_insert_with(|| Value::Object(Map::new()));
        for name in way {
            let Value::Object(inner) = at else { return false };
            at = inner.entry(&**name).or_insert_with(|| Value::Object(Map::new()));
        }
        let Value::Object(inner) = at else { return false };
        inner.insert(last.to_string(), value);
        true
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first)?;
        self.rest.iter().try_for_each(|name| write!(f, ".{name}"))
    }
}

impl FromStr for FieldPath {
    type Err = FieldPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_path_is_its_text() {
        assert_eq!(FieldPath::parse("author._id").unwrap().to_string(), "author._id");
        for bad in ["", ".", "a.", ".a", "a..b"] {
            assert_eq!(FieldPath::parse(bad), Err(FieldPathError(bad.to_owned())));
        }
        assert!(FieldPath::parse(&"a".repeat(257)).is_err());
    }

    #[test]
    fn a_path_leads_through_objects_alone() {
        let path = FieldPath::parse("a.b").unwrap();
        assert!(matches!(path.find(&object(json!({"a": {"b": 1}}))), Found::Value(value) if *value == 1));
        assert!(matches!(path.find(&object(json!({"a": {}}))), Found::Nothing));
        assert!(matches!(path.find(&object(json!({}))), Found::Nothing));
        for blocked in [json!({"a": null}), json!({"a": "b"}), json!({"a": [{"b": 1}]})] {
            assert!(matches!(path.find(&object(blocked)), Found::Blocked));
        }
    }

    #[test]
    fn a_value_is_put_where_the_path_leads() {
        let path = FieldPath::parse("a.b.c").unwrap();
        let mut target = object(json!({"a": {"x": 1}}));
        assert!(path.put(&mut target, json!(2)));
        assert_eq!(Value::Object(target), json!({"a": {"x": 1, "b": {"c": 2}}}));
        assert!(!path.put(&mut object(json!({"a": {"b": []}})), json!(2)));
        assert!(!path.put(&mut object(json!({"a": 1})), json!(2)));
    }
}
