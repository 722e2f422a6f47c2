use std::fmt;

use serde::Serialize;

use super::{Grant, GrantSet, Refusal};

mod evidence;

pub(super) use evidence::Evidence;

/// A decision with its reasons: which grants gave it, or which ones would have.
///
/// Displayed as a sentence, written by serde as data. For logs and for administrators: it names grants that the subject
/// does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    pub(super) refusal: Option<Refusal>,
    pub(super) granted_by: GrantSet,
    pub(super) needs: Vec<Need>,
    pub(super) more_needs: usize,
    pub(super) problem: Option<Problem>,
}

/// What a subject would have needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// Where: the dotted path of the nested document; empty for the document as a whole.
    pub path: String,
    /// One of these; when there are none, nobody passes.
    pub one_of: GrantSet,
}

/// What is wrong with a document, so that nobody passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Problem {
    /// It has no grants anywhere.
    NoGrants,
    /// It has no grants of its own, only nested ones, and the options demand its own.
    NoRootGrants,
    /// What stands for grants is no array of strings: in the nested document at this path.
    NotGrants(String),
}

impl Explanation {
    /// Whether the answer is yes.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.refusal.is_none()
    }

    /// How it is refused, if it is.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// The grants of the subject that gave it: each alone, or one for each level where every level is met on its own.
    /// Empty when it is refused.
    #[must_use]
    pub const fn granted_by(&self) -> &GrantSet {
        &self.granted_by
    }

    /// What the subject would have needed, all of it; the first ones when they are many. Empty when it is allowed.
    #[must_use]
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// How many more needs there are.
    #[must_use]
    pub const fn more_needs(&self) -> usize {
        self.more_needs
    }

    /// What is wrong with the document, if anything is.
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
                return f.write_str("the document's grants are no array of strings.");
            }
            Some(Problem::NotGrants(path)) => return write!(f, "the grants of {path} are no array of strings."),
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
