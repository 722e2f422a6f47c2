const S3_BACKEND: &str = concat!(
    include_str!("../../src/s3_backend/copies.rs"),
    include_str!("../../src/s3_backend/deletions.rs"),
    include_str!("../../src/s3_backend/guards.rs"),
    include_str!("../../src/s3_backend/lists.rs"),
    include_str!("../../src/s3_backend/objects.rs"),
    include_str!("../../src/s3_backend/preconditions.rs"),
    include_str!("../../src/s3_backend/uploads.rs"),
    include_str!("../../src/s3_backend/versions.rs"),
    include_str!("../../src/s3_backend/settings.rs"),
    include_str!("../../src/s3_backend/locks.rs"),
);

/// A behaviour that is in a suite but not in its macro would never be checked.
#[test]
fn every_behaviour_of_a_store_is_in_its_macro() {
    for (suite, more, count) in [
        (include_str!("../../src/object_store.rs"), include_str!("../../src/object_store/versions.rs"), 35),
        (include_str!("../../src/principal_store.rs"), "", 25),
        (include_str!("../../src/store_marker.rs"), "", 4),
        (include_str!("../../src/s3_backend.rs"), S3_BACKEND, 65),
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
