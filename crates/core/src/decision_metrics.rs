//! How often it was decided what.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::s3_action::Rule;

/// Where a decision was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// By a use case of the hub.
    Api,
    /// By the S3 endpoint in this process.
    S3,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Allowed,
    /// No.
    Denied,
    /// There was no decision, which means no.
    Failed,
}

/// Counts decisions, of this process since it began. A count costs one addition, and waits for nobody.
#[derive(Debug, Default)]
pub struct Decisions([[[AtomicU64; Outcome::ALL.len()]; Wanted::ALL.len()]; Surface::ALL.len()]);

/// What was asked for, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Read,
    Write,
    Manage,
    SignedIn,
    Hub,
}

impl Surface {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Api, Self::S3];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::S3 => "s3",
        }
    }
}

impl Outcome {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Allowed, Self::Denied, Self::Failed];

    /// The word for it.
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
    const ALL: [Self; 5] = [Self::Read, Self::Write, Self::Manage, Self::SignedIn, Self::Hub];

    const fn of(rule: Rule) -> Self {
        use crate::acl::Access;
        match rule {
            Rule::Access(Access::Read) => Self::Read,
            Rule::Access(Access::Write) => Self::Write,
            Rule::Access(Access::Manage) => Self::Manage,
            Rule::SignedIn => Self::SignedIn,
            Rule::Hub => Self::Hub,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Manage => "manage",
            Self::SignedIn => "signed_in",
            Self::Hub => "hub",
        }
    }
}

impl Decisions {
    /// Counts one.
    pub(crate) fn count(&self, door: Surface, rule: Rule, outcome: Outcome) {
        if let Some(count) = self.at(door, Wanted::of(rule), outcome) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every count: where it was asked for, what was asked for (a level of access, `signed_in`, or `hub` for what the
    /// hub alone does), what came of it, how often.
    pub fn counts(&self) -> impl Iterator<Item = (Surface, &'static str, Outcome, u64)> {
        let all = Surface::ALL.into_iter().flat_map(|door| Wanted::ALL.map(|wanted| (door, wanted)));
        let all = all.flat_map(|(door, wanted)| Outcome::ALL.map(|outcome| (door, wanted, outcome)));
        all.filter_map(|(door, wanted, outcome)| {
            let count = self.at(door, wanted, outcome)?.load(Ordering::Relaxed);
            Some((door, wanted.as_str(), outcome, count))
        })
    }

    fn at(&self, door: Surface, wanted: Wanted, outcome: Outcome) -> Option<&AtomicU64> {
        self.0.get(door as usize)?.get(wanted as usize)?.get(outcome as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::Access;

    #[test]
    fn each_kind_has_a_count_of_its_own() {
        let decisions = Decisions::default();
        decisions.count(Surface::S3, Rule::Access(Access::Write), Outcome::Denied);
        decisions.count(Surface::S3, Rule::Access(Access::Write), Outcome::Denied);
        decisions.count(Surface::Api, Rule::Hub, Outcome::Failed);
        assert_eq!(decisions.counts().count(), 2 * 5 * 3);
        let counted: Vec<_> = decisions.counts().filter(|(.., count)| *count > 0).collect();
        assert_eq!(counted, [(Surface::Api, "hub", Outcome::Failed, 1), (Surface::S3, "write", Outcome::Denied, 2)]);
    }
}
