//! Properties of all documents, subjects and options.

use proptest::prelude::*;
use serde_json::{Value, json};
use storage_hub_core::acl::{Access, AclOptions, Entries, GrantSet, Subject, authorize, explain_authorize};

use super::generated::{document, grants, naive, options, plain_options, subject};
use super::passes;

fn field(options: &AclOptions) -> String {
    options.doc_grants_field().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_decides_as_the_plainest_reading_of_the_rules(
        options in options(), subject in subject(), document in document()
    ) {
        let path = field(&options);
        let names: Vec<&str> = path.split('.').collect();
        let naive = naive(&options, &subject, &names);
        prop_assert_eq!(passes(&options, &subject, &document), naive.passes(&document));
        prop_assert_eq!(options.filter(&subject).matches(&document), naive.finds(&document));
    }

    #[test]
    fn more_grants_never_take_access_away(
        options in options(), few in grants(), more in grants(), document in document()
    ) {
        let few = GrantSet::parse(few).unwrap();
        let mut all = few.clone();
        all.extend(GrantSet::parse(more).unwrap());
        let (few, all) = (Subject::new(&few, None), Subject::new(&all, None));
        prop_assert!(passes(&options, &all, &document) || !passes(&options, &few, &document));
        prop_assert!(options.filter(&all).matches(&document) || !options.filter(&few).matches(&document));
    }

    #[test]
    fn the_filter_matches_what_a_check_lets_through(
        options in options(), subject in subject(), document in document()
    ) {
        if options.root_must_have_grants() && passes(&options, &subject, &document) {
            prop_assert!(options.filter(&subject).matches(&document));
        }
    }

    #[test]
    fn on_flat_documents_a_query_finds_what_a_check_lets_through(
        options in options(), subject in subject(), own in grants(), shape in 0..5
    ) {
        let list = match shape {
            0 => json!("public"),
            1 => json!(["public", null]),
            _ => json!(own),
        };
        let path = field(&options);
        let nested = path.split('.').rev().fold(list, |inner, name| json!({name: inner}));
        let mut document = if shape == 2 { json!({}) } else { nested };
        document["title"] = json!("flat");
        document["tags"] = json!(["x", 1]);
        prop_assert_eq!(options.filter(&subject).matches(&document), passes(&options, &subject, &document));
    }

    #[test]
    fn redaction_shows_what_the_plainest_reading_shows(
        options in plain_options(), subject in subject(), document in document()
    ) {
        let shown = options.redact(&subject, &document).ok();
        prop_assert_eq!(shown, naive(&options, &subject, &["grants"]).redacted(&document));
    }

    #[test]
    fn redaction_never_shows_a_forbidden_object(
        options in options(), subject in subject(), document in document()
    ) {
        let Ok(shown) = options.redact(&subject, &document) else { return Ok(()) };
        let path = field(&options);
        let names: Vec<&str> = path.split('.').collect();
        let naive = naive(&options, &subject, &names);
        prop_assert!(hides(&shown, &|object| {
            let forbidden = naive.own(object).is_some_and(|own| own.is_none_or(|own| own.is_disjoint(&naive.held)));
            // Nothing but its grants may be left, and what guards the objects on the way to them.
            !forbidden || is_hint(object, &names)
        }), "{shown}");
    }

    #[test]
    fn redaction_never_hides_what_its_own_and_its_ancestors_grants_open(
        options in options(), subject in subject(), document in document()
    ) {
        let Ok(shown) = options.redact(&subject, &document) else { return Ok(()) };
        let path = field(&options);
        let names: Vec<&str> = path.split('.').collect();
        let naive = naive(&options, &subject, &names);
        prop_assert!(keeps(&document, &shown, &|object| {
            naive.own(object).is_none_or(|own| own.is_some_and(|own| !own.is_disjoint(&naive.held)))
        }), "{document} {shown}");
    }

    #[test]
    fn redaction_of_what_was_redacted_changes_nothing(
        options in options(), subject in subject(), document in document()
    ) {
        let Ok(shown) = options.redact(&subject, &document) else { return Ok(()) };
        prop_assert_eq!(options.redact(&subject, &shown), Ok(shown));
    }

    #[test]
    fn what_a_check_lets_through_is_redacted_of_nothing(
        options in options(), subject in subject(), document in document()
    ) {
        if passes(&options, &subject, &document) {
            prop_assert_eq!(options.redact(&subject, &document), Ok(document));
        }
    }

    #[test]
    fn an_explanation_has_the_outcome_of_the_check_and_true_reasons(
        options in options(), subject in subject(), document in document()
    ) {
        let explanation = options.explain(&subject, &document);
        prop_assert_eq!(explanation.refusal(), options.check(&subject, &document).err());
        if explanation.is_allowed() {
            // What it names suffices, and is held.
            prop_assert!(explanation.granted_by().is_subset(subject.grants()));
            prop_assert!(passes(&options, &Subject::new(explanation.granted_by(), None), &document));
            prop_assert!(!explanation.granted_by().is_empty() && explanation.needs().is_empty());
        } else if explanation.needs().is_empty() {
            prop_assert!(explanation.problem().is_some());
        } else if explanation.needs().iter().all(|need| !need.one_of.is_empty()) {
            // One of each need, and the subject would pass; none of a need's grants is held.
            prop_assert!(explanation.needs().iter().all(|need| !need.one_of.meets(subject.grants())));
            let first = explanation.needs().iter().filter_map(|need| need.one_of.iter().next());
            let mut own = subject.grants().clone();
            own.extend(first.cloned());
            prop_assert!(passes(&options, &Subject::new(&own, None), &document));
        }
    }

    #[test]
    fn a_new_document_carries_what_is_required_and_a_change_cannot_take_it(
        required in grants(), submitted in proptest::option::of(grants()), wanted in grants()
    ) {
        let options = AclOptions::builder().required(required.clone()).add_author(true).build().unwrap();
        let mut document = json!({"author": {"_id": "9"}});
        if let Some(submitted) = submitted {
            document["grants"] = json!(submitted);
        }
        options.stamp_new(&mut document, None).unwrap();
        let has = |document: &Value, grant: &str| document["grants"].as_array().unwrap().contains(&json!(grant));
        prop_assert!(required.iter().all(|grant| has(&document, grant)) && has(&document, "author-9"));
        let mut changed = json!({"grants": wanted});
        let taken = required.iter().any(|grant| !wanted.contains(grant));
        prop_assert_eq!(options.stamp_update(&document, &mut changed).is_err(), taken);
        prop_assert!(taken || has(&changed, "author-9"));
    }

    #[test]
    fn entries_decide_by_the_same_rule(
        subject in subject(), list in proptest::collection::vec((grants(), 0..3_usize), 0..3), wanted in 0..3_usize
    ) {
        let wanted = Access::ALL[wanted];
        let mut entries = Entries::default();
        for (grants, access) in list {
            for grant in &GrantSet::parse(grants).unwrap() {
                entries.set(grant.clone(), Access::ALL[access]);
            }
        }
        let plain = entries.iter().any(|(grant, access)| *access >= wanted && subject.grants().iter().any(|own| own == grant));
        prop_assert_eq!(authorize(&subject, &entries, wanted).is_allowed(), plain);
        prop_assert_eq!(explain_authorize(&subject, &entries, wanted).is_allowed(), plain);
    }
}

fn hides(value: &Value, is_fine: &dyn Fn(&Value) -> bool) -> bool {
    is_fine(value)
        && match value {
            Value::Object(object) => object.values().all(|inner| hides(inner, is_fine)),
            Value::Array(items) => items.iter().all(|item| hides(item, is_fine)),
            _ => true,
        }
}

// Nothing but lists of grants where the path leads, from this object or from one that it stands in.
fn is_hint(value: &Value, names: &[&str]) -> bool {
    match value {
        Value::Object(object) => {
            object.iter().all(|(name, inner)| names.contains(&name.as_str()) && is_hint(inner, names))
        }
        Value::Array(items) => items.iter().all(Value::is_string),
        _ => false,
    }
}

// Whether everything that is met, and stands in what is met, is still there.
fn keeps(before: &Value, after: &Value, is_met: &dyn Fn(&Value) -> bool) -> bool {
    match (before, after) {
        (Value::Object(_), _) if !is_met(before) => true,
        (Value::Object(before), Value::Object(after)) => {
            before.iter().all(|(name, inner)| after.get(name).is_some_and(|shown| keeps(inner, shown, is_met)))
        }
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(inner, shown)| keeps(inner, shown, is_met))
        }
        _ => before == after,
    }
}
