//! The contract of [`UserRepository`](storage_hub_core::ports::UserRepository).

#![expect(clippy::unwrap_used, missing_docs, reason = "these are tests")]

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use storage_hub_core::domain::{PasswordHash, SealedSecret, UserRecord};
use storage_hub_core::ports::{RecordError, Transaction, UniqueKey};

use crate::records::Records;
use crate::row_kept::{Second, second_writer};
use crate::sample_records::{access_key, at, email, grants, user, user_id};

pub async fn every_field_of_a_user_comes_back(records: &Records) {
    // Their flags are opposite, so that no column can stand for another.
    records.add_users([&user(1), &user(2)]).await;
    let mut transaction = records.begin().await;
    for number in [1, 2] {
        let expected = user(number);
        assert_eq!(transaction.users().find(user_id(number)).await.unwrap(), Some(expected.clone()));
        assert_eq!(transaction.users().find_by_email(&expected.user.email).await.unwrap(), Some(expected));
    }
}

pub async fn an_unknown_user_is_not_found(records: &Records) {
    records.add_users([&user(1)]).await;
    let mut transaction = records.begin().await;
    assert_eq!(transaction.users().find(user_id(9)).await.unwrap(), None);
    // No letter of an address is a pattern.
    assert_eq!(transaction.users().find_by_email(&email("ann+1_x_y'z@exämple.com")).await.unwrap(), None);
}

pub async fn a_taken_email_is_refused(records: &Records) {
    records.add_users([&user(1)]).await;
    let mut taken = user(2);
    taken.user.email = user(1).user.email;
    let refused = insert(records, taken).await;
    assert!(matches!(refused, Err(RecordError::AlreadyExists(UniqueKey::Email))), "{refused:?}");
}

pub async fn an_email_is_taken_whatever_the_spelling_of_its_domain(records: &Records) {
    let spelled = |number: u32, text: &str| {
        let mut record = user(number);
        record.user.email = email(text);
        record
    };
    let first = spelled(1, "x@bücher.example");
    records.add_users([&first, &user(3)]).await;
    let alias = spelled(2, "x@xn--bcher-kva.example");
    let refused = insert(records, alias.clone()).await;
    assert!(matches!(refused, Err(RecordError::AlreadyExists(UniqueKey::Email))), "{refused:?}");

    let found = records.directory.find_record_by_email(&alias.user.email).await.unwrap();
    assert_eq!(found, Some(first.clone()));
    let mut transaction = records.begin().await;
    assert_eq!(transaction.users().find_by_email(&alias.user.email).await.unwrap(), Some(first));
    let mut changed = user(3);
    changed.user.email = alias.user.email;
    let refused = transaction.users().update(&changed).await;
    assert!(matches!(refused, Err(RecordError::AlreadyExists(UniqueKey::Email))), "{refused:?}");
}

pub async fn enabled_admins_are_listed_in_the_order_of_their_ids(records: &Records) {
    let with = |number: u32, enabled: bool, grant: &str| {
        let mut record = user(number);
        record.user.enabled = enabled;
        record.user.grants = grants([grant, "team: red"]);
        record
    };
    let users = [
        with(3, true, "admin"),
        with(1, true, "admin"),
        with(2, false, "admin"),
        with(4, true, "administrator"),
        with(5, true, "an \"admin\""),
    ];
    records.add_users(&users).await;
    let mut transaction = records.begin().await;
    assert_eq!(transaction.users().list_enabled_admins().await.unwrap(), [user_id(1), user_id(3)]);
}

pub async fn listed_admins_stay_as_they_are(records: &Records) {
    let mut admin = user(2);
    admin.user.grants = grants(["admin"]);
    admin.user.enabled = true;
    records.add_users([&admin]).await;
    let mut first = records.begin().await;
    assert_eq!(first.users().list_enabled_admins().await.unwrap(), [user_id(2)]);

    let second = second_writer(records, |transaction| {
        async move {
            let admins = transaction.users().list_enabled_admins().await?;
            let mut found = transaction.users().find(user_id(2)).await?.ok_or(RecordError::NotFound)?;
            found.user.token_epoch = admins.len() as i64;
            transaction.users().update(&found).await
        }
        .boxed()
    })
    .await;
    admin.user.enabled = false;
    first.users().update(&admin).await.unwrap();
    first.commit().await.unwrap();
    let second = second.end().await;
    let left = records.directory.find_user(user_id(2)).await.unwrap().unwrap();
    // The second one saw no admin any more, or did not write at all.
    assert_eq!(left.token_epoch == 0, second == Second::Wrote, "{left:?}");
}

pub async fn a_taken_access_key_is_refused(records: &Records) {
    records.add_users([&user(1)]).await;
    let mut taken = user(2);
    taken.user.access_key = user(1).user.access_key;
    let refused = insert(records, taken).await;
    assert!(matches!(refused, Err(RecordError::AlreadyExists(UniqueKey::AccessKey))), "{refused:?}");
}

pub async fn racing_inserts_of_one_email_leave_one_user(records: &Records) {
    let taken = |number| {
        let mut record = user(number);
        record.user.email = email("taken@example.com");
        record
    };
    race(records, taken, UniqueKey::Email).await;
}

