use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use crate::dates;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::types::Millis;

/// Fields that need no condition: the signature covers them, or they have no effect.
const UNCONDITIONAL: [&str; 5] = ["awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"];
const IGNORED: &str = "x-ignore-";

/// The policy of a form: until when, and with which fields and lengths, it may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostPolicy {
    expiration: Millis,
    conditions: Vec<Condition>,
    min_length: u64,
    max_length: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    kind: Kind,
    /// In lower case, without `$`.
    field: String,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Equals,
    StartsWith,
}

impl PostPolicy {
    /// Reads the field `policy`: a JSON document in Base64.
    ///
    /// # Errors
    /// `InvalidPolicyDocument`
    pub fn parse(policy: &str) -> S3Result<Self> {
        let json = BASE64.decode(policy).map_err(|_| invalid("it is not Base64"))?;
        let document: Value = serde_json::from_slice(&json).map_err(|_| invalid("it is not JSON"))?;
        let Value::Object(document) = document else { return Err(invalid("it is not a JSON object")) };
        if let Some(name) = document.keys().find(|name| !matches!(name.as_str(), "expiration" | "conditions")) {
            return Err(invalid(format!("unexpected `{name}`")));
        }
        let expiration = document.get("expiration").ok_or_else(|| invalid("it has no `expiration`"))?;
        let expiration = expiration.as_str().and_then(dates::read_iso_date);
        let expiration = expiration.ok_or_else(|| invalid("`expiration` must have the form YYYY-MM-DDThh:mm:ssZ"))?;
        let Some(Value::Array(conditions)) = document.get("conditions") else {
            return Err(invalid("it has no list of `conditions`"));
        };
        let mut read = Self { expiration, conditions: Vec::new(), min_length: 0, max_length: u64::MAX };
        for condition in conditions {
            match condition {
                Value::Object(pairs) => read.add_pairs(pairs)?,
                Value::Array(items) => read.add_items(items)?,
                _ => return Err(invalid("a condition must be an object or a list")),
            }
        }
        Ok(read)
    }

    fn add_pairs(&mut self, pairs: &Map<String, Value>) -> S3Result<()> {
        if pairs.is_empty() {
            return Err(invalid("a condition must not be empty"));
        }
        for (field, value) in pairs {
            let value = value.as_str().ok_or_else(|| invalid("the value of a condition must be a text"))?;
            self.conditions.push(Condition {
                kind: Kind::Equals,
                field: field.to_ascii_lowercase(),
                value: value.to_owned(),
            });
        }
        Ok(())
    }

    fn add_items(&mut self, items: &[Value]) -> S3Result<()> {
        let [Value::String(operator), first, second] = items else {
            return Err(invalid("a condition in a list must have an operator and two values"));
        };
        let kind = match operator.to_ascii_lowercase().as_str() {
            "content-length-range" => {
                let (Some(min), Some(max)) = (read_length(first), read_length(second)) else {
                    return Err(invalid("`content-length-range` must have two numbers of bytes"));
                };
                self.min_length = self.min_length.max(min);
                self.max_length = self.max_length.min(max);
                return Ok(());
            }
            "eq" => Kind::Equals,
            "starts-with" => Kind::StartsWith,
            _ => return Err(invalid("an operator must be `eq`, `starts-with` or `content-length-range`")),
        };
        let field = first.as_str().and_then(|field| field.strip_prefix('$'));
        let (Some(field), Some(value)) = (field, second.as_str()) else {
            return Err(invalid("a condition must name a field as `$name`, and a text"));
        };
        self.conditions.push(Condition { kind, field: field.to_ascii_lowercase(), value: value.to_owned() });
        Ok(())
    }

