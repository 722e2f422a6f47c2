use std::borrow::Cow;
use std::collections::HashSet;

use percent_encoding::percent_decode_str;

use super::refusals::Refusal;

/// Maximum number of parameters.
const MAX_PARAMETERS: usize = 100;

/// The parameters of a query, decoded as s3s decodes them. None of them comes twice.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// A [`Refusal`] of one that two readers could take for different things.
    pub(super) fn parse(query: &str) -> Result<Self, Refusal> {
        let pairs = || query.split('&').filter(|pair| !pair.is_empty());
        if pairs().nth(MAX_PARAMETERS).is_some() {
            return Err(Refusal::Parameters);
        }
        let read = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        };
        let parameters = pairs().map(read).collect::<Option<Vec<_>>>().ok_or(Refusal::Undecodable)?;
        let mut names = HashSet::new();
        if !parameters.iter().all(|(name, _)| names.insert(name)) {
            return Err(Refusal::Repeated);
        }
        Ok(Self(parameters))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_can_be_read_in_two_ways_is_refused() {
        let refused = |query: &str| Query::parse(query).map(|_| ());
        for plain in ["", "a", "a=1&b=1", "a=&&b=", "list-type=2&prefix=%C3%A9&", "a=1&A=1"] {
            assert_eq!(refused(plain), Ok(()), "{plain}");
        }
        for repeated in ["a=1&a=1", "a&a=", "a=1&%61=2", "a+b=1&a%20b=1"] {
            assert_eq!(refused(repeated), Err(Refusal::Repeated), "{repeated}");
        }
        for undecodable in ["prefix=%FF", "%C3=1"] {
            assert_eq!(refused(undecodable), Err(Refusal::Undecodable), "{undecodable}");
        }
        let many = |count: usize| (0..count).map(|number| format!("p{number}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(refused(&many(MAX_PARAMETERS)), Ok(()));
        assert_eq!(refused(&many(MAX_PARAMETERS + 1)), Err(Refusal::Parameters));
        assert_eq!(Query::parse("a=b+c%2B").unwrap().get("a"), Some("b c+"));
    }
}
