//! What every [`S3Backend`] does: [`s3_backend_contract!`](crate::s3_backend_contract) creates a test of each function here.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "these are tests")]

mod bodies;
mod copies;
mod deletions;
mod fixture;
mod guards;
mod lists;
mod locks;
mod objects;
mod preconditions;
mod settings;
mod uploads;
mod versions;

use async_trait::async_trait;
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::S3Backend;

pub use copies::{
    a_copy_has_bytes_description_and_checksum_of_its_source, a_copy_obeys_the_preconditions_on_its_source,
    a_copy_obeys_the_preconditions_on_its_target, a_copy_of_a_multipart_object_keeps_its_parts,
    a_copy_replaces_description_and_checksum_on_request, an_object_is_copied_to_itself_only_with_a_change,
    the_copy_stays_when_its_source_is_deleted,
};
pub use deletions::{
    a_deletion_obeys_its_precondition, a_deletion_returns_a_result_for_each_entry_in_order,
    a_small_object_replaces_a_large_one_and_is_deleted,
};
pub use guards::{
    a_body_that_breaks_off_leaves_what_was_there, a_bucket_is_found_by_its_id_never_by_its_name,
    a_refused_write_leaves_nothing, a_write_into_a_bucket_that_is_deleted_meanwhile_leaves_nothing,
    a_write_that_is_given_up_leaves_nothing, the_guard_is_asked_after_the_end_of_the_body,
};
pub use lists::{
    a_list_of_no_entries_is_not_truncated, common_prefixes_stand_for_the_keys_below_them,
    keys_are_listed_in_byte_order, pages_put_together_are_the_list, unversioned_objects_are_listed_as_the_version_null,
};
pub use locks::{
    a_legal_hold_protects_a_version_until_it_is_lifted, a_lock_is_refused_in_a_bucket_without_object_lock,
    compliance_retention_is_bypassed_by_nobody, governance_retention_gives_way_to_a_bypass_only,
    object_lock_needs_versioning_and_stays, versions_get_the_default_retention_of_their_bucket,
};
pub use objects::{
    a_checksum_is_returned_when_it_is_requested, a_missing_key_and_a_missing_bucket_are_told_apart,
    a_range_behind_the_end_is_refused, a_range_of_another_object_is_ignored, a_read_obeys_its_preconditions,
    an_object_is_read_as_it_was_written, any_key_is_taken_as_stated, objects_are_replaced_as_a_whole,
    only_the_version_null_exists, ranges_of_objects_are_read,
};
pub use preconditions::{
    a_write_obeys_its_preconditions, of_concurrent_conditional_writes_one_succeeds, readers_never_see_a_mixture,
};
pub use settings::{
    a_bucket_keeps_its_tags_and_lifecycle_rules, a_copy_has_the_tags_of_its_source, an_object_keeps_its_tags,
    tags_belong_to_a_version,
};
pub use uploads::{
    a_completion_names_parts_as_they_were_uploaded, a_part_has_the_checksum_of_its_upload,
    a_part_is_copied_from_an_object, a_part_is_read_by_its_number_with_its_checksum,
    a_repeated_completion_is_answered_as_the_first_one, an_aborted_upload_is_gone, an_upload_becomes_an_object,
    parts_are_listed_in_pages, the_attributes_of_an_object_tell_its_parts, uploads_are_listed_by_key_and_start,
};
pub use versions::{
    a_bucket_with_versions_or_markers_is_not_empty, a_completed_upload_is_a_version, a_copy_of_a_version_restores_it,
    a_deletion_adds_a_marker_that_hides_the_object, a_version_is_deleted_for_good,
    an_object_from_before_versioning_is_the_version_null, conditions_are_about_the_current_version,
    every_write_adds_a_version, versioning_is_enabled_and_suspended, versions_are_listed_newest_first,
    while_versioning_is_suspended_the_version_null_is_replaced,
};

/// A backend under test, with whatever must live as long as it.
#[async_trait]
pub trait S3BackendHarness: Send + Sync {
    /// The backend.
    fn backend(&self) -> &dyn S3Backend;

