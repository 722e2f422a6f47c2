use super::{Access, Grant};

/// The entries of a resource: the access that each grant gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
// Ordered by grant, without duplicates.
pub struct Entries(Vec<(Grant, Access)>);

impl Entries {
    /// Returns the access of this grant.
    #[must_use]
    pub fn get(&self, grant: &Grant) -> Option<Access> {
        self.place(grant).ok().and_then(|place| self.0.get(place)).map(|(_, access)| *access)
    }

    /// Sets the access of a grant and returns the previous one.
    pub fn set(&mut self, grant: Grant, access: Access) -> Option<Access> {
        match self.place(&grant) {
            Ok(place) => self.0.get_mut(place).map(|(_, before)| std::mem::replace(before, access)),
            Err(place) => {
                self.0.insert(place, (grant, access));
                None
            }
        }
    }

    /// Iterates over the entries, ordered by grant.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Grant, &Access)> {
        self.0.iter().map(|(grant, access)| (grant, access))
    }

    fn place(&self, grant: &Grant) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.cmp(grant))
    }
}

impl FromIterator<(Grant, Access)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Grant, Access)>>(entries: I) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        // The last entry of a grant wins.
        entries.dedup_by(|(later, access), (kept, before)| {
            let is_same = later == kept;
            if is_same {
                *before = *access;
            }
            is_same
        });
        Self(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_is_given_again_takes_the_place_of_the_first() {
        let [a, b] = ["a", "b"].map(|text| Grant::parse(text).unwrap());
        let list = [(b.clone(), Access::Read), (a.clone(), Access::Manage), (b.clone(), Access::Write)];
        let mut entries: Entries = list.into_iter().collect();
        assert_eq!(entries.iter().collect::<Vec<_>>(), [(&a, &Access::Manage), (&b, &Access::Write)]);
        assert_eq!(entries.set(a.clone(), Access::Read), Some(Access::Manage));
        assert_eq!(entries.set(Grant::admin(), Access::Manage), None);
        assert_eq!(
            [a, Grant::admin(), b, Grant::public()].map(|grant| entries.get(&grant)),
            [Some(Access::Read), Some(Access::Manage), Some(Access::Write), None,]
        );
    }
}
