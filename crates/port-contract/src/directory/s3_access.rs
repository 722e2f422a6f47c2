use storage_hub_core::acl::{Access, GrantSet};
use storage_hub_core::domain::{
    BucketEntry, BucketId, BucketName, BucketState, CorsMethod, CorsRule, CorsRules, Timestamp, UserRecord,
};
use storage_hub_core::ports::{PrincipalRecord, RecordError, S3AccessRecord, S3BucketQuery, S3BucketRecord};

use crate::records::Records;
use crate::sample_records::{NOW, access_key, bucket, bucket_id, entry, grants, name, user, user_id};

/// The users of numbers 1 and 2; the first has the bucket `made`, which several grants open.
async fn add_made(records: &Records, state: BucketState) -> Vec<BucketEntry> {
    records.add_users([&user(1), &user(2)]).await;
    let entries = vec![
        entry("admin", Access::Manage, None),
        entry(&format!("author-{}", user_id(1)), Access::Manage, Some(3)),
        entry("größe", Access::Write, Some(0)),
        entry("it", Access::Write, None),
        entry("nobody", Access::Read, None),
        entry("public", Access::Read, None),
    ];
    records.add_bucket(&bucket(1, "made", &user(1), state), &entries).await;
    entries
}

fn principal(record: UserRecord) -> PrincipalRecord {
    PrincipalRecord { user: record.user, sealed_secret: record.sealed_secret }
}

/// The texts of the grants of the entries that were found.
fn found(record: &S3AccessRecord) -> Vec<String> {
    let entries = record.bucket.iter().flat_map(|found| &found.record.entries);
    entries.map(|entry| entry.grant.as_str().to_owned()).collect()
}