pub async fn racing_inserts_of_one_access_key_leave_one_user(records: &Records) {
    let taken = |number| {
        let mut record = user(number);
        record.user.access_key = access_key("taken");
        record
    };
    race(records, taken, UniqueKey::AccessKey).await;
}

async fn race(records: &Records, contender: impl Fn(u32) -> UserRecord, key: UniqueKey) {
    let racers = (0..6).map(|number| {
        let (records, record) = (records.clone(), contender(number));
        tokio::spawn(async move { insert(&records, record).await })
    });
    let results: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
    let won = results.iter().filter(|result| result.is_ok()).count();
    let refused = |result: &&Result<_, _>| matches!(result, Err(RecordError::AlreadyExists(found)) if *found == key);
    assert_eq!((won, results.iter().filter(refused).count()), (1, 5), "{results:?}");
    assert_eq!(records.directory.list_users(None, 10).await.unwrap().len(), 1);
}

/// Inserts in a transaction of its own; again while others are in its way.
async fn insert(records: &Records, record: UserRecord) -> Result<(), RecordError> {
    loop {
        let inserted = records.try_write(|transaction| insert_in(transaction, record.clone())).await;
        if !matches!(inserted, Err(RecordError::Conflict(_))) {
            return inserted;
        }
    }
}

fn insert_in(transaction: &mut dyn Transaction, record: UserRecord) -> BoxFuture<'_, Result<(), RecordError>> {
    async move { transaction.users().insert(&record).await }.boxed()
}

/// The second user's fields, all of them, with the first one's id.
fn changed() -> UserRecord {
    let mut record = user(2);
    record.user.id = user_id(1);
    record.user.grants = grants(["other"]);
    record.password_hash = PasswordHash::new("$2b$10$other".to_owned());
    record.sealed_secret = SealedSecret::new(vec![0, 255, 0]);
    record
}

pub async fn an_update_writes_every_field_but_the_creation_time(records: &Records) {
    records.add_users([&user(1), &user(3)]).await;
    let mut transaction = records.begin().await;
    transaction.users().update(&changed()).await.unwrap();
    transaction.commit().await.unwrap();

    let mut expected = changed();
    assert_ne!(expected.user.created_at, user(1).user.created_at);
    expected.user.created_at = at(1);
    assert_eq!(records.directory.find_record(user_id(1)).await.unwrap(), Some(expected));
    assert_eq!(records.directory.find_record(user_id(3)).await.unwrap(), Some(user(3)));
}

pub async fn an_update_to_a_taken_email_or_access_key_is_refused(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    let mut with_email = user(1);
    with_email.user.email = user(2).user.email;
    let mut with_key = user(1);
    with_key.user.access_key = user(2).user.access_key;
    for (record, key) in [(with_email, UniqueKey::Email), (with_key, UniqueKey::AccessKey)] {
        let mut transaction = records.begin().await;
        let refused = transaction.users().update(&record).await;
        assert!(matches!(refused, Err(RecordError::AlreadyExists(found)) if found == key), "{refused:?}");
    }
    assert_eq!(records.directory.find_record(user_id(1)).await.unwrap(), Some(user(1)));
}

pub async fn an_update_of_a_missing_user_is_not_found(records: &Records) {
    let mut transaction = records.begin().await;
    let missing = transaction.users().update(&user(1)).await;
    assert!(matches!(missing, Err(RecordError::NotFound)), "{missing:?}");
}

pub async fn a_found_user_stays_as_it_is(records: &Records) {
    assert_kept(records, |transaction| transaction.users().find(user_id(1))).await;
}

pub async fn a_user_found_for_reading_stays_as_it_is(records: &Records) {
    assert_kept(records, |transaction| transaction.users().find_shared(user_id(1))).await;
}

pub async fn a_user_found_by_email_stays_as_it_is(records: &Records) {
    assert_kept(records, |transaction| {
        async move { transaction.users().find_by_email(&user(1).user.email).await }.boxed()
    })
    .await;
}

async fn assert_kept(
    records: &Records,
    find: impl for<'a> Fn(&'a mut dyn Transaction) -> BoxFuture<'a, Result<Option<UserRecord>, RecordError>>,
) {
    records.add_users([&user(1)]).await;
    let mut first = records.begin().await;
    let mut found = find(first.as_mut()).await.unwrap().unwrap();

    let second = second_writer(records, |transaction| change_grants(transaction).boxed()).await;
    found.user.token_epoch = 5;
    first.users().update(&found).await.unwrap();
    first.commit().await.unwrap();

    let second = second.end().await;
    let left = records.directory.find_user(user_id(1)).await.unwrap().unwrap();
    assert_eq!(left.token_epoch, 5);
    assert_eq!(left.grants == grants(["changed"]), second == Second::Wrote);
}

async fn change_grants(transaction: &mut dyn Transaction) -> Result<(), RecordError> {
    let mut found = transaction.users().find(user_id(1)).await?.ok_or(RecordError::NotFound)?;
    found.user.grants = grants(["changed"]);
    transaction.users().update(&found).await
}
