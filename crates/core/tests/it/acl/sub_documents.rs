//! What the document says of sub-documents: blocking access, removing what is invalid.

use serde_json::{Value, json};
use storage_hub_core::acl::{AclOptions, Nesting, Problem, RedactError, Refusal, Subject};

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

/// The original's reading: the root may lack grants like any other level.
fn root_may_lack_grants() -> AclOptions {
    AclOptions::builder().root_must_have_grants(false).build().unwrap()
}

#[test]
fn levels_inside_of_arrays_count() {
    let options = root_may_lack_grants();
    let list = json!({"grants": ["a", "b"], "tags": ["x", ["y"]], "list": [1, [{"deep": {"grants": ["b"]}}], {}]});
    assert!(passes(&options, &holding(&["b"]), &list));
    assert!(!passes(&options, &holding(&["a"]), &list));
    let documents = json!([{"grants": ["a", "b"]}, {"grants": ["b"]}]);
    assert!(passes(&options, &holding(&["b"]), &documents));
    assert!(!passes(&options, &holding(&["a"]), &documents));
}

#[test]
fn levels_without_grants_are_passed_over() {
    let nested = json!({"grants": ["a"], "parent": {"x": {"grants": ["a"]}}});
    assert!(passes(&AclOptions::default(), &holding(&["a"]), &nested));
    assert!(passes(&AclOptions::default(), &holding(&["a"]), &json!({"grants": ["a"], "parent": {"x": {}}})));
    assert!(passes(&root_may_lack_grants(), &holding(&["a"]), &json!({"parent": {"x": {"grants": ["a"]}}})));
}

/// Documents without usable grants of their own that hold something public.
fn without_root_grants() -> [Value; 5] {
    [
        json!({"secret": 1, "child": {"grants": ["public"]}}),
        json!({"Grants": ["admin"], "secret": 1, "child": {"grants": ["public"]}}),
        json!([{"grants": ["public"], "secret": 1}]),
        json!([{"secret": 1, "child": {"grants": ["public"]}}]),
        json!([[{"grants": ["public"]}]]),
    ]
}

#[test]
fn what_is_public_inside_does_not_open_a_root_without_grants() {
    for nesting in [Nesting::Intersect, Nesting::EachLevel] {
        let options = AclOptions::builder().nesting(nesting).build().unwrap();
        for document in without_root_grants() {
            for subject in [Subject::anonymous(), holding(&["admin", "public"])] {
                assert_eq!(options.check(&subject, &document), Err(Refusal::of(&subject)), "{document}");
                assert_eq!(options.redact(&subject, &document), Err(RedactError::NoRootGrants), "{document}");
                let why = options.explain(&subject, &document);
                assert_eq!(why.problem(), Some(&Problem::NoRootGrants), "{document}");
                assert_eq!((why.needs().len(), why.granted_by().len()), (0, 0), "{document}");
                assert!(!options.filter(&subject).matches(&document), "{document}");
            }
        }
        let why = options.explain(&Subject::anonymous(), &without_root_grants()[0]);
        assert_eq!(why.to_string(), "Unauthenticated: the document itself has no grants.");
    }
}

#[test]
fn a_root_without_grants_may_be_left_to_what_is_nested_in_it() {
    let options = root_may_lack_grants();
    for document in without_root_grants() {
        assert_eq!(options.check(&Subject::anonymous(), &document), Ok(()), "{document}");
        assert_eq!(options.redact(&Subject::anonymous(), &document), Ok(document.clone()), "{document}");
        assert!(options.explain(&Subject::anonymous(), &document).is_allowed(), "{document}");
        // Not even then: a database looks at a document's own grants alone.
        assert!(!options.filter(&Subject::anonymous()).matches(&document), "{document}");
    }
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
    let items = json!([{"grants": ["x"], "a": 1}, [{"grants": ["public"], "b": {"grants": ["y"], "c": 2}}]]);
    let list = json!({"grants": ["public"], "list": items});
    let items = json!([{"grants": ["x"]}, [{"grants": ["public"], "b": {"grants": ["y"]}}]]);
    let shown = json!({"grants": ["public"], "list": items});
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
