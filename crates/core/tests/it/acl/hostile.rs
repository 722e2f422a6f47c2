//! Hostile input: deep, wide, and full of grants.

use serde_json::{Map, Value, json};
use storage_hub_core::acl::{AclOptions, Grant, GrantSet, Guarded, Levels, Nesting, RedactError, Refusal, Subject};

use super::{holding, passes};

const DEEP: usize = 100_000;

// Dropping such a tree recurses by itself: it is left to the end of the process.
fn deep(inner: Value, around: impl Fn(Value) -> Value) -> &'static Value {
    Box::leak(Box::new((0..DEEP).fold(inner, |inner, _| around(inner))))
}

fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

fn each_level() -> AclOptions {
    AclOptions::builder().nesting(Nesting::EachLevel).build().unwrap()
}

#[test]
fn a_hundred_thousand_levels_neither_overflow_nor_take_their_square() {
    let tree = deep(json!({"grants": ["a", "c"]}), |inner| object([("grants", json!(["a", "b"])), ("parent", inner)]));
    for options in [AclOptions::default(), each_level()] {
        assert!(passes(&options, &holding(&["a"]), tree));
        assert_eq!(options.check(&Subject::anonymous(), tree), Err(Refusal::Unauthenticated));
        assert!(!passes(&options, &holding(&["b"]), tree));
        assert_eq!(options.explain(&holding(&["a"]), tree).granted_by().to_string(), "a");
        let refused = options.explain(&holding(&["x"]), tree);
        assert!(!refused.is_allowed() && refused.to_string().len() < 10_000, "{refused}");
    }
}

#[test]
fn a_hundred_thousand_arrays_inside_of_each_other_are_walked() {
    let tree = deep(json!({"grants": ["a"]}), |inner| Value::Array(vec![inner]));
    let options = AclOptions::builder().root_must_have_grants(false).build().unwrap();
    assert!(passes(&options, &holding(&["a"]), tree));
    assert!(!passes(&options, &holding(&["b"]), tree));
    assert!(!passes(&AclOptions::default(), &holding(&["a"]), tree));
}

#[test]
fn a_redaction_that_is_too_deep_is_refused() {
    let options = AclOptions::default();
    let tree = deep(json!({"grants": ["a"]}), |inner| object([("grants", json!(["a"])), ("parent", inner)]));
    assert_eq!(options.redact(&holding(&["a"]), tree), Err(RedactError::TooDeep));
    // The object and its list are the innermost two.
    let at_most = |depth| (3..depth).fold(json!({"grants": ["a"]}), |inner, _| json!([inner]));
    let at_most = |depth| json!({"grants": ["a"], "list": at_most(depth)});
    assert!(options.redact(&holding(&["a"]), &at_most(AclOptions::MAX_REDACT_DEPTH)).is_ok());
    assert_eq!(options.redact(&holding(&["a"]), &at_most(AclOptions::MAX_REDACT_DEPTH + 1)), Err(RedactError::TooDeep));
}

#[test]
fn many_grants_on_many_levels_of_somebody_with_many_cost_no_square() {
    let many: Vec<String> = (0..10_000).map(|n| format!("team-{n}")).collect();
    let subject = Subject::new(&GrantSet::parse(&many).unwrap(), None);
    let levels: Vec<Value> = (0..DEEP).map(|_| json!({"grants": ["team-1"]})).collect();
    let tree = object([("grants", json!(many)), ("twin", json!({"grants": many})), ("levels", Value::from(levels))]);
    for options in [AclOptions::default(), each_level()] {
        assert!(passes(&options, &subject, &tree));
        assert!(!passes(&options, &holding(&["team-2"]), &tree));
        assert!(!options.explain(&holding(&["x"]), &tree).is_allowed());
    }
    assert_eq!(AclOptions::default().explain(&subject, &tree).granted_by().to_string(), "team-1");
}

#[test]
fn a_level_that_every_need_names_is_told_only_so_often() {
    let levels: Vec<Value> = (0..1_000).map(|_| json!({"grants": ["a"]})).collect();
    let document = json!({"grants": ["public"], "levels": levels});
    let explanation = each_level().explain(&Subject::anonymous(), &document);
    assert_eq!(explanation.needs().len() + explanation.more_needs(), 1_000);
    assert!(explanation.needs().len() < 100);
    assert!(explanation.to_string().ends_with(" more."));
}

struct Chain(GrantSet, Option<Box<Chain>>);

impl Guarded for Chain {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        let Self(grants, next) = self;
        levels.grants(grants);
        levels.nested("next", next);
    }
}

#[test]
fn typed_data_of_a_hundred_thousand_levels_is_walked_too() {
    let grants: GrantSet = [Grant::admin()].into_iter().collect();
    let chain = (0..DEEP).fold(None, |next, _| Some(Box::new(Chain(grants.clone(), next))));
    let chain: &'static Option<Box<Chain>> = Box::leak(Box::new(chain));
    assert_eq!(AclOptions::default().check_guarded(&holding(&["admin"]), chain), Ok(()));
    assert_eq!(AclOptions::default().check_guarded(&Subject::anonymous(), chain), Err(Refusal::Unauthenticated));
}
