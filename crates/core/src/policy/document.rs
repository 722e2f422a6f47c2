use std::fmt;

use serde_json::Value;

use crate::acl::Grant;

/// A policy document in the grammar of IAM. `==` compares the meaning: it ignores the order of keys and of lists that are
/// sets (`Action`, `Resource`, `Principal`), and whether a list with one item is written as a string.
#[derive(Clone, Debug)]
pub struct PolicyDocument(Value);

impl PolicyDocument {
    /// Wraps a document that is given as JSON.
    #[must_use]
    pub const fn new(json: Value) -> Self {
        Self(json)
    }

    /// The document as JSON.
    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.0
    }
}

impl PartialEq for PolicyDocument {
    fn eq(&self, other: &Self) -> bool {
        normalized(&self.0) == normalized(&other.0)
    }
}

impl Eq for PolicyDocument {}

/// The document as compact JSON.
impl fmt::Display for PolicyDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Normalizes a document: sorts lists, unwraps lists with one item, drops empty objects and lists, and writes
/// `"AWS": "*"` for `"*"`.
fn normalized(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(normalized).collect();
            items.sort_by_cached_key(Value::to_string);
            match items.as_slice() {
                [one] => one.clone(),
                _ => Value::Array(items),
            }
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| {
                let field = match (name.as_str(), normalized(field)) {
                    ("Principal", Value::String(all)) if !all.is_empty() => serde_json::json!({ "AWS": all }),
                    (_, field) => field,
                };
                (name.clone(), field)
            })
            // After the items, because a list that only contains an empty list is empty as well.
            .filter(|(_, field)| !is_empty(field))
            .collect(),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// The beginning of the names of all policies of this hub, so that several hubs can share a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyPrefix(String);

/// The string is not a valid [`PolicyPrefix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy prefix must be 1 to 32 letters, digits or hyphens long")]
pub struct PolicyPrefixError;

impl PolicyPrefix {
    /// Parses a prefix.
    ///
    /// # Errors
    /// [`PolicyPrefixError`] for another length or another character.
    pub fn parse(text: &str) -> Result<Self, PolicyPrefixError> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if plain && (1..=32).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(PolicyPrefixError) }
    }

    /// The prefix as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a policy in the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName(String);

impl PolicyName {
    /// The policy of one shard of a grant: `<prefix>.<grant>.<number>`. `/` and `%` of the grant are percent-encoded,
    /// because some stores keep policies as files, where `a//b` and `a/b` are the same.
    #[must_use]
    pub fn shard(prefix: &PolicyPrefix, grant: &Grant, number: i32) -> Self {
        let grant = grant.as_str().replace('%', "%25").replace('/', "%2F");
        Self(format!("{}.{grant}.{number}", prefix.0))
    }

    /// The policy of the admins: `<prefix>.admin`.
    #[must_use]
    pub fn admin(prefix: &PolicyPrefix) -> Self {
        Self(format!("{}.admin", prefix.0))
    }

    /// Whether it is a policy of the hub with this prefix.
    #[must_use]
    pub fn has_prefix(&self, prefix: &PolicyPrefix) -> bool {
        self.0.strip_prefix(&prefix.0).is_some_and(|rest| rest.starts_with('.'))
    }

    /// A name that a store returned, which may belong to somebody else.
    #[must_use]
    pub const fn from_store(name: String) -> Self {
        Self(name)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_that_mean_the_same_are_equal() {
        let one = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["s3:A", "s3:B"], "Resource": "r"}]});
        let two = json!({"ID": "", "Statement": {"Resource": ["r"], "Action": ["s3:B", "s3:A"], "Principal": {"AWS": ["*"]}, "Effect": "Allow"}, "Version": "2012-10-17"});
        assert_eq!(PolicyDocument::new(one), PolicyDocument::new(two));
    }

    #[test]
    fn a_list_of_one_means_what_it_holds_even_when_that_is_nothing() {
        for nothing in [json!([]), json!([[]]), json!({}), json!([{}]), json!("")] {
            let document = PolicyDocument::new(json!({"Statement": nothing, "Principal": nothing}));
            assert_eq!(document, PolicyDocument::new(json!({})), "{nothing}");
        }
        let listed = PolicyDocument::new(json!({"Principal": ["*"]}));
        assert_eq!(listed, PolicyDocument::new(json!({"Principal": {"AWS": "*"}})));
    }

    #[test]
    fn grants_that_differ_have_policies_whose_files_differ() {
        let prefix = PolicyPrefix::parse("hub").unwrap();
        let name = |grant: &str| PolicyName::shard(&prefix, &Grant::parse(grant).unwrap(), 0);
        assert_eq!(name("a/b").as_str(), "hub.a%2Fb.0");
        assert_ne!(name("a/b"), name("a%2Fb"));
        assert_ne!(name("a/b"), name("a//b"));
    }

    #[test]
    fn documents_that_mean_different_things_differ() {
        let allow = json!({"Statement": [{"Effect": "Allow", "Action": ["s3:A"]}]});
        let more = json!({"Statement": [{"Effect": "Allow", "Action": ["s3:A", "s3:B"]}]});
        assert_ne!(PolicyDocument::new(allow), PolicyDocument::new(more));
    }
}
