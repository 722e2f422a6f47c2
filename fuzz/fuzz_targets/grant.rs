//! Grants: an accepted grant keeps its text, also through JSON, and contains no character at which a store splits
//! names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use storage_hub_core::acl::{Grant, GrantSet};
use storage_hub_core::policy::{PolicyName, PolicyPrefix};

fuzz_target!(|texts: Vec<String>| {
    let prefix = PolicyPrefix::parse("hub").expect("a prefix");
    let mut set = GrantSet::default();
    for text in &texts {
        let parsed = Grant::parse(text.clone());
        let from_json = serde_json::from_value::<Grant>(text.clone().into());
        assert_eq!(parsed.is_ok(), from_json.is_ok());
        let Ok(grant) = parsed else { continue };
        assert_eq!(grant.as_str(), text);
        assert!((1..=Grant::MAX_BYTES).contains(&text.len()));
        assert_eq!(text.trim(), text);
        assert!(!text.contains(|c: char| c == ',' || c.is_control()));
        let name = PolicyName::shard(&prefix, &grant, 0);
        assert!(name.has_prefix(&prefix) && !name.as_str().contains(['/', ',']));
        set.insert(grant);
    }
    let json = serde_json::to_value(&set).expect("JSON");
    assert_eq!(serde_json::from_value::<GrantSet>(json).expect("a set"), set);
    let mut names: Vec<_> = set.iter().map(|grant| PolicyName::shard(&prefix, grant, 0)).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), set.iter().count(), "two grants share a policy");
});
