use super::check::Refusal;
use super::engine::{Engine, Record};
use super::explain::Evidence;
use super::{Access, Entries, Explanation, Grant, Nesting, Subject};

/// The outcome of [`authorize`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// Allowed by the entry of this grant.
    Allowed(&'a Grant),
    /// Denied: no entry of a grant that the subject holds gives enough access.
    Denied,
}

impl Decision<'_> {
    /// Whether the access is allowed.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

/// Decides whether the subject holds the grant of an entry that gives at least the wanted access.
#[must_use]
pub fn authorize<'a>(subject: &Subject, entries: &'a Entries, wanted: Access) -> Decision<'a> {
    decide(subject, entries, wanted, ()).0
}

/// Decides like [`authorize`] and returns the reasons.
#[must_use]
pub fn explain_authorize(subject: &Subject, entries: &Entries, wanted: Access) -> Explanation {
    let (decision, evidence) = decide(subject, entries, wanted, Evidence::default());
    let outcome = if decision.is_allowed() { Ok(()) } else { Err(Refusal::of(subject)) };
    evidence.into_explanation(outcome, Nesting::Intersect, subject)
}

// The entries count as one level, whose grants are those of the entries that give enough access.
fn decide<'a, R: Record<'a>>(subject: &Subject, entries: &'a Entries, wanted: Access, record: R) -> (Decision<'a>, R) {
    let mut engine = Engine::new(subject, Nesting::EachLevel, record);
    let place = engine.record.root();
    let enough = entries.iter().filter(|(_, access)| **access >= wanted).map(|(grant, _)| grant);
    let decision = engine.level(place, enough).map_or(Decision::Denied, Decision::Allowed);
    (decision, engine.record)
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
