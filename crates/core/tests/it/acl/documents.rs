//! What the document says of grants, queries and checks, sentence by sentence; `docs/acl.md` has the table.

use serde_json::{Value, json};
use storage_hub_core::acl::{AclOptions, Grant, Refusal, Subject, SubjectError};

use super::{holding, passes};

fn found<'a>(options: &AclOptions, subject: &Subject, collection: &'a [Value]) -> Vec<&'a str> {
    let filter = options.filter(subject);
    collection
        .iter()
        .filter(|document| filter.matches(document))
        .filter_map(|document| document["title"].as_str())
        .collect()
}

fn collection() -> Vec<Value> {
    vec![
        json!({"title": "open", "grants": ["admin", "public"]}),
        json!({"title": "offers", "grants": ["admin", "promotions"]}),
        json!({"title": "mine", "grants": ["admin", "author-557847a1ac1235358644d8c8"]}),
        json!({"title": "internal", "grants": ["admin"]}),
        json!({"title": "unguarded"}),
    ]
}

#[test]
fn a_grant_is_a_string_that_users_hold_and_documents_carry() {
    let options = AclOptions::default();
    let user = options.subject(Some(&json!({"grants": ["promotions"]}))).unwrap();
    assert!(user.holds(&Grant::parse("promotions").unwrap()));
    assert!(passes(&options, &user, &json!({"grants": ["promotions"]})));
}

#[test]
fn a_query_finds_the_documents_that_carry_any_grant_of_the_user() {
    let options = AclOptions::default();
    assert_eq!(found(&options, &holding(&["promotions"]), &collection()), ["open", "offers"]);
    assert_eq!(found(&options, &holding(&["admin"]), &collection()), ["open", "offers", "mine", "internal"]);
    assert_eq!(options.filter(&holding(&["b", "a"])).grants().to_string(), "a,b,public");
    assert_eq!(options.filter(&holding(&[])).field().to_string(), "grants");
}

#[test]
fn a_user_has_full_access_or_none() {
    let options = AclOptions::default();
    assert_eq!(options.check(&holding(&["promotions"]), &collection()[1]), Ok(()));
    assert_eq!(options.check(&holding(&["promotions"]), &collection()[3]), Err(Refusal::Forbidden));
}

#[test]
fn access_comes_from_being_the_author_or_from_a_grant() {
    let options = AclOptions::builder().add_author(true).build().unwrap();
    let author = options.subject(Some(&json!({"_id": "557847a1ac1235358644d8c8"}))).unwrap();
    assert_eq!(found(&options, &author, &collection()), ["open", "mine"]);
    assert_eq!(found(&options, &holding(&["promotions"]), &collection()), ["open", "offers"]);
}

#[test]
fn a_public_document_is_for_anyone_also_without_a_user() {
    let options = AclOptions::default();
    for user in [None, Some(json!({})), Some(json!({"grants": ["x"]}))] {
        let subject = options.subject(user.as_ref()).unwrap();
        assert_eq!(found(&options, &subject, &collection()), ["open"], "{user:?}");
        assert!(passes(&options, &subject, &collection()[0]), "{user:?}");
    }
}

#[test]
fn no_user_holds_public_alone_and_is_no_error() {
    for user in [None, Some(&Value::Null)] {
        let subject = AclOptions::default().subject(user).unwrap();
        assert_eq!(subject, Subject::anonymous());
        assert_eq!(subject.grants().to_string(), "public");
    }
}

#[test]
fn a_query_for_one_document_that_is_not_granted_finds_nothing() {
    assert!(found(&AclOptions::default(), &holding(&["promotions"]), &collection()[3..4]).is_empty());
}

#[test]
fn a_check_after_the_query_answers_403_and_without_a_user_401() {
    let options = AclOptions::default();
    let refusal = options.check(&holding(&["promotions"]), &collection()[3]).unwrap_err();
    assert_eq!((refusal, refusal.http_status()), (Refusal::Forbidden, 403));
    let refusal = options.check(&Subject::anonymous(), &collection()[3]).unwrap_err();
    assert_eq!((refusal, refusal.http_status()), (Refusal::Unauthenticated, 401));
}

#[test]
fn a_users_grants_are_in_the_field_of_the_options() {
    let user = json!({"grants": ["a"], "roles": {"names": ["b"]}});
    assert_eq!(AclOptions::default().subject(Some(&user)).unwrap(), holding(&["a"]));
    let options = AclOptions::builder().user_grants_field("roles.names").build().unwrap();
    assert_eq!(options.subject(Some(&user)).unwrap(), holding(&["b"]));
}

#[test]
fn a_user_whose_grants_or_id_are_no_such_thing_is_no_subject() {
    let options = AclOptions::builder().add_author(true).build().unwrap();
    let refused = [
        json!("admin"),
        json!(["admin"]),
        json!({"grants": "admin"}),
        json!({"grants": null}),
        json!({"grants": ["admin", 1]}),
        json!({"grants": {"0": "admin"}}),
        json!({"grants": ["a,b"]}),
        json!({"_id": ""}),
        json!({"_id": "1,admin"}),
        json!({"_id": {"$oid": "1"}}),
        json!({"_id": 1.5}),
        json!({"_id": true}),
    ];
    for user in refused {
        assert!(options.subject(Some(&user)).is_err(), "{user}");
    }
    assert_eq!(options.subject(Some(&json!(1))), Err(SubjectError::NotAnObject));
}

#[test]
fn a_document_without_usable_grants_is_denied_to_everyone() {
    let options = AclOptions::default();
    let refused = [
        json!({}),
        json!({"title": "no grants"}),
        json!({"grants": []}),
        json!({"grants": "public"}),
        json!({"grants": null}),
        json!({"grants": ["public", 1]}),
        json!({"grants": [["public"]]}),
        json!({"grants": {"0": "public"}}),
        json!({"grants": ["public"], "parent": {"grants": "public"}}),
        json!({"list": [{"a": {"grants": [null]}}], "grants": ["public", "admin"]}),
        json!([]),
        json!("public"),
        json!(null),
    ];
    for document in refused {
        for subject in [Subject::anonymous(), holding(&["admin", "public"])] {
            assert_eq!(options.check(&subject, &document), Err(Refusal::of(&subject)), "{document}");
            let is_nested = document.get("parent").or(document.get("list")).is_some();
            assert!(is_nested || !options.filter(&subject).matches(&document), "{document}");
        }
    }
}