/// The entries are those of the user's own grants, its exclusive one, and `public`: all that a decision needs, and no more.
pub async fn s3_access_has_the_entries_that_the_subject_holds(records: &Records) {
    let entries = add_made(records, BucketState::Active).await;
    let directory = &records.directory;
    let asked = name("made");

    let record = directory.find_s3_access(Some(&user(1).user.access_key), Some(&asked), NOW).await.unwrap();
    let own = format!("author-{}", user_id(1));
    assert_eq!(found(&record), ["admin", own.as_str(), "größe", "public"]);
    let held: Vec<_> =
        entries.into_iter().filter(|entry| found(&record).contains(&entry.grant.as_str().to_owned())).collect();
    let whole = record.bucket.as_ref().unwrap();
    assert_eq!(whole.record.bucket, bucket(1, "made", &user(1), BucketState::Active));
    assert_eq!((&whole.record.owner_access_key, &whole.record.entries), (&user(1).user.access_key, &held));
    assert_eq!(whole.cors, None);
    assert_eq!(record.principal, Some(principal(user(1))));

    let record = directory.find_s3_access(Some(&user(2).user.access_key), Some(&asked), NOW).await.unwrap();
    assert_eq!((found(&record), record.principal), (texts(["admin", "größe", "public"]), Some(principal(user(2)))));
    for key in [None, Some(access_key("user_1-key"))] {
        let record = directory.find_s3_access(key.as_ref(), Some(&asked), NOW).await.unwrap();
        assert_eq!((found(&record), record.principal), (texts(["public"]), None));
    }
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

/// A missing user, a missing bucket, and questions without a key or a name.
pub async fn s3_access_without_a_key_or_a_bucket_finds_the_rest(records: &Records) {
    add_made(records, BucketState::Active).await;
    let directory = &records.directory;
    let key = user(1).user.access_key;
    for bucket in [None, Some(name("missing")), Some(name("mad")), Some(name("made1"))] {
        let record = directory.find_s3_access(Some(&key), bucket.as_ref(), NOW).await.unwrap();
        assert_eq!(record, S3AccessRecord { principal: Some(principal(user(1))), bucket: None });
        assert_eq!(directory.find_s3_access(None, bucket.as_ref(), NOW).await.unwrap(), S3AccessRecord::default());
    }
    // A bucket without any entry that the subject holds is found all the same.
    records.add_bucket(&bucket(2, "bare", &user(2), BucketState::Active), &[]).await;
    let record = directory.find_s3_access(None, Some(&name("bare")), NOW).await.unwrap();
    let bare = record.bucket.unwrap().record;
    assert_eq!((bare.bucket.id, bare.entries), (bucket_id(2), Vec::new()));
}

/// What is visible is for the use case to say.
pub async fn s3_access_finds_buckets_of_every_state(records: &Records) {
    records.add_users([&user(1)]).await;
    for (number, state) in (1..).zip(BucketState::ALL) {
        let made = bucket(number, &format!("bucket-{number}"), &user(1), state);
        records.add_bucket(&made, &[entry("public", Access::Read, None)]).await;
        let record = records.directory.find_s3_access(None, Some(&made.name), NOW).await.unwrap();
        assert_eq!(record.bucket.unwrap().record.bucket, made);
    }
}

fn rules(origin: &str) -> CorsRules {
    let text = |text: &str| vec![text.to_owned()];
    let rule = CorsRule {
        id: Some("größe \"1\"".to_owned()),
        allowed_origins: text(origin),
        allowed_methods: CorsMethod::ALL.to_vec(),
        allowed_headers: text("x-amz-*"),
        expose_headers: text("ETag"),
        max_age_seconds: Some(u32::MAX),
    };
    CorsRules::new(vec![rule]).unwrap()
}

async fn update_cors(records: &Records, id: BucketId, rules: Option<&CorsRules>) -> Result<(), RecordError> {
    let mut transaction = records.begin().await;
    transaction.buckets().update_cors(id, rules).await?;
    transaction.commit().await
}

/// They are written over, removed, and go with their bucket; other buckets keep theirs.
pub async fn cors_rules_come_back_as_they_were_written(records: &Records) {
    add_made(records, BucketState::Active).await;
    records.add_bucket(&bucket(2, "other", &user(2), BucketState::Active), &[]).await;
    let read = async |bucket: &str| {
        let record = records.directory.find_s3_access(None, Some(&name(bucket)), NOW).await.unwrap();
        record.bucket.and_then(|found: S3BucketRecord| found.cors)
    };
    update_cors(records, bucket_id(2), Some(&rules("https://other.example"))).await.unwrap();
    for origin in ["https://*.example", "*"] {
        update_cors(records, bucket_id(1), Some(&rules(origin))).await.unwrap();
        assert_eq!(read("made").await, Some(rules(origin)));
    }
    update_cors(records, bucket_id(1), None).await.unwrap();
    assert_eq!((read("made").await, read("other").await), (None, Some(rules("https://other.example"))));
    let missing = update_cors(records, bucket_id(9), None).await;
    assert!(matches!(missing, Err(RecordError::NotFound)), "{missing:?}");

    let mut transaction = records.begin().await;
    transaction.buckets().delete(bucket_id(2)).await.unwrap();
    transaction.buckets().insert(&bucket(3, "other", &user(1), BucketState::Active), &[]).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(read("other").await, None);
}

async fn listed(records: &Records, query: &S3BucketQuery) -> Vec<(BucketName, Timestamp)> {
    records.directory.list_s3_buckets(query).await.unwrap()
}

fn all() -> S3BucketQuery {
    S3BucketQuery { grants: None, prefix: String::new(), after: None, limit: 100 }
}

/// By grants, prefix, start and number, in byte order, with the moments of their creation.
pub async fn s3_buckets_are_listed_by_every_condition(records: &Records) {
    super::add_ordered(records).await;
    records.add_bucket(&bucket(20, "zoo", &user(2), BucketState::Active), &[entry("it", Access::Read, None)]).await;
    records
        .add_bucket(&bucket(21, "zoo-made", &user(2), BucketState::Creating), &[entry("it", Access::Read, None)])
        .await;
    let everything = listed(records, &all()).await;
    let names: Vec<_> = everything.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [&super::ORDERED[..], &["zoo"]].concat());
    assert_eq!(everything.last(), Some(&(name("zoo"), bucket(20, "zoo", &user(2), BucketState::Active).created_at)));

    let names = async |query: S3BucketQuery| {
        listed(records, &query).await.into_iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>()
    };
    let of = |grants: GrantSet| S3BucketQuery { grants: Some(grants), ..all() };
    assert_eq!(names(of(grants(["team", "crew"]))).await, super::ORDERED);
    assert_eq!(names(of(grants(["it", "none"]))).await, ["zoo"]);
    assert_eq!(names(of(GrantSet::default())).await, Vec::<String>::new());
    for grants in [None, Some(grants(["team"]))] {
        let query = S3BucketQuery { grants, ..all() };
        assert_eq!(names(S3BucketQuery { prefix: "a".into(), ..query.clone() }).await, super::ORDERED[1..]);
        assert_eq!(names(S3BucketQuery { prefix: "ab".into(), ..query.clone() }).await, ["ab-c", "abc"]);
        assert_eq!(names(S3BucketQuery { prefix: "a_".into(), ..query.clone() }).await, Vec::<String>::new());
        assert_eq!(names(S3BucketQuery { limit: 2, ..query.clone() }).await, super::ORDERED[..2]);
        let after = Some(name("a.b"));
        let rest = S3BucketQuery { prefix: "a".into(), after, limit: 3, ..query };
        assert_eq!(names(rest).await, ["a1b", "aab", "ab-c"]);
    }
}
