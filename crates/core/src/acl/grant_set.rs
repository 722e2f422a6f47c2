use std::fmt;
use std::slice;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Grant, GrantError};

/// A sorted set of grants.
///
/// `Display` gives `a,b`; serde reads and writes a list.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct GrantSet {
    grants: Vec<Grant>,
}

/// The list is not a valid [`GrantSet`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantSetError {
    /// One of the strings is not a valid grant.
    #[error("{text:?} is not a valid grant: {source}")]
    Grant {
        /// The string, truncated when it is long.
        text: String,
        /// The reason.
        source: GrantError,
    },
    /// The list is longer than [`GrantSet::MAX_PARSED`].
    #[error("list must have at most {max} grants", max = GrantSet::MAX_PARSED)]
    TooMany,
}

impl GrantSet {
    /// Maximum number of grants in a list that comes from outside.
    pub const MAX_PARSED: usize = 10_000;

    /// Parses a list that comes from outside.
    ///
    /// # Errors
    /// [`GrantSetError`] when one of the strings is not a valid grant, or when there are more than
    /// [`Self::MAX_PARSED`].
    pub fn parse<I>(texts: I) -> Result<Self, GrantSetError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut grants = Vec::new();
        for text in texts {
            if grants.len() == Self::MAX_PARSED {
                return Err(GrantSetError::TooMany);
            }
            let text = text.as_ref();
            grants.push(Grant::parse(text).map_err(|source| GrantSetError::Grant { text: cut(text), source })?);
        }
        Ok(grants.into_iter().collect())
    }

    /// Whether the set contains the grant.
    #[must_use]
    pub fn contains(&self, grant: &Grant) -> bool {
        self.position(grant.as_str()).is_some()
    }

    /// Whether the sets share a grant.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let (few, many) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        few.iter().any(|grant| many.contains(grant))
    }

    /// Whether every grant of this set is in the other set.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|grant| other.contains(grant))
    }

    /// Adds a grant. Returns false when the set already contained it.
    pub fn insert(&mut self, grant: Grant) -> bool {
        match self.grants.binary_search(&grant) {
            Ok(_) => false,
            Err(place) => {
                self.grants.insert(place, grant);
                true
            }
        }
    }

    /// Removes a grant. Returns false when the set did not contain it.
    pub fn remove(&mut self, grant: &Grant) -> bool {
        match self.grants.binary_search(grant) {
            Ok(place) => {
                self.grants.remove(place);
                true
            }
            Err(_) => false,
        }
    }

    /// Iterates over the grants in order.
    pub fn iter(&self) -> slice::Iter<'_, Grant> {
        self.grants.iter()
    }

    /// The grants in order, as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[Grant] {
        &self.grants
    }

    /// The number of grants.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.grants.len()
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.grants.is_empty()
    }

    // The position of the grant with this text.
    pub(super) fn position(&self, text: &str) -> Option<usize> {
        self.grants.binary_search_by(|grant| grant.as_str().cmp(text)).ok()
    }
}

fn cut(text: &str) -> String {
    text.chars().take(Grant::MAX_BYTES).collect()
}

impl FromIterator<Grant> for GrantSet {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        let mut grants: Vec<Grant> = grants.into_iter().collect();
        grants.sort_unstable();
        grants.dedup();
        Self { grants }
    }
}

impl Extend<Grant> for GrantSet {
    fn extend<I: IntoIterator<Item = Grant>>(&mut self, grants: I) {
        *self = std::mem::take(&mut self.grants).into_iter().chain(grants).collect();
    }
}

impl<'a> IntoIterator for &'a GrantSet {
    type Item = &'a Grant;
    type IntoIter = slice::Iter<'a, Grant>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for GrantSet {
    type Item = Grant;
    type IntoIter = std::vec::IntoIter<Grant>;

    fn into_iter(self) -> Self::IntoIter {
        self.grants.into_iter()
    }
}

impl From<GrantSet> for Vec<Grant> {
    fn from(set: GrantSet) -> Self {
        set.grants
    }
}

impl fmt::Debug for GrantSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}

impl fmt::Display for GrantSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, grant) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{grant}")?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for GrantSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = GrantSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {} grants", GrantSet::MAX_PARSED)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<GrantSet, A::Error> {
        let mut grants = Vec::new();
        while let Some(grant) = list.next_element::<Grant>()? {
            if grants.len() == GrantSet::MAX_PARSED {
                return Err(A::Error::custom(GrantSetError::TooMany));
            }
            grants.push(grant);
        }
        Ok(grants.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> GrantSet {
        GrantSet::parse(texts).unwrap()
    }

    #[test]
    fn a_set_has_each_grant_once_and_in_order() {
        let mut grants = set(&["b", "a", "b"]);
        assert_eq!(grants.to_string(), "a,b");
        assert!(!grants.insert(Grant::parse("a").unwrap()));
        assert!(grants.insert(Grant::admin()));
        assert!(grants.remove(&Grant::parse("b").unwrap()));
        assert!(!grants.remove(&Grant::parse("b").unwrap()));
        assert_eq!(grants, set(&["a", "admin"]));
        grants.extend([Grant::public(), Grant::admin()]);
        assert_eq!(grants, set(&["a", "admin", "public"]));
    }

    #[test]
    fn a_set_knows_its_grants_and_no_others() {
        let texts: Vec<String> = (0..500).map(|n| format!("team-{n}")).collect();
        let even = GrantSet::parse(texts.iter().step_by(2)).unwrap();
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(even.contains(&Grant::parse(text).unwrap()), n % 2 == 0, "{text}");
        }
    }

    #[test]
    fn sets_meet_when_they_share_a_grant() {
        assert!(set(&["a", "b"]).meets(&set(&["b", "c", "d"])));
        assert!(!set(&["a"]).meets(&set(&["b"])));
        assert!(!set(&[]).meets(&set(&["b"])));
        assert!(set(&["a"]).is_subset(&set(&["a", "b"])));
        assert!(!set(&["a", "b"]).is_subset(&set(&["a"])));
    }

    #[test]
    fn serde_takes_lists_of_grants_alone() {
        assert_eq!(serde_json::to_string(&set(&["b", "a"])).unwrap(), r#"["a","b"]"#);
        assert_eq!(serde_json::from_str::<GrantSet>(r#"["b","a","b"]"#).unwrap(), set(&["a", "b"]));
        for bad in [r#""a""#, r#"["a,b"]"#, "[1]", "null", "{}"] {
            assert!(serde_json::from_str::<GrantSet>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_list_from_outside_is_bounded() {
        let many: Vec<String> = (0..=GrantSet::MAX_PARSED).map(|n| n.to_string()).collect();
        assert_eq!(GrantSet::parse(&many), Err(GrantSetError::TooMany));
        assert!(serde_json::from_str::<GrantSet>(&serde_json::to_string(&many).unwrap()).is_err());
        assert!(GrantSet::parse(&many[1..]).is_ok());
        let error = GrantSet::parse(["a", "x,y"]).unwrap_err();
        assert!(error.to_string().starts_with(r#""x,y" is not a valid grant: "#), "{error}");
    }
}