    /// Verifies that the policy is valid at this time (in seconds since 1970) for this bucket and these fields, whose names
    /// are in lower case and whose variables are expanded. A field that is not sent counts as empty.
    ///
    /// # Errors
    /// `AccessDenied` for an expired policy, a condition that does not hold, and a field without a condition. The bucket
    /// must have one too.
    pub fn check(&self, now: i64, bucket: &str, fields: &[(&str, &str)]) -> S3Result<()> {
        if self.expiration < now.saturating_mul(1000) {
            return Err(refused("Policy expired"));
        }
        let fields = fields.iter().copied().filter(|(name, _)| *name != "bucket").chain([("bucket", bucket)]);
        for condition in &self.conditions {
            let sent = fields.clone().find(|(name, _)| *name == condition.field).map(|(_, value)| value);
            if !condition.holds(sent.unwrap_or_default()) {
                return Err(refused(&format!("Policy Condition failed: {condition}")));
            }
        }
        for (name, _) in fields {
            let is_conditional = !UNCONDITIONAL.contains(&name) && !name.starts_with(IGNORED);
            if is_conditional && !self.conditions.iter().any(|condition| condition.field == name) {
                return Err(refused(&format!("Extra input fields: `{name}`")));
            }
        }
        Ok(())
    }

    /// The lengths that the file may have, both included.
    #[must_use]
    pub fn length_range(&self) -> (u64, u64) {
        (self.min_length, self.max_length)
    }
}

