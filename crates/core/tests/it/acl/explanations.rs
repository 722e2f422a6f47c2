//! Explanations, as data and as sentences.

use serde_json::json;
use storage_hub_core::acl::{AclOptions, Nesting, Problem, Refusal, Subject};

use super::holding;

#[test]
fn an_allowed_check_names_the_grants_that_gave_it() {
    let document = json!({"grants": ["a", "b", "c"], "parent": {"grants": ["a", "b", "d"]}});
    let explanation = AclOptions::default().explain(&holding(&["a", "b", "c"]), &document);
    assert_eq!(explanation.to_string(), "Allowed: the subject holds a and b.");
    assert_eq!(
        serde_json::to_value(&explanation).unwrap(),
        json!({"refusal": null, "grantedBy": ["a", "b"], "needs": [], "moreNeeds": 0, "problem": null})
    );
}

#[test]
fn a_refused_check_names_the_grants_that_would_have_given_it() {
    let document = json!({"grants": ["a", "b", "c"], "parent": {"grants": ["a", "b", "d"]}});
    let explanation = AclOptions::default().explain(&holding(&["c", "d"]), &document);
    assert_eq!(explanation.refusal(), Some(Refusal::Forbidden));
    assert_eq!(explanation.to_string(), "Forbidden: a or b would allow it.");
    assert_eq!(
        serde_json::to_value(&explanation).unwrap(),
        json!({
            "refusal": "forbidden", "grantedBy": [], "needs": [{"path": "", "oneOf": ["a", "b"]}], "moreNeeds": 0, "problem": null
        })
    );
    let apart = json!({"grants": ["a"], "parent": {"grants": ["b"]}});
    let explanation = AclOptions::default().explain(&Subject::anonymous(), &apart);
    assert_eq!(explanation.to_string(), "Unauthenticated: no grant would allow it.");
}

#[test]
fn where_each_level_stands_for_itself_every_one_that_is_not_met_is_named() {
    let options = AclOptions::builder().nesting(Nesting::EachLevel).build().unwrap();
    let document = json!({
        "grants": ["public"],
        "author": {"grants": ["a", "b"]},
        "list": [{"grants": ["public"]}, {"grants": ["c", "d", "e"]}, {"deep": {"grants": []}}],
    });
    let explanation = options.explain(&holding(&["x"]), &document);
    assert_eq!(
        explanation.to_string(),
        "Forbidden: a or b would allow author; c, d or e would allow list.1; no grant would allow list.2.deep."
    );
    let open = json!({"grants": ["public", "z"], "parent": {"grants": ["x"]}});
    assert_eq!(options.explain(&holding(&["x", "z"]), &open).granted_by().to_string(), "public,x");
}

#[test]
fn what_is_wrong_with_a_document_is_named() {
    let explain = |document| AclOptions::default().explain(&holding(&["admin"]), &document);
    assert_eq!(explain(json!({"a": 1})).problem(), Some(&Problem::NoGrants));
    assert_eq!(explain(json!({"a": 1})).to_string(), "Forbidden: the document has no grants anywhere.");
    assert_eq!(
        explain(json!({"grants": 1})).to_string(),
        "Forbidden: the document's grants are not an array of strings."
    );
    let nested = explain(json!({"grants": ["admin"], "list": [{"grants": "admin"}]}));
    assert_eq!(nested.problem(), Some(&Problem::NotGrants("list.0".to_owned())));
    assert_eq!(nested.to_string(), "Forbidden: the grants of list.0 are not an array of strings.");
}
