//! Random documents, subjects and options, small enough that grants often meet.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value};
use storage_hub_core::acl::{AclOptions, AclOptionsBuilder, Grant, GrantSet, Nesting, Subject};

use super::naive::Naive;

const WORDS: [&str; 6] = ["a", "admin", "author-1", "b", "public", "team red"];
// `Grants` is a misspelt field of grants.
const NAMES: [&str; 6] = ["Grants", "acl", "grants", "list", "parent", "title"];
const FIELDS: [&str; 3] = ["grants", "acl.grants", "acl.parent.grants"];

/// A few grants.
pub(super) fn grants() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(WORDS.to_vec(), 0..=WORDS.len())
}

/// Nobody, or somebody with a few grants.
pub(super) fn subject() -> impl Strategy<Value = Subject> {
    let somebody = (grants(), proptest::option::of(Just("1")));
    prop_oneof![
        1 => Just(Subject::anonymous()),
        6 => somebody.prop_map(|(grants, id)| Subject::new(&GrantSet::parse(grants).unwrap(), id)),
        // More than fit into a machine word.
        1 => grants().prop_map(|few| {
            let many = (0..70).map(|n| Grant::parse(format!("team-{n}")).unwrap());
            let mut own: GrantSet = many.collect();
            own.extend(GrantSet::parse(few).unwrap());
            Subject::new(&own, None)
        }),
    ]
}

/// Options of either nesting rule, with and without the demand on the root, with the grants in one of several fields.
pub(super) fn options() -> impl Strategy<Value = AclOptions> {
    (select(&FIELDS), builder()).prop_map(|(field, builder)| builder.doc_grants_field(field).build().unwrap())
}

/// The same options with the grants in `grants`.
pub(super) fn plain_options() -> impl Strategy<Value = AclOptions> {
    builder().prop_map(|builder| builder.build().unwrap())
}

fn builder() -> impl Strategy<Value = AclOptionsBuilder> {
    (select(&[Nesting::Intersect, Nesting::EachLevel]), any::<bool>())
        .prop_map(|(nesting, must)| AclOptions::builder().nesting(nesting).root_must_have_grants(must))
}

fn list() -> impl Strategy<Value = Value> {
    prop_oneof![
        12 => grants().prop_map(Value::from),
        1 => Just(Value::from(vec![Value::from("public"), Value::from(1)])),
        1 => Just(Value::Null),
        1 => Just(Value::from("public")),
    ]
}

/// Documents with grants here and there, most of them where the options look, some of them no grants at all.
pub(super) fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), Just(Value::from(7)), Just(Value::from("text")), list()];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let fields = proptest::collection::btree_map(select(&NAMES).prop_map(str::to_owned), inner.clone(), 0..4);
        let object = (fields, proptest::option::weighted(0.7, list())).prop_map(|(fields, grants)| {
            let mut object: Map<String, Value> = fields.into_iter().collect();
            if let Some(grants) = grants {
                object.insert("grants".to_owned(), grants);
            }
            Value::Object(object)
        });
        prop_oneof![4 => object, 1 => proptest::collection::vec(inner, 0..4).prop_map(Value::from)]
    })
}

/// The plain rules for the same subject and options.
pub(super) fn naive<'a>(options: &AclOptions, subject: &Subject, field: &'a [&'a str]) -> Naive<'a> {
    let held = subject.grants().iter().map(ToString::to_string).collect();
    Naive {
        field,
        each_level: options.nesting() == Nesting::EachLevel,
        root_must_have_grants: options.root_must_have_grants(),
        held,
    }
}
