use std::collections::BTreeMap;
use std::collections::btree_map;

use super::{Access, Grant};

/// What a resource carries: for each grant the access that it gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries(BTreeMap<Grant, Access>);

impl Entries {
    /// The access that the entry of this grant gives.
    #[must_use]
    pub fn get(&self, grant: &Grant) -> Option<Access> {
        self.0.get(grant).copied()
    }

    /// Sets the access that a grant gives and returns what it gave before.
    pub fn set(&mut self, grant: Grant, access: Access) -> Option<Access> {
        self.0.insert(grant, access)
    }

    /// The entries in the order of their grants.
    pub fn iter(&self) -> btree_map::Iter<'_, Grant, Access> {
        self.0.iter()
    }
}

impl FromIterator<(Grant, Access)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Grant, Access)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}
