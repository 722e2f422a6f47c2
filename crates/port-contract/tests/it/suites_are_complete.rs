/// A behaviour that is in a suite but not in its macro would never be checked.
#[test]
fn every_behaviour_of_a_store_is_in_its_macro() {
    for (suite, more, count) in [
        (include_str!("../../src/object_store.rs"), include_str!("../../src/object_store/versions.rs"), 34),
        (include_str!("../../src/principal_store.rs"), "", 25),
        (include_str!("../../src/store_marker.rs"), "", 4),
    ] {
        let behaviours: Vec<_> = suite
            .lines()
            .chain(more.lines())
            .filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('('))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(behaviours.len(), count);
        for name in behaviours {
            assert!(suite.contains(&format!("            {name},\n")), "{name} is not in the macro");
        }
    }
}
