use super::{Access, Entries, Grant, Subject};

/// The answer to "may this subject do that": allowed by a grant, or denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// Allowed by the entry of this grant.
    Allowed(&'a Grant),
    /// No entry whose grant the subject holds gives enough.
    Denied,
}

impl Decision<'_> {
    /// Whether the answer is yes.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

/// Decides whether an entry whose grant the subject holds gives at least the access that is wanted.
#[must_use]
pub fn authorize<'a>(subject: &Subject, entries: &'a Entries, wanted: Access) -> Decision<'a> {
    entries
        .iter()
        .find(|(grant, access)| **access >= wanted && subject.holds(grant))
        .map_or(Decision::Denied, |(grant, _)| Decision::Allowed(grant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::GrantSet;

    fn entries() -> Entries {
        [(Grant::admin(), Access::Manage), (Grant::author("1"), Access::Write), (Grant::public(), Access::Read)]
            .into_iter()
            .collect()
    }

    #[test]
    fn each_subject_gets_exactly_what_its_grants_give() {
        let own = GrantSet::default();
        let admin: GrantSet = [Grant::admin()].into_iter().collect();
        let table = [
            (Subject::anonymous(), [true, false, false]),
            (Subject::new(&own, Some("2")), [true, false, false]),
            (Subject::new(&own, Some("1")), [true, true, false]),
            (Subject::new(&admin, None), [true, true, true]),
        ];
        for (subject, expected) in table {
            let got = Access::ALL.map(|wanted| authorize(&subject, &entries(), wanted).is_allowed());
            assert_eq!(got, expected, "{subject:?}");
        }
    }

    #[test]
    fn a_resource_without_entries_is_denied_to_everyone() {
        let admin: GrantSet = [Grant::admin()].into_iter().collect();
        assert_eq!(authorize(&Subject::new(&admin, None), &Entries::default(), Access::Read), Decision::Denied);
    }
}
