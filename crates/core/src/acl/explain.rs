//! Explanations: a decision with the reasons for it, for logs and administrators.

use std::fmt;

use serde::Serialize;

use super::{Grant, GrantSet, Refusal};

mod evidence;

pub(super) use evidence::Evidence;

/// A decision and its reasons: the grants that allowed it, or those that would have.
///
/// `Display` gives a sentence, serde gives data. It names grants that the subject does not hold, so it is for logs and
/// administrators and not for the subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    pub(super) refusal: Option<Refusal>,
    pub(super) granted_by: GrantSet,
    pub(super) needs: Vec<Need>,
    pub(super) more_needs: usize,
    pub(super) problem: Option<Problem>,
}

/// Grants that were missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// Dotted path of the nested object; empty for the document as a whole.
    pub path: String,
    /// Any one of these grants would do. Empty: no grant would.
    pub one_of: GrantSet,
}

/// A defect of a document that refuses everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Problem {
    /// The document has no grants at any level.
    NoGrants,
    /// The document has only nested grants, and the options demand its own.
    NoRootGrants,
    /// The grants of the object at this path are not an array of strings.
    NotGrants(String),
}

impl Explanation {
    /// Whether access is allowed.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.refusal.is_none()
    }

    /// The refusal, if access is refused.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// The held grants that allow access: each of them alone, or with
    /// [`Nesting::EachLevel`](super::Nesting::EachLevel) one for each level. Empty when access is refused.
    #[must_use]
    pub const fn granted_by(&self) -> &GrantSet {
        &self.granted_by
    }

    /// The missing grants; all of these needs must be met. Only the first 32 are listed. Empty when access is allowed.
    #[must_use]
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// The number of needs that are not listed.
    #[must_use]
    pub const fn more_needs(&self) -> usize {
        self.more_needs
    }

    /// The defect of the document, if it has one.
    #[must_use]
    pub const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.refusal {
            None => return write!(f, "Allowed: the subject holds {}.", Words(&self.granted_by, "and")),
            Some(Refusal::Unauthenticated) => f.write_str("Unauthenticated: ")?,
            Some(Refusal::Forbidden) => f.write_str("Forbidden: ")?,
        }
        match &self.problem {
            Some(Problem::NoGrants) => return f.write_str("the document has no grants anywhere."),
            Some(Problem::NoRootGrants) => return f.write_str("the document itself has no grants."),
            Some(Problem::NotGrants(path)) if path.is_empty() => {
                return f.write_str("the document's grants are not an array of strings.");
            }
            Some(Problem::NotGrants(path)) => return write!(f, "the grants of {path} are not an array of strings."),
            None => {}
        }
        for (index, need) in self.needs.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "; " })?;
            need.fmt(f)?;
        }
        match self.more_needs {
            0 => f.write_str("."),
            more => write!(f, "; and {more} more."),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.one_of.is_empty(), self.path.is_empty()) {
            (true, true) => f.write_str("no grant would allow it"),
            (true, false) => write!(f, "no grant would allow {}", self.path),
            (false, true) => write!(f, "{} would allow it", Words(&self.one_of, "or")),
            (false, false) => write!(f, "{} would allow {}", Words(&self.one_of, "or"), self.path),
        }
    }
}

struct Words<'a>(&'a GrantSet, &'static str);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(grants, last_word) = self;
        match grants.as_slice() {
            [] => f.write_str("nothing"),
            [one] => one.fmt(f),
            [first @ .., last] => {
                let first: Vec<&str> = first.iter().map(Grant::as_str).collect();
                write!(f, "{} {last_word} {last}", first.join(", "))
            }
        }
    }
}