impl Condition {
    fn holds(&self, sent: &str) -> bool {
        match self.kind {
            Kind::Equals => sent == self.value,
            // Each of a list of types must be allowed.
            Kind::StartsWith if self.field == "content-type" => {
                sent.split(',').all(|item| item.trim().starts_with(&self.value))
            }
            Kind::StartsWith => sent.starts_with(&self.value),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let operator = match self.kind {
            Kind::Equals => "eq",
            Kind::StartsWith => "starts-with",
        };
        write!(f, "[\"{operator}\", \"${}\", \"{}\"]", self.field, self.value)
    }
}

/// Clients write lengths as numbers and as texts.
fn read_length(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

fn invalid(reason: impl AsRef<str>) -> S3Error {
    S3Error::with_message(ErrorCode::InvalidPolicyDocument, format!("The policy is invalid: {}.", reason.as_ref()))
}

fn refused(reason: &str) -> S3Error {
    S3Error::with_message(ErrorCode::AccessDenied, format!("Invalid according to Policy: {reason}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000;

    fn parse(json: &str) -> Result<PostPolicy, ErrorCode> {
        PostPolicy::parse(&BASE64.encode(json)).map_err(|error| error.code_of_sentence())
    }

    fn with_conditions(conditions: &str) -> Result<PostPolicy, ErrorCode> {
        parse(&format!("{{\"expiration\": \"2026-12-30T12:00:00.000Z\", \"conditions\": [{conditions}]}}"))
    }

    fn check(conditions: &str, fields: &[(&str, &str)]) -> Result<(), ErrorCode> {
        let policy = with_conditions(&format!("{{\"bucket\": \"photos\"}}, {conditions}"))?;
        policy.check(NOW, "photos", fields).map_err(|error| error.code_of_sentence())
    }

    #[test]
    fn malformed_policies_are_refused() {
        let invalid = Err(ErrorCode::InvalidPolicyDocument);
        for json in [
            "",
            "[]",
            "{}",
            "{\"expiration\": \"2026-12-30T12:00:00Z\"}",
            "{\"conditions\": []}",
            "{\"EXPIRATION\": \"2026-12-30T12:00:00Z\", \"conditions\": []}",
            "{\"expiration\": \"2026-12-30T12:00:00Z\", \"CONDITIONS\": []}",
            "{\"expiration\": \"2026-12-30 12:00:00+00:00\", \"conditions\": []}",
            "{\"expiration\": 1795000000, \"conditions\": []}",
            "{\"expiration\": \"2026-12-30T12:00:00Z\", \"conditions\": {}}",
            "{\"expiration\": \"2026-12-30T12:00:00Z\", \"conditions\": [], \"more\": 1}",
        ] {
            assert_eq!(parse(json), invalid, "{json}");
        }
        for conditions in [
            "{}",
            "[]",
            "1",
            "\"acl\"",
            "{\"acl\": 1}",
            "[\"eq\", \"$acl\"]",
            "[\"eq\", \"acl\", \"\"]",
            "[\"ne\", \"$acl\", \"\"]",
            "[\"content-length-range\", 0]",
            "[\"content-length-range\", -1, 0]",
            "[\"content-length-range\", \"a\", 0]",
            "[\"content-length-range\", 0.5, 1]",
            "[\"content-length-range\", 0, 1, 2]",
            "[1, 2, 3]",
        ] {
            assert_eq!(with_conditions(conditions), invalid, "{conditions}");
        }
        assert!(PostPolicy::parse("not Base64").is_err());
    }

    #[test]
    fn every_field_must_have_a_condition_that_holds() {
        let denied = Err(ErrorCode::AccessDenied);
        let key = "[\"StArTs-WiTh\", \"$KeY\", \"foo\"]";
        assert_eq!(check(key, &[("key", "foo.txt")]), Ok(()));
        assert_eq!(check(key, &[("key", "bar.txt")]), denied);
        assert_eq!(check(key, &[]), denied);
        assert_eq!(check(key, &[("key", "foo"), ("acl", "private")]), denied);
        assert_eq!(check(key, &[("key", "foo"), ("x-amz-date", "")]), denied);
        assert_eq!(check(key, &[("key", "foo"), ("x-ignore-a", "b")]), Ok(()));
        let signature =
            [("key", "foo"), ("awsaccesskeyid", "a"), ("signature", "b"), ("x-amz-signature", "c"), ("policy", "d")];
        assert_eq!(check(key, &signature), Ok(()));
        assert_eq!(check("{\"AcL\": \"private\"}", &[("acl", "private")]), Ok(()));
        assert_eq!(check("{\"acl\": \"private\"}", &[("acl", "Private")]), denied);
        assert_eq!(check("[\"eq\", \"$x-amz-meta-a\", \"\"]", &[("x-amz-meta-a", "b")]), denied);
        assert_eq!(check("[\"eq\", \"$x-amz-meta-a\", \"\"]", &[]), Ok(()));
        // All conditions must hold, also of one field.
        assert_eq!(check("[\"eq\", \"$key\", \"a\"], [\"starts-with\", \"$key\", \"b\"]", &[("key", "a")]), denied);
        let images = "[\"starts-with\", \"$Content-Type\", \"image/\"]";
        assert_eq!(check(images, &[("content-type", "image/png, image/gif")]), Ok(()));
        assert_eq!(check(images, &[("content-type", "image/png, text/html")]), denied);
    }

    #[test]
    fn the_bucket_must_have_a_condition_and_be_that_of_the_request() {
        let denied = |policy: &PostPolicy, bucket| policy.check(NOW, bucket, &[]).is_err();
        assert!(denied(&with_conditions("").unwrap(), "photos"));
        let policy = with_conditions("{\"bUcKeT\": \"photos\"}").unwrap();
        assert!(!denied(&policy, "photos"));
        assert!(denied(&policy, "other"));
        // The field of that name has no say.
        assert!(policy.check(NOW, "other", &[("bucket", "photos")]).is_err());
    }

    #[test]
    fn an_expired_policy_is_refused() {
        let policy = with_conditions("{\"bucket\": \"photos\"}").unwrap();
        let expiration = policy.expiration / 1000;
        assert!(policy.check(expiration, "photos", &[]).is_ok());
        let expired = policy.check(expiration + 1, "photos", &[]);
        assert_eq!(expired.unwrap_err().code(), ErrorCode::AccessDenied);
    }

    #[test]
    fn ranges_of_lengths_are_intersected() {
        let range = |conditions| with_conditions(conditions).unwrap().length_range();
        assert_eq!(range(""), (0, u64::MAX));
        assert_eq!(range("[\"content-length-range\", 1, \"9\"], [\"Content-Length-Range\", 0, 5]"), (1, 5));
    }
}
