//! Counters of authorization decisions, for the metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::s3_action::Rule;

/// The interface whose request needed the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// A use case of the hub, called through its API.
    Api,
    /// The S3 endpoint in this process.
    S3,
}

/// The result of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Access was allowed.
    Allowed,
    /// Access was denied.
    Denied,
    /// The decision failed, which denies access.
    Failed,
}

/// Counts the decisions of this process since it started. Counting is one atomic addition and never blocks.
#[derive(Debug, Default)]
pub struct Decisions([[[AtomicU64; Outcome::ALL.len()]; Wanted::ALL.len()]; Surface::ALL.len()]);

/// The label of the access that was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Read,
    Write,
    Manage,
    SignedIn,
    Owner,
    Hub,
}

impl Surface {
    /// Every surface.
    pub const ALL: [Self; 2] = [Self::Api, Self::S3];

    /// The label in the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::S3 => "s3",
        }
    }
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Allowed, Self::Denied, Self::Failed];

    /// The label in the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }

    pub(crate) const fn of(allowed: bool) -> Self {
        if allowed { Self::Allowed } else { Self::Denied }
    }
}

impl Wanted {
    const ALL: [Self; 6] = [Self::Read, Self::Write, Self::Manage, Self::SignedIn, Self::Owner, Self::Hub];

    const fn of(rule: Rule) -> Self {
        use crate::acl::Access;
        match rule {
            Rule::Access(Access::Read) => Self::Read,
            Rule::Access(Access::Write) => Self::Write,
            Rule::Access(Access::Manage) => Self::Manage,
            Rule::SignedIn => Self::SignedIn,
            Rule::Owner => Self::Owner,
            Rule::Hub => Self::Hub,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Manage => "manage",
            Self::SignedIn => "signed_in",
            Self::Owner => "owner",
            Self::Hub => "hub",
        }
    }
}

impl Decisions {
    /// Counts a decision.
    pub(crate) fn count(&self, surface: Surface, rule: Rule, outcome: Outcome) {
        if let Some(count) = self.at(surface, Wanted::of(rule), outcome) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every counter, as (surface, wanted access, outcome, count). The wanted access is an access level, `signed_in`,
    /// `owner`, or `hub` for actions that are reserved for the hub.
    pub fn counts(&self) -> impl Iterator<Item = (Surface, &'static str, Outcome, u64)> {
        let all = Surface::ALL.into_iter().flat_map(|surface| Wanted::ALL.map(|wanted| (surface, wanted)));
        let all = all.flat_map(|(surface, wanted)| Outcome::ALL.map(|outcome| (surface, wanted, outcome)));
        all.filter_map(|(surface, wanted, outcome)| {
            let count = self.at(surface, wanted, outcome)?.load(Ordering::Relaxed);
            Some((surface, wanted.as_str(), outcome, count))
        })
    }

    fn at(&self, surface: Surface, wanted: Wanted, outcome: Outcome) -> Option<&AtomicU64> {
        self.0.get(surface as usize)?.get(wanted as usize)?.get(outcome as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::Access;

    #[test]
    fn each_kind_of_decision_has_its_own_counter() {
        let decisions = Decisions::default();
        decisions.count(Surface::S3, Rule::Access(Access::Write), Outcome::Denied);
        decisions.count(Surface::S3, Rule::Access(Access::Write), Outcome::Denied);
        decisions.count(Surface::Api, Rule::Hub, Outcome::Failed);
        assert_eq!(decisions.counts().count(), 2 * 6 * 3);
        let counted: Vec<_> = decisions.counts().filter(|(.., count)| *count > 0).collect();
        assert_eq!(counted, [(Surface::Api, "hub", Outcome::Failed, 1), (Surface::S3, "write", Outcome::Denied, 2)]);
    }
}
