//! The CORS rules of a bucket: what browsers let pages of other origins do with it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The maximum number of rules of a bucket.
pub const MAX_CORS_RULES: usize = 100;

/// The maximum length of a rule's id, in characters.
const MAX_ID: usize = 255;

/// A method that a rule may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CorsMethod {
    /// `GET`
    Get,
    /// `PUT`
    Put,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
    /// `HEAD`
    Head,
}

impl CorsMethod {
    /// Every method.
    pub const ALL: [Self; 5] = [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Head];

    /// The method as it stands in a request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
        }
    }

    /// Parses the output of [`as_str`](Self::as_str).
    ///
    /// # Errors
    /// [`CorsRulesError::Method`] for any other text.
    pub fn parse(text: &str) -> Result<Self, CorsRulesError> {
        let found = Self::ALL.into_iter().find(|method| method.as_str() == text);
        found.ok_or_else(|| CorsRulesError::Method(text.to_owned()))
    }
}

impl fmt::Display for CorsMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What pages of some origins may do. Checked as part of [`CorsRules`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorsRule {
    /// A name of the rule, for people.
    pub id: Option<String>,
    /// The origins that the rule is for; one `*` in each stands for any text.
    pub allowed_origins: Vec<String>,
    /// The methods that it allows.
    pub allowed_methods: Vec<CorsMethod>,
    /// The request headers that it allows, in any letter case; one `*` in each stands for any text.
    pub allowed_headers: Vec<String>,
    /// The response headers that a page may read.
    pub expose_headers: Vec<String>,
    /// For how many seconds a browser may remember the answer to a preflight.
    pub max_age_seconds: Option<u32>,
}

/// The CORS rules of a bucket, in their order: 1 to [`MAX_CORS_RULES`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<CorsRule>", into = "Vec<CorsRule>")]
pub struct CorsRules(Vec<CorsRule>);

/// What is wrong with a list of rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorsRulesError {
    /// There are none, or too many.
    #[error("a CORS configuration must have 1 to {MAX_CORS_RULES} rules, got {0}")]
    Count(usize),
    /// The id of a rule is too long.
    #[error("the id of a CORS rule must be at most {MAX_ID} characters long, got {0}")]
    Id(usize),
    /// A rule allows no origin.
    #[error("each CORS rule must have at least one allowed origin")]
    NoOrigin,
    /// A rule allows no method.
    #[error("each CORS rule must have at least one allowed method")]
    NoMethod,
    /// A method that CORS rules cannot allow.
    #[error("allowed method `{0}` must be GET, PUT, POST, DELETE or HEAD")]
    Method(String),
    /// An origin with more than one `*`.
    #[error("allowed origin `{0}` must not contain more than one `*`")]
    OriginWildcards(String),
    /// A request header with more than one `*`.
    #[error("allowed header `{0}` must not contain more than one `*`")]
    HeaderWildcards(String),
    /// A response header that is not the name of one. A `*` is not allowed.
    #[error("exposed header `{0}` must be the name of a header, without `*`")]
    ExposedHeader(String),
    /// An origin or a header that cannot stand in a request or an answer.
    #[error("`{0}` must not be empty and must have visible ASCII characters only")]
    Text(String),
}

impl CorsRules {
    /// Checks a list of rules.
    ///
    /// # Errors
    /// [`CorsRulesError`], which says what is wrong with which part.
    pub fn new(rules: Vec<CorsRule>) -> Result<Self, CorsRulesError> {
        if rules.is_empty() || rules.len() > MAX_CORS_RULES {
            return Err(CorsRulesError::Count(rules.len()));
        }
        rules.iter().try_for_each(check)?;
        Ok(Self(rules))
    }

    /// The rules, in their order.
    #[must_use]
    pub fn rules(&self) -> &[CorsRule] {
        &self.0
    }

