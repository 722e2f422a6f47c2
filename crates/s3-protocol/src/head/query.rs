//! The query of a request.

use std::collections::HashSet;

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::uri;

/// Maximum number of parameters. It bounds the work of a request before anybody knows who sent it.
const MAX_PARAMETERS: usize = 100;

/// The parameters of a query, decoded, each at most once, in the order received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query without its `?`. A `+` is a space, as in HTML forms and as S3 reads it; empty parameters (`&&`) are
    /// skipped.
    ///
    /// # Errors
    /// `InvalidURI` for what is not percent-encoded UTF-8, `InvalidRequest` for a repeated parameter, `InvalidArgument` for
    /// more than 100 parameters.
    pub fn parse(query: &str) -> S3Result<Self> {
        let pairs = || query.split('&').filter(|pair| !pair.is_empty());
        if pairs().nth(MAX_PARAMETERS).is_some() {
            let message = format!("The query must have at most {MAX_PARAMETERS} parameters.");
            return Err(S3Error::with_message(ErrorCode::InvalidArgument, message));
        }
        let parameters = pairs()
            .map(Self::read)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| S3Error::with_message(ErrorCode::InvalidURI, "The query must be percent-encoded UTF-8."))?;
        let mut names = HashSet::new();
        if let Some((repeated, _)) = parameters.iter().find(|(name, _)| !names.insert(name)) {
            let message = format!("The query parameter `{repeated}` must not be given more than once.");
            return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
        }
        Ok(Self(parameters))
    }

    fn read(pair: &str) -> Option<(String, String)> {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| uri::decode(&text.replace('+', " "));
        Some((decode(name)?, decode(value)?))
    }

    /// The value of a parameter; empty for one without `=`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the parameter was sent.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All parameters, in the order received.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_can_be_read_in_two_ways_is_refused() {
        let refusal = |query: &str| Query::parse(query).map_err(|error| error.code_of_sentence()).err();
        for plain in ["", "a", "a=1&b=1", "a=&&b=", "list-type=2&prefix=%C3%A9&", "a=1&A=1"] {
            assert_eq!(refusal(plain), None, "{plain}");
        }
        for repeated in ["a=1&a=1", "a&a=", "a=1&%61=2", "a+b=1&a%20b=1"] {
            assert_eq!(refusal(repeated), Some(ErrorCode::InvalidRequest), "{repeated}");
        }
        for undecodable in ["prefix=%FF", "%C3=1", "prefix=100%", "a=%zz"] {
            assert_eq!(refusal(undecodable), Some(ErrorCode::InvalidURI), "{undecodable}");
        }
        let many = |count: usize| (0..count).map(|number| format!("p{number}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(refusal(&many(MAX_PARAMETERS)), None);
        assert_eq!(refusal(&many(MAX_PARAMETERS + 1)), Some(ErrorCode::InvalidArgument));
        assert_eq!(Query::parse("a=b+c%2B").unwrap().get("a"), Some("b c+"));
    }
}
