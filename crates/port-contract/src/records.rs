#![expect(clippy::expect_used, reason = "this is for tests")]

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use storage_hub_core::domain::{Bucket, BucketEntry, UserRecord};
use storage_hub_core::ports::{Directory, RecordError, Transaction, UnitOfWork};

/// Records without a row, of the adapter under test.
#[derive(Clone)]
pub struct Records {
    /// Writes them.
    pub unit_of_work: Arc<dyn UnitOfWork>,
    /// Reads them.
    pub directory: Arc<dyn Directory>,
    /// What has to live as long as they do: a temporary folder, a database that is removed when dropped.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// Makes the records of one adapter, a fresh database for every test.
#[async_trait]
pub trait RecordsHarness: Send + Sync {
    /// Records without a row; `None` if the service that they need is missing, which skips the test.
    async fn fresh(&self) -> Option<Records>;
}

impl Records {
    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> Box<dyn Transaction> {
        self.unit_of_work.begin().await.expect("a transaction begins")
    }

    /// Runs one transaction and commits it; again while others are in its way.
    pub(crate) async fn write<T>(
        &self,
        work: impl for<'a> Fn(&'a mut dyn Transaction) -> BoxFuture<'a, Result<T, RecordError>>,
    ) -> T {
        loop {
            match self.try_write(&work).await {
                Err(RecordError::Conflict(_)) => tokio::task::yield_now().await,
                result => return result.expect("the transaction is committed"),
            }
        }
    }

    /// Runs one transaction once and commits it unless it fails.
    pub(crate) async fn try_write<T>(
        &self,
        work: impl for<'a> Fn(&'a mut dyn Transaction) -> BoxFuture<'a, Result<T, RecordError>>,
    ) -> Result<T, RecordError> {
        let mut transaction = self.unit_of_work.begin().await?;
        let result = work(transaction.as_mut()).await?;
        transaction.commit().await?;
        Ok(result)
    }

    /// Adds users.
    pub(crate) async fn add_users<'u>(&self, users: impl IntoIterator<Item = &'u UserRecord>) {
        let mut transaction = self.begin().await;
        for user in users {
            transaction.users().insert(user).await.expect("the user is new");
        }
        transaction.commit().await.expect("the users are committed");
    }

    /// Adds a bucket with its entries.
    pub(crate) async fn add_bucket(&self, bucket: &Bucket, entries: &[BucketEntry]) {
        let mut transaction = self.begin().await;
        transaction.buckets().insert(bucket, entries).await.expect("the bucket is new");
        transaction.commit().await.expect("the bucket is committed");
    }
}

