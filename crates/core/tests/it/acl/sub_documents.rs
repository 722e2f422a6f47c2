//! What the document says of sub-documents: blocking access, removing what is invalid.

use serde_json::{Value, json};
use storage_hub_core::acl::{AclOptions, Nesting, RedactError, Refusal, Subject};

use super::{holding, passes};

/// The document's own example.
fn example() -> Value {
    json!({
        "_id": "558d4ec48d77c9f0b3ba2001",
        "title": "A Document",
        "parent": {"_id": "558d4ec48d77c9f0b3ba2000", "grants": ["admin"], "title": "I'm the parent obj"},
        "grants": ["public"],
    })
}

fn each_level() -> AclOptions {
    AclOptions::builder().nesting(Nesting::EachLevel).build().unwrap()
}

#[test]
fn a_public_document_with_an_admin_parent_is_not_publicly_available() {
    let options = AclOptions::default();
    assert_eq!(options.check(&Subject::anonymous(), &example()), Err(Refusal::Unauthenticated));
    assert_eq!(options.check(&holding(&["promotions"]), &example()), Err(Refusal::Forbidden));
}

#[test]
fn the_grants_of_all_levels_are_intersected() {
    let options = AclOptions::default();
    // Not even for the admin: no grant is on both levels.
    assert_eq!(options.check(&holding(&["admin"]), &example()), Err(Refusal::Forbidden));
    let common = json!({"grants": ["a", "b"], "parent": {"grants": ["b", "c"], "parent": {"grants": ["b"]}}});
    assert!(passes(&options, &holding(&["b"]), &common));
    assert!(!passes(&options, &holding(&["a", "c"]), &common));
}

#[test]
fn levels_inside_of_arrays_count() {
    let options = AclOptions::default();
    let list = json!({"grants": ["a", "b"], "tags": ["x", ["y"]], "list": [1, [{"deep": {"grants": ["b"]}}], {}]});
    assert!(passes(&options, &holding(&["b"]), &list));
    assert!(!passes(&options, &holding(&["a"]), &list));
    let documents = json!([{"grants": ["a", "b"]}, {"grants": ["b"]}]);
    assert!(passes(&options, &holding(&["b"]), &documents));
    assert!(!passes(&options, &holding(&["a"]), &documents));
}

#[test]
fn levels_without_grants_are_passed_over() {
    let options = AclOptions::default();
    assert!(passes(&options, &holding(&["a"]), &json!({"parent": {"x": {"grants": ["a"]}}})));
    assert!(passes(&options, &holding(&["a"]), &json!({"grants": ["a"], "parent": {"x": {}}})));
}

#[test]
fn with_each_level_on_its_own_different_grants_may_open_different_levels() {
    let options = each_level();
    assert!(passes(&options, &holding(&["admin"]), &example()));
    assert_eq!(options.check(&Subject::anonymous(), &example()), Err(Refusal::Unauthenticated));
    let two = json!({"grants": ["a"], "parent": {"grants": ["b"]}});
    assert!(passes(&options, &holding(&["a", "b"]), &two));
    assert!(!passes(&options, &holding(&["a"]), &two));
    assert!(!passes(&options, &holding(&["b"]), &two));
    assert!(!passes(&options, &holding(&["a"]), &json!({"x": 1})));
}

#[test]
fn what_is_invalid_is_removed_and_its_grants_stay_as_a_hint() {
    let shown = AclOptions::default().redact(&Subject::anonymous(), &example()).unwrap();
    assert_eq!(
        shown,
        json!({
            "_id": "558d4ec48d77c9f0b3ba2001",
            "title": "A Document",
            "parent": {"grants": ["admin"]},
            "grants": ["public"],
        })
    );
}

#[test]
fn what_is_met_is_left_and_the_input_is_not_changed() {
    let document = example();
    assert_eq!(AclOptions::default().redact(&holding(&["admin"]), &document), Ok(example()));
    assert!(AclOptions::default().redact(&Subject::anonymous(), &document).is_ok());
    assert_eq!(document, example());
}

#[test]
fn redaction_reaches_into_arrays_and_stops_at_the_root_too() {
    let options = AclOptions::default();
    let list = json!({"list": [{"grants": ["x"], "a": 1}, [{"grants": ["public"], "b": {"grants": ["y"], "c": 2}}]]});
    let shown = json!({"list": [{"grants": ["x"]}, [{"grants": ["public"], "b": {"grants": ["y"]}}]]});
    assert_eq!(options.redact(&Subject::anonymous(), &list), Ok(shown));
    let root = json!({"grants": ["x"], "parent": {"grants": ["public"]}});
    assert_eq!(options.redact(&Subject::anonymous(), &root), Ok(json!({"grants": ["x"]})));
}

#[test]
fn redaction_fails_closed() {
    let options = AclOptions::default();
    let admin = holding(&["admin"]);
    for document in [json!({"a": 1}), json!([]), json!("public"), json!({})] {
        assert_eq!(options.redact(&admin, &document), Err(RedactError::NoGrants), "{document}");
    }
    let secret = json!({"grants": ["public"], "a": {"grants": {"secret": 1}}, "b": {"grants": ["public", 7], "c": 1}});
    let shown = json!({"grants": ["public"], "a": {"grants": []}, "b": {"grants": []}});
    assert_eq!(options.redact(&admin, &secret), Ok(shown));
}

#[test]
fn redaction_keeps_grants_where_a_dotted_path_has_them() {
    let options = AclOptions::builder().doc_grants_field("acl.grants").build().unwrap();
    let document = json!({"acl": {"grants": ["x"], "secret": 1}, "title": "a"});
    assert_eq!(options.redact(&Subject::anonymous(), &document), Ok(json!({"acl": {"grants": ["x"]}})));
    // An object on the way to the grants that is guarded itself: the outer one keeps its own.
    let odd = json!({"acl": {"grants": ["public"], "acl": {"grants": ["x"]}, "secret": 1}, "title": "a"});
    let shown = json!({"acl": {"grants": ["public"], "acl": {"grants": ["x"]}}, "title": "a"});
    assert_eq!(options.redact(&Subject::anonymous(), &odd), Ok(shown));
    let blocked = json!({"acl": ["public"], "title": "a"});
    assert_eq!(options.redact(&Subject::anonymous(), &blocked), Ok(json!({"acl": {"grants": []}})));
}