    /// Finds the first rule that allows a request from this origin with this method and these request headers (of a
    /// preflight: those that it announces; of any other request: none).
    #[must_use]
    pub fn find_match(&self, origin: &str, method: &str, request_headers: &[&str]) -> Option<&CorsRule> {
        self.0.iter().find(|rule| {
            rule.allowed_origins.iter().any(|allowed| matches(allowed, origin))
                && rule.allowed_methods.iter().any(|allowed| allowed.as_str() == method)
                && request_headers.iter().all(|header| rule.allows_header(header))
        })
    }
}

impl CorsRule {
    /// Whether the rule is for every origin, so that an answer need not name the one that asked.
    #[must_use]
    pub fn allows_every_origin(&self) -> bool {
        self.allowed_origins.iter().any(|allowed| allowed == "*")
    }

    fn allows_header(&self, header: &str) -> bool {
        let header = header.trim().to_ascii_lowercase();
        self.allowed_headers.iter().any(|allowed| matches(&allowed.to_ascii_lowercase(), &header))
    }
}

impl TryFrom<Vec<CorsRule>> for CorsRules {
    type Error = CorsRulesError;

    fn try_from(rules: Vec<CorsRule>) -> Result<Self, Self::Error> {
        Self::new(rules)
    }
}

impl From<CorsRules> for Vec<CorsRule> {
    fn from(rules: CorsRules) -> Self {
        rules.0
    }
}

/// Whether a text is the pattern, in which one `*` stands for any text, the empty one included.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((begin, end)) => text.strip_prefix(begin).is_some_and(|rest| rest.ends_with(end)),
    }
}

