use super::{Grant, GrantSet};

/// Whoever asks: the grants that it holds, `public` always among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    grants: GrantSet,
    anonymous: bool,
}

impl Subject {
    /// Nobody: holds `public` alone.
    #[must_use]
    pub fn anonymous() -> Self {
        Self { grants: [Grant::public()].into_iter().collect(), anonymous: true }
    }

    /// Somebody: holds its own list, `public`, and `author-<id>` when the id is given.
    #[must_use]
    pub fn new(own: &GrantSet, id: Option<&str>) -> Self {
        let mut grants = own.clone();
        grants.insert(Grant::public());
        if let Some(id) = id {
            grants.insert(Grant::author(id));
        }
        Self { grants, anonymous: false }
    }

    /// Whether the subject holds the grant.
    #[must_use]
    pub fn holds(&self, grant: &Grant) -> bool {
        self.grants.contains(grant)
    }

    /// All grants that the subject holds.
    #[must_use]
    pub const fn grants(&self) -> &GrantSet {
        &self.grants
    }

    /// Whether nobody is signed in: what a refusal answers with 401 rather than 403.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        self.anonymous
    }
}
