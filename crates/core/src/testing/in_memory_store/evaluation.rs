//! Evaluation of IAM documents: nothing is allowed by default, and a deny overrides every allow.

use serde_json::Value;

use crate::policy::PolicyDocument;

const ARN: &str = "arn:aws:s3:::";

/// Whether the documents together allow an action on a resource.
pub(super) fn allows<'a>(
    documents: impl IntoIterator<Item = &'a PolicyDocument>,
    action: &str,
    resource: &str,
) -> bool {
    let mut allowed = false;
    for statement in documents.into_iter().flat_map(statements) {
        match statement.get("Effect").and_then(Value::as_str) {
            // Elements that are not supported (`NotAction`, `Condition` …) count against the caller.
            Some("Allow") => allowed |= is_plain(statement) && covers(statement, action, resource),
            _ if !is_plain(statement) || covers(statement, action, resource) => return false,
            _ => {}
        }
    }
    allowed
}

/// The statements of a document, which has a list of them or a single one.
pub(super) fn statements(document: &PolicyDocument) -> Vec<&Value> {
    match document.json().get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => Vec::new(),
    }
}

fn is_plain(statement: &Value) -> bool {
    ["NotAction", "NotResource", "Condition"].iter().all(|field| statement.get(field).is_none())
}

fn covers(statement: &Value, action: &str, resource: &str) -> bool {
    let actions = texts(statement.get("Action"));
    let about_the_store = actions.iter().any(|pattern| pattern.starts_with("admin:"));
    actions.iter().any(|pattern| matches(pattern, action))
        && (about_the_store
            || texts(statement.get("Resource")).iter().any(|pattern| resource_matches(pattern, resource)))
}

/// A request on a bucket itself is one on `bucket/`: a pattern `bucket/*` covers it, and so does `bucket`.
fn resource_matches(pattern: &str, resource: &str) -> bool {
    let on_bucket = resource.strip_prefix(ARN).is_some_and(|rest| !rest.contains('/'));
    if on_bucket {
        pattern == resource || matches(pattern, &format!("{resource}/"))
    } else {
        matches(pattern, resource)
    }
}

fn texts(field: Option<&Value>) -> Vec<&str> {
    match field {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a pattern, in which `*` stands for any run of characters, `/` included, and `?` for one, matches all of a
/// text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    let mut parts = pattern.split('*');
    let Some(first) = parts.next().and_then(|part| prefix(part, rest)) else { return false };
    rest = first;
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let found = rest
            .char_indices()
            .map(|(index, _)| index)
            .chain([rest.len()])
            .filter_map(|index| prefix(part, rest.get(index..)?))
            .find(|after| !is_last || after.is_empty());
        match found {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

/// The rest of a text after a part of the pattern without `*`.
fn prefix<'a>(part: &str, text: &'a str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in part.chars() {
        let found = rest.next()?;
        if wanted != '?' && wanted != found {
            return None;
        }
    }
    Some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::Access;
    use crate::domain::BucketName;
    use crate::policy::{admin_policy, shard_policy};

    #[test]
    fn a_pattern_matches_a_whole_text() {
        let table = [
            ("s3:*", "s3:GetObject", true),
            ("s3:Get*Tagging", "s3:GetObjectTagging", true),
            ("s3:Get*Tagging", "s3:GetObjectTaggingX", false),
            ("*", "", true),
            ("a*b*c", "axbxbxc", true),
            ("a*b*c", "axcxb", false),
            ("a?c", "abc", true),
            ("abc", "abcd", false),
            ("a**", "a/b/c", true),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_shard_gives_its_buckets_and_no_others() {
        let shard = shard_policy(&[(BucketName::parse("mine").unwrap(), Access::Write)]);
        let table = [
            ("s3:ListBucket", "arn:aws:s3:::mine", true),
            ("s3:PutObject", "arn:aws:s3:::mine/a/b", true),
            ("s3:PutObject", "arn:aws:s3:::mine2/a", false),
            ("s3:ListBucket", "arn:aws:s3:::min", false),
            ("s3:PutBucketVersioning", "arn:aws:s3:::mine", false),
            ("s3:DeleteBucket", "arn:aws:s3:::mine", false),
            ("admin:CreateUser", "", false),
        ];
        for (action, resource, expected) in table {
            assert_eq!(allows([&shard], action, resource), expected, "{action} {resource}");
        }
    }

    #[test]
    fn a_deny_wins_over_every_allow() {
        let admin = admin_policy();
        assert!(allows([&admin], "s3:GetObject", "arn:aws:s3:::any/key"));
        assert!(allows([&admin], "s3:ListAllMyBuckets", "arn:aws:s3:::"));
        for action in ["s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"] {
            assert!(!allows([&admin], action, "arn:aws:s3:::any"), "{action}");
        }
    }
}