    /// Creates a bucket.
    async fn create_bucket(&self, bucket: &BucketRef);

    /// Deletes a bucket unless it has versions or delete markers. Returns whether it did.
    async fn delete_bucket(&self, bucket: &BucketRef) -> bool;
}

/// Creates a test of every behaviour of the port, from the path of an `async fn() -> Option<impl S3BackendHarness>`
/// (`None`: what it needs is missing). The crate needs `tokio` for it.
#[macro_export]
macro_rules! s3_backend_contract {
    ($harness:path) => {
        $crate::contract_tests! { s3_backend, $harness:
            an_object_is_read_as_it_was_written,
            objects_are_replaced_as_a_whole,
            a_missing_key_and_a_missing_bucket_are_told_apart,
            ranges_of_objects_are_read,
            a_range_behind_the_end_is_refused,
            a_range_of_another_object_is_ignored,
            a_read_obeys_its_preconditions,
            a_checksum_is_returned_when_it_is_requested,
            only_the_version_null_exists,
            any_key_is_taken_as_stated,
            a_body_that_breaks_off_leaves_what_was_there,
            a_write_that_is_given_up_leaves_nothing,
            the_guard_is_asked_after_the_end_of_the_body,
            a_refused_write_leaves_nothing,
            a_bucket_is_found_by_its_id_never_by_its_name,
            a_write_into_a_bucket_that_is_deleted_meanwhile_leaves_nothing,
            a_write_obeys_its_preconditions,
            of_concurrent_conditional_writes_one_succeeds,
            readers_never_see_a_mixture,
            a_copy_has_bytes_description_and_checksum_of_its_source,
            a_copy_replaces_description_and_checksum_on_request,
            a_copy_obeys_the_preconditions_on_its_source,
            a_copy_obeys_the_preconditions_on_its_target,
            an_object_is_copied_to_itself_only_with_a_change,
            a_copy_of_a_multipart_object_keeps_its_parts,
            the_copy_stays_when_its_source_is_deleted,
            a_deletion_returns_a_result_for_each_entry_in_order,
            a_deletion_obeys_its_precondition,
            a_small_object_replaces_a_large_one_and_is_deleted,
            keys_are_listed_in_byte_order,
            pages_put_together_are_the_list,
            common_prefixes_stand_for_the_keys_below_them,
            a_list_of_no_entries_is_not_truncated,
            unversioned_objects_are_listed_as_the_version_null,
            an_upload_becomes_an_object,
            a_part_is_read_by_its_number_with_its_checksum,
            the_attributes_of_an_object_tell_its_parts,
            a_part_has_the_checksum_of_its_upload,
            a_part_is_copied_from_an_object,
            parts_are_listed_in_pages,
            uploads_are_listed_by_key_and_start,
            a_completion_names_parts_as_they_were_uploaded,
            a_repeated_completion_is_answered_as_the_first_one,
            an_aborted_upload_is_gone,
            versioning_is_enabled_and_suspended,
            every_write_adds_a_version,
            an_object_from_before_versioning_is_the_version_null,
            while_versioning_is_suspended_the_version_null_is_replaced,
            a_deletion_adds_a_marker_that_hides_the_object,
            a_version_is_deleted_for_good,
            a_copy_of_a_version_restores_it,
            a_completed_upload_is_a_version,
            versions_are_listed_newest_first,
            conditions_are_about_the_current_version,
            a_bucket_with_versions_or_markers_is_not_empty,
            an_object_keeps_its_tags,
            a_copy_has_the_tags_of_its_source,
            tags_belong_to_a_version,
            a_bucket_keeps_its_tags_and_lifecycle_rules,
            object_lock_needs_versioning_and_stays,
            a_lock_is_refused_in_a_bucket_without_object_lock,
            governance_retention_gives_way_to_a_bypass_only,
            compliance_retention_is_bypassed_by_nobody,
            a_legal_hold_protects_a_version_until_it_is_lifted,
            versions_get_the_default_retention_of_their_bucket,
        }
    };
}