/// Expands to every test of the records' contract, for one adapter: `records_contract!(MyHarness);`, once a module.
///
/// The crate that uses it depends on `tokio` with its macros and its multi-thread runtime.
#[macro_export]
macro_rules! records_contract {
    ($harness:expr) => {
        $crate::records_contract! { $harness;
            unit_of_work: [
                a_transaction_sees_its_own_writes,
                an_uncommitted_write_is_seen_by_nobody_else,
                writes_of_all_repositories_are_committed_together,
                a_relaxed_commit_is_a_commit,
                a_transaction_that_did_nothing_ends_well,
                a_dropped_transaction_leaves_nothing,
                a_transaction_dropped_in_the_middle_of_a_write_leaves_nothing,
                many_dropped_transactions_leave_the_records_usable,
                a_transaction_with_a_failed_write_is_not_committed,
                concurrent_writers_lose_no_update,
                a_writer_who_waits_too_long_is_told,
            ]
            user_repository: [
                every_field_of_a_user_comes_back,
                an_unknown_user_is_not_found,
                a_taken_email_is_refused,
                an_email_is_taken_whatever_the_spelling_of_its_domain,
                a_taken_access_key_is_refused,
                racing_inserts_of_one_email_leave_one_user,
                racing_inserts_of_one_access_key_leave_one_user,
                an_update_writes_every_field_but_the_creation_time,
                an_update_to_a_taken_email_or_access_key_is_refused,
                an_update_of_a_missing_user_is_not_found,
                a_found_user_stays_as_it_is,
                a_user_found_for_reading_stays_as_it_is,
                a_user_found_by_email_stays_as_it_is,
                enabled_admins_are_listed_in_the_order_of_their_ids,
                listed_admins_stay_as_they_are,
            ]
            bucket_repository: [
                every_field_of_a_bucket_comes_back,
                an_unknown_bucket_is_not_found,
                entries_come_in_the_order_of_their_grants,
                a_taken_name_is_refused_whatever_the_state,
                racing_inserts_of_one_name_leave_one_bucket,
                a_bucket_without_its_owner_is_refused,
                an_update_writes_the_progress_and_nothing_else,
                an_update_of_a_missing_bucket_is_not_found,
                a_state_is_left_for_another_by_one_alone,
                a_bucket_is_noted_as_answered,
                a_deleted_bucket_is_gone_with_its_entries,
                deleting_a_missing_bucket_is_not_found,
                a_found_bucket_stays_as_it_is,
                a_bucket_found_by_name_stays_as_it_is,
            ]
            released_name_repository: [
                every_field_of_a_released_name_comes_back,
                a_deleted_name_is_gone,
                expired_names_are_deleted_and_no_others,
                a_reserved_name_is_taken_for_all_but_its_last_owner,
                a_name_whose_reservation_has_expired_is_anybodys,
                a_transaction_that_was_refused_a_reserved_name_is_not_committed,
                an_insert_that_races_the_release_of_a_name_is_refused,
                racing_inserts_of_an_expired_name_leave_one_bucket,
                names_are_counted_with_those_that_are_reserved,
            ]
            shard_repository: [
                every_field_of_a_shard_comes_back,
                an_upsert_writes_over_the_shard_with_its_number,
                shards_come_in_the_order_of_their_numbers,
                bytes_are_given_back_down_to_nothing,
                a_grant_lists_its_own_shards_alone,
                racing_writers_of_one_grant_see_each_other,
                listed_shards_stay_as_they_are,
            ]
            installation_repository: [
                every_field_of_an_installation_comes_back,
                a_second_installation_is_refused,
                racing_installations_leave_one,
                an_update_writes_every_field_but_the_id,
                an_update_of_a_missing_installation_is_not_found,
                a_found_installation_stays_as_it_is,
            ]
            store_probe_repository: [
                every_field_of_a_probe_comes_back,
                a_later_probe_replaces_the_result,
                a_leased_probe_is_leased_to_nobody_else,
                an_expired_lease_of_a_probe_is_taken_over,
                a_released_probe_keeps_the_result_before,
                racing_leases_of_a_probe_give_one,
            ]
            outbox: [
                generations_of_a_key_grow,
                racing_changes_are_all_counted,
                every_kind_of_key_comes_back,
                a_missing_task_is_neither_found_nor_leased,
                a_leased_task_is_leased_to_nobody_else,
                racing_leases_give_one,
                asking_and_leasing_in_one_is_both_in_turn,
                a_completed_lease_ends_and_its_generation_is_done,
                a_lease_is_completed_in_a_transaction_of_its_own,
                only_a_task_that_is_behind_is_leased_in_a_transaction_of_its_own,
                a_change_during_a_lease_leaves_the_task_pending,
                a_released_task_is_put_off_and_counts_its_failures,
                a_success_forgets_the_failures,
                a_lost_lease_changes_nothing,
                a_lease_past_its_time_that_nobody_took_is_still_good,
                a_takeover_has_the_task_verified_later,
                leasing_before_a_verification_is_due_leaves_it_due,
                a_failed_verification_comes_back,
                an_abandoned_task_is_due_though_it_is_done,
                leased_done_and_put_off_tasks_are_not_due,
                tasks_come_in_the_order_of_their_waiting,
                lists_end_at_the_number_asked_for,
                pending_tasks_are_listed_leased_or_put_off_or_not,
                the_backlog_is_what_is_pending_and_since_when,
                a_removed_task_is_gone_and_begins_anew,
            ]
            directory: [
                every_field_of_a_user_is_read,
                what_is_unknown_is_not_found,
                buckets_of_every_state_are_found,
                a_user_and_a_bucket_are_found_in_one_call,
                owned_buckets_come_with_their_owner,
                owned_buckets_are_those_of_the_owner_that_are_visible,
                pages_of_every_size_give_all_buckets_in_byte_order,
                pages_are_stable_under_writes,
                names_by_grants_come_once_each_and_in_byte_order,
                names_by_grants_are_those_of_visible_buckets,
                names_by_very_many_grants_are_listed,
                a_pass_over_the_users_gives_each_once,
                a_pass_over_the_buckets_gives_each_once_in_every_state,
                a_change_is_seen_by_the_next_read,
                the_records_answer_a_ping,
                a_shard_lists_its_visible_buckets_in_byte_order,
                the_filter_by_grants_agrees_with_the_decision,
                s3_access_has_the_entries_that_the_subject_holds,
                s3_access_without_a_key_or_a_bucket_finds_the_rest,
                s3_access_finds_buckets_of_every_state,
                cors_rules_come_back_as_they_were_written,
                s3_buckets_are_listed_by_every_condition,
            ]
        }
    };
    ($harness:expr; $($port:ident: [$($test:ident,)*])*) => {
        $(
            mod $port {
                #[allow(unused_imports, reason = "for the names in the harness expression")]
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $test() {
                        if let Some(records) = $crate::RecordsHarness::fresh(&$harness).await {
                            $crate::$port::$test(&records).await;
                        }
                    }
                )*
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    /// The suite would be worth nothing if a behaviour were written and then forgotten here.
    #[test]
    fn the_macro_names_every_behaviour() {
        let macro_text = include_str!("records.rs");
        for source in [
            include_str!("unit_of_work.rs"),
            include_str!("user_repository.rs"),
            include_str!("bucket_repository.rs"),
            include_str!("released_name_repository.rs"),
            include_str!("shard_repository.rs"),
            include_str!("installation_repository.rs"),
            include_str!("store_probe_repository.rs"),
            include_str!("outbox.rs"),
            include_str!("directory.rs"),
            include_str!("directory/filter.rs"),
            include_str!("directory/s3_access.rs"),
        ] {
            for line in source.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
                let name = line.split('(').next().unwrap();
                assert!(macro_text.contains(&format!(" {name},\n")), "{name} is in no list");
            }
        }
    }
}
