//! The CORS configuration document of a bucket.

/// The CORS configuration of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsConfiguration {
    /// At least one, at most 100.
    pub rules: Vec<CorsRule>,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// A name for people.
    pub id: Option<String>,
    /// Origins, with at most one `*` each.
    pub allowed_origins: Vec<String>,
    /// `GET`, `PUT`, `POST`, `DELETE`, `HEAD`.
    pub allowed_methods: Vec<String>,
    /// Request headers, with at most one `*` each.
    pub allowed_headers: Vec<String>,
    /// Response headers that scripts may read.
    pub expose_headers: Vec<String>,
    /// For how long browsers may remember the answer to a preflight.
    pub max_age_seconds: Option<u32>,
}