fn check(rule: &CorsRule) -> Result<(), CorsRulesError> {
    if let Some(length) = rule.id.as_ref().map(|id| id.chars().count()).filter(|length| *length > MAX_ID) {
        return Err(CorsRulesError::Id(length));
    }
    if rule.allowed_origins.is_empty() {
        return Err(CorsRulesError::NoOrigin);
    }
    if rule.allowed_methods.is_empty() {
        return Err(CorsRulesError::NoMethod);
    }
    let wildcards = |text: &str| text.matches('*').count();
    for origin in &rule.allowed_origins {
        if wildcards(origin) > 1 {
            return Err(CorsRulesError::OriginWildcards(origin.clone()));
        }
    }
    for header in &rule.allowed_headers {
        if wildcards(header) > 1 {
            return Err(CorsRulesError::HeaderWildcards(header.clone()));
        }
    }
    for header in &rule.expose_headers {
        if wildcards(header) > 0 || header.contains([' ', ',', ':']) {
            return Err(CorsRulesError::ExposedHeader(header.clone()));
        }
    }
    let texts = rule.allowed_origins.iter().chain(&rule.allowed_headers).chain(&rule.expose_headers);
    let mut bad = texts.filter(|text| text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()));
    bad.next().map_or(Ok(()), |text| Err(CorsRulesError::Text(text.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(origins: &[&str], methods: &[CorsMethod], headers: &[&str]) -> CorsRule {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        CorsRule {
            id: None,
            allowed_origins: owned(origins),
            allowed_methods: methods.to_vec(),
            allowed_headers: owned(headers),
            expose_headers: Vec::new(),
            max_age_seconds: None,
        }
    }

    #[test]
    fn the_first_rule_that_allows_all_of_a_request_matches() {
        let rules = CorsRules::new(vec![
            rule(&["https://app.example"], &[CorsMethod::Put], &["content-type", "X-Amz-*"]),
            rule(&["http://*.example.com", "https://app.example"], &[CorsMethod::Get, CorsMethod::Head], &[]),
            rule(&["*"], &[CorsMethod::Get], &["*"]),
        ])
        .unwrap();
        let table: &[(&str, &str, &[&str], Option<usize>)] = &[
            ("https://app.example", "PUT", &[], Some(0)),
            ("https://app.example", "PUT", &["Content-Type", " x-amz-date "], Some(0)),
            ("https://app.example", "PUT", &["content-type", "authorization"], None),
            ("https://app.example", "PUT", &["x-amz"], None),
            ("https://app.example", "put", &[], None),
            ("https://APP.example", "PUT", &[], None),
            ("https://app.example:8443", "PUT", &[], None),
            ("https://app.example", "GET", &[], Some(1)),
            ("https://app.example", "GET", &["range"], Some(2)),
            ("http://a.example.com", "HEAD", &[], Some(1)),
            ("http://a.b.example.com", "HEAD", &[], Some(1)),
            ("http://.example.com", "HEAD", &[], Some(1)),
            ("http://example.com", "HEAD", &[], None),
            ("http://a.example.com.evil", "HEAD", &[], None),
            ("https://a.example.com", "HEAD", &[], None),
            ("null", "GET", &["anything"], Some(2)),
            ("null", "DELETE", &[], None),
        ];
        for (origin, method, headers, expected) in table {
            let found = rules.find_match(origin, method, headers);
            let place = found.map(|found| rules.rules().iter().position(|rule| std::ptr::eq(rule, found)).unwrap());
            assert_eq!(place, *expected, "{method} from {origin} with {headers:?}");
        }
    }

    #[test]
    fn a_text_does_not_match_with_the_same_characters_for_both_ends_of_a_pattern() {
        assert!(!matches("aba*aba", "aba"));
        assert!(!matches("ab*ba", "aba"));
        assert!(matches("ab*ba", "abba"));
        assert!(matches("*", ""));
    }

    #[test]
    fn what_is_wrong_with_rules_is_named() {
        let good = || rule(&["*"], &[CorsMethod::Get], &[]);
        let with = |change: fn(&mut CorsRule)| {
            let mut rule = good();
            change(&mut rule);
            CorsRules::new(vec![good(), rule]).err()
        };
        let long = "i".repeat(256);
        assert_eq!(CorsRules::new(Vec::new()), Err(CorsRulesError::Count(0)));
        assert_eq!(CorsRules::new(vec![good(); 101]), Err(CorsRulesError::Count(101)));
        assert_eq!(CorsRules::new(vec![good(); 100]).map(|rules| rules.rules().len()), Ok(100));
        assert_eq!(CorsRules::new(vec![CorsRule { id: Some(long), ..good() }]), Err(CorsRulesError::Id(256)));
        assert_eq!(with(|rule| rule.allowed_origins.clear()), Some(CorsRulesError::NoOrigin));
        assert_eq!(with(|rule| rule.allowed_methods.clear()), Some(CorsRulesError::NoMethod));
        let error = with(|rule| rule.allowed_origins = vec!["http://*.*".into()]);
        assert_eq!(error, Some(CorsRulesError::OriginWildcards("http://*.*".into())));
        let error = with(|rule| rule.allowed_headers = vec!["**".into()]);
        assert_eq!(error, Some(CorsRulesError::HeaderWildcards("**".into())));
        for exposed in ["*", "x-*", "a b", "a,b", "a:b"] {
            let rule = CorsRule { expose_headers: vec![exposed.into()], ..good() };
            assert_eq!(CorsRules::new(vec![rule]), Err(CorsRulesError::ExposedHeader(exposed.into())));
        }
        for text in ["", "a\r\nb", "grün"] {
            let rule = rule(&[text], &[CorsMethod::Get], &[]);
            assert_eq!(CorsRules::new(vec![rule]), Err(CorsRulesError::Text(text.into())), "{text:?}");
        }
        assert_eq!(CorsMethod::parse("PATCH"), Err(CorsRulesError::Method("PATCH".into())));
        assert_eq!(CorsMethod::parse("HEAD"), Ok(CorsMethod::Head));
    }

    #[test]
    fn rules_come_back_from_json_and_invalid_ones_do_not() {
        let full = CorsRule {
            id: Some("one".into()),
            expose_headers: vec!["ETag".into()],
            max_age_seconds: Some(600),
            ..rule(&["https://*.example"], &CorsMethod::ALL, &["*"])
        };
        let rules = CorsRules::new(vec![full, rule(&["*"], &[CorsMethod::Get], &[])]).unwrap();
        let json = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<CorsRules>(&json).unwrap(), rules);
        assert!(serde_json::from_str::<CorsRules>("[]").is_err());
        assert!(serde_json::from_str::<CorsRules>(&json.replace("https://*.", "https://*.*.")).is_err());
    }
}
