//! Policy documents: equality is an equivalence, regardless of how a store has rewritten the JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use storage_hub_core::policy::PolicyDocument;

fuzz_target!(|texts: (&str, &str)| {
    let (Ok(one), Ok(two)) = (serde_json::from_str(texts.0), serde_json::from_str(texts.1)) else { return };
    let (one, two): (Value, Value) = (one, two);
    let (first, second) = (PolicyDocument::new(one.clone()), PolicyDocument::new(two.clone()));
    assert_eq!(first, first.clone());
    assert_eq!(first == second, second == first);
    // Reading a rendered document gives the document.
    let sent: Value = serde_json::from_str(&first.to_string()).expect("what is sent is JSON");
    assert_eq!(PolicyDocument::new(sent), first);
    // Lists in another order mean the same, at any level.
    let turned = PolicyDocument::new(reversed(&one));
    assert_eq!(turned, first);
    assert_eq!(turned == second, first == second, "equality is not transitive");
    // A list with one item equals the item.
    let alone = |value: &Value| PolicyDocument::new(json!({ "Statement": value }));
    assert_eq!(alone(&json!([one])), alone(&one));
});

fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(reversed).collect(),
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), reversed(field))).collect(),
        other => other.clone(),
    }
}
