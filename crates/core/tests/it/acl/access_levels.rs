//! Beyond the document: entries of a grant and the access that it gives.

use storage_hub_core::acl::{Access, Decision, Entries, Grant, GrantSet, Subject, authorize, explain_authorize};

use super::holding;

fn grant(text: &str) -> Grant {
    Grant::parse(text).unwrap()
}

fn entries() -> Entries {
    let list =
        [("admin", Access::Manage), ("author-1", Access::Manage), ("editors", Access::Write), ("public", Access::Read)];
    list.into_iter().map(|(text, access)| (grant(text), access)).collect()
}

#[test]
fn an_entry_allows_its_level_and_those_below() {
    let editor = holding(&["editors"]);
    let entries = entries();
    assert_eq!(authorize(&editor, &entries, Access::Write), Decision::Allowed(&grant("editors")));
    assert!(authorize(&editor, &entries, Access::Read).is_allowed());
    assert_eq!(authorize(&editor, &entries, Access::Manage), Decision::Denied);
    assert_eq!(authorize(&Subject::anonymous(), &entries, Access::Read), Decision::Allowed(&Grant::public()));
    assert_eq!(authorize(&Subject::anonymous(), &entries, Access::Write), Decision::Denied);
}

#[test]
fn a_decision_says_which_grant_gave_it_or_which_would_have() {
    let author = Subject::new(&GrantSet::default(), Some("1"));
    let allowed = explain_authorize(&author, &entries(), Access::Manage);
    assert_eq!(allowed.granted_by().to_string(), "author-1");
    assert_eq!(allowed.to_string(), "Allowed: the subject holds author-1.");
    let denied = explain_authorize(&holding(&["editors"]), &entries(), Access::Manage);
    assert_eq!(denied.needs()[0].one_of.to_string(), "admin,author-1");
    assert_eq!(denied.to_string(), "Forbidden: admin or author-1 would allow it.");
    let nothing = explain_authorize(&Subject::anonymous(), &Entries::default(), Access::Read);
    assert_eq!(nothing.to_string(), "Unauthenticated: no grant would allow it.");
}
