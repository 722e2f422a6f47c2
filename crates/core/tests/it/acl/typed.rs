//! Typed data has the outcome of its JSON.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::json;
use storage_hub_core::acl::{AclOptions, GrantSet, Guarded, Problem, Refusal, Subject};

use super::generated::{grants, plain_options, subject};
use super::{holding, passes};

#[derive(Clone, Debug, Serialize, Guarded)]
struct Article {
    title: &'static str,
    grants: GrantSet,
    #[guarded(nested)]
    parent: Option<Box<Article>>,
    #[guarded(nested)]
    comments: Vec<Comment>,
    #[guarded(nested)]
    attachments: BTreeMap<String, Attachment>,
}

#[derive(Clone, Debug, Serialize, Guarded)]
struct Comment {
    #[guarded(grants)]
    #[serde(rename = "grants")]
    visible_to: Vec<String>,
    text: &'static str,
}

#[derive(Clone, Debug, Serialize, Guarded)]
#[serde(untagged)]
enum Attachment {
    File {
        grants: Vec<String>,
    },
    #[guarded(no_grants)]
    Link(#[guarded(nested)] Box<Comment>),
    #[guarded(no_grants)]
    Nothing,
}

#[derive(Guarded)]
#[guarded(no_grants)]
struct Page<T> {
    #[guarded(nested)]
    items: Vec<T>,
}

fn owned(grants: Vec<&str>) -> Vec<String> {
    grants.into_iter().map(str::to_owned).collect()
}

fn comment() -> impl Strategy<Value = Comment> {
    grants().prop_map(|visible_to| Comment { visible_to: owned(visible_to), text: "first!" })
}

fn attachment() -> impl Strategy<Value = Attachment> {
    prop_oneof![
        grants().prop_map(|grants| Attachment::File { grants: owned(grants) }),
        comment().prop_map(|comment| Attachment::Link(Box::new(comment))),
        Just(Attachment::Nothing),
    ]
}

fn article() -> impl Strategy<Value = Article> {
    let flat = (grants(), vec(comment(), 0..3), btree_map("[a-c]", attachment(), 0..3));
    let flat = flat.prop_map(|(grants, comments, attachments)| {
        let grants = GrantSet::parse(grants).unwrap();
        Article { title: "a", grants, parent: None, comments, attachments }
    });
    flat.prop_recursive(3, 4, 1, |inner| {
        (inner, grants()).prop_map(|(parent, grants)| Article {
            grants: GrantSet::parse(grants).unwrap(),
            comments: Vec::new(),
            attachments: BTreeMap::new(),
            title: "b",
            parent: Some(Box::new(parent)),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn typed_data_has_the_outcome_of_its_json(options in plain_options(), subject in subject(), article in of(article())) {
        let document = json!(article);
        let outcome = options.check(&subject, &document);
        prop_assert_eq!(options.check_guarded(&subject, &article), outcome);
        let (typed, untyped) = (options.explain_guarded(&subject, &article), options.explain(&subject, &document));
        prop_assert_eq!(typed.refusal(), untyped.refusal());
        prop_assert_eq!(typed.granted_by(), untyped.granted_by());
        prop_assert_eq!(typed.needs().len(), untyped.needs().len());
    }
}

#[test]
fn what_is_nested_in_a_type_without_grants_is_guarded() {
    let options = AclOptions::builder().root_must_have_grants(false).build().unwrap();
    let comment = |grant: &str| Comment { visible_to: vec!["admin".to_owned(), grant.to_owned()], text: "hi" };
    let page = Page { items: vec![comment("a"), comment("b")] };
    assert_eq!(options.check_guarded(&holding(&["admin"]), &page), Ok(()));
    assert_eq!(options.check_guarded(&holding(&["a"]), &page), Err(Refusal::Forbidden));
    let empty: Page<Comment> = Page { items: Vec::new() };
    assert_eq!(options.check_guarded(&holding(&["admin"]), &empty), Err(Refusal::Forbidden));
    assert_eq!(options.check_guarded(&Subject::anonymous(), &empty), Err(Refusal::Unauthenticated));
}

#[test]
fn a_typed_root_without_grants_is_refused_whatever_is_nested_in_it() {
    let options = AclOptions::default();
    let comment = Comment { visible_to: vec!["admin".to_owned(), "public".to_owned()], text: "hi" };
    let page = Page { items: vec![comment.clone()] };
    assert_eq!(options.check_guarded(&Subject::anonymous(), &page), Err(Refusal::Unauthenticated));
    assert_eq!(options.check_guarded(&holding(&["admin"]), &page), Err(Refusal::Forbidden));
    let why = options.explain_guarded(&holding(&["admin"]), &page);
    assert_eq!(why.problem(), Some(&Problem::NoRootGrants));
    let named: BTreeMap<_, _> = [("a", &comment)].into();
    let link = Attachment::Link(Box::new(comment.clone()));
    let roots: [&dyn Guarded; 4] = [&vec![&comment], &named, &[&comment], &link];
    for root in roots {
        assert_eq!(options.check_guarded(&holding(&["admin"]), root), Err(Refusal::Forbidden));
    }
    // What only holds a value is that value.
    let transparent: [&dyn Guarded; 4] = [&comment, &&comment, &Box::new(&comment), &Some(&comment)];
    for root in transparent {
        assert_eq!(options.check_guarded(&holding(&["admin"]), root), Ok(()));
    }
}

#[test]
fn what_is_serialized_is_redacted_as_json() {
    let comment = |grant: &str| Comment { visible_to: vec![grant.to_owned()], text: "hi" };
    let grants = GrantSet::parse(["a"]).unwrap();
    let comments = vec![comment("a"), comment("b")];
    let article = Article { title: "a", grants, parent: None, comments, attachments: BTreeMap::new() };
    let shown = AclOptions::default().redact(&holding(&["a"]), &json!(article)).unwrap();
    assert_eq!(shown["comments"], json!([{"grants": ["a"], "text": "hi"}, {"grants": ["b"]}]));
}

#[test]
fn an_explanation_of_typed_data_names_its_fields() {
    let comment = Comment { visible_to: vec!["b".to_owned()], text: "hi" };
    let grants = GrantSet::parse(["a"]).unwrap();
    let attachments = [("x".to_owned(), Attachment::Link(Box::new(comment.clone())))].into();
    let article = Article { title: "a", grants, parent: None, comments: vec![comment], attachments };
    let options = AclOptions::builder().nesting(storage_hub_core::acl::Nesting::EachLevel).build().unwrap();
    let explanation = options.explain_guarded(&holding(&["a"]), &article);
    assert_eq!(explanation.to_string(), "Forbidden: b would allow comments.0; b would allow attachments.x.0.");
    assert!(!passes(&options, &holding(&["a"]), &json!(article)));
}
