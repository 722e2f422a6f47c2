//! Which parts are taken for one installation.

use futures::executor::block_on;
use storage_hub_core::domain::{HubId, Installation, StoreId, StoreKind};
use storage_hub_core::policy::{PolicyName, PolicyPrefix, admin_policy};
use storage_hub_core::ports::{
    EmbeddedState, HubFile, HubFileState, IndexState, MigrationState, PrincipalStore as _, RecordsContents, StoreMark,
    StoreMarker as _, UnitOfWork as _,
};
use storage_hub_core::testing::{InMemoryRecords, InMemoryStore};
use storage_hub_core::use_cases::installation::{
    ClaimError, Found, InstallationFault, Place, Start, Verified, adopt, check_unclaimed, claim_store, record_start,
    verify,
};
use uuid::Uuid;

const HUB: HubId = HubId::new(Uuid::from_u128(1));
const OTHER: HubId = HubId::new(Uuid::from_u128(2));

fn installation(hub_id: HubId, starts: i64) -> Installation {
    let store_id = StoreId::new(hub_id.uuid());
    let store_kind = StoreKind::Embedded;
    Installation { hub_id, starts, store_kind, store_id, store_claimed: false, policy_revision: 0 }
}

/// The parts of an installation on the embedded store, as a start changes them one after the other.
#[derive(Clone, Debug)]
struct Parts {
    file: HubFileState,
    index: IndexState,
    records: RecordsContents,
    has_vault_key: bool,
}

impl Parts {
    const NOTHING: Self = Self {
        file: HubFileState::Missing,
        index: IndexState::Missing,
        records: RecordsContents::Empty,
        has_vault_key: false,
    };

    fn verify(&self) -> Result<Verified, InstallationFault> {
        let (index, hub_file) = (self.index, self.file.clone());
        let embedded = EmbeddedState { migrations: MigrationState::default(), index, hub_file, has_blobs: false };
        let (records, has_vault_key) = (self.records.clone(), self.has_vault_key);
        verify(&Found { store_kind: StoreKind::Embedded, records, has_vault_key, embedded: Some(embedded) })
    }

    /// A start that ends after this number of steps; five are all of them.
    fn start(&mut self, steps: usize) {
        let verified = self.verify().unwrap_or_else(|fault| panic!("{self:?}: {fault}"));
        let (hub_id, starts) = (verified.hub_id.unwrap_or(HUB), verified.starts + 1);
        let changes: [&dyn Fn(&mut Self); 5] = [
            &|parts| parts.file = HubFileState::Found(HubFile { hub_id, starts, starting: true }),
            &|parts| parts.index = IndexState::Identified { hub_id, starts },
            &|parts| parts.records = RecordsContents::Identified(installation(hub_id, starts)),
            &|parts| parts.file = HubFileState::Found(HubFile { hub_id, starts, starting: false }),
            &|parts| parts.has_vault_key = true,
        ];
        changes.iter().take(steps).for_each(|change| change(self));
    }
}

#[test]
fn a_start_that_ends_anywhere_is_followed_by_one_that_is_not_refused() {
    let upgraded = Parts {
        index: IndexState::Unidentified,
        records: RecordsContents::Unidentified { has_buckets: true },
        has_vault_key: true,
        ..Parts::NOTHING
    };
    let unused = Parts {
        index: IndexState::Empty,
        records: RecordsContents::Unidentified { has_buckets: false },
        has_vault_key: true,
        ..Parts::NOTHING
    };
    for before in [Parts::NOTHING, upgraded, unused] {
        for (first, second, third) in (0..216).map(|n| (n % 6, n / 6 % 6, n / 36)) {
            let mut parts = before.clone();
            [first, second, third, 5].into_iter().for_each(|steps| parts.start(steps));
            let complete = parts.verify().unwrap();
            assert_eq!(complete.hub_id, Some(HUB));
            let ended = [first, second, third, 5].into_iter().filter(|steps| *steps >= 4).count();
            assert_eq!(complete.starts, i64::try_from(ended).unwrap(), "a start that ended early counts with the next");
        }
    }
}

#[test]
fn any_part_from_before_the_last_start_is_refused() {
    let mut older = Parts::NOTHING;
    older.start(5);
    for starts_between in 1..4 {
        let mut newer = older.clone();
        (0..starts_between).for_each(|_| newer.start(5));
        // Every choice of older parts but none and all.
        for choice in 1..7_u8 {
            let mut mixed = newer.clone();
            if choice & 1 > 0 {
                mixed.file = older.file.clone();
            }
            if choice & 2 > 0 {
                mixed.index = older.index;
            }
            if choice & 4 > 0 {
                mixed.records = older.records.clone();
            }
            let refused = mixed.verify();
            assert!(matches!(refused, Err(InstallationFault::Older { .. })), "{choice}: {refused:?}");
        }
    }
}

#[test]
fn a_restored_part_is_refused_even_while_a_start_is_announced() {
    let mut parts = Parts::NOTHING;
    (0..3).for_each(|_| parts.start(5));
    let older = parts.clone();
    parts.start(5);
    parts.start(3);
    let mut with_index = parts.clone();
    with_index.index = older.index;
    assert!(matches!(with_index.verify(), Err(InstallationFault::Older { place: Place::Index, .. })));
    parts.records = older.records;
    assert!(matches!(parts.verify(), Err(InstallationFault::Older { place: Place::Records, counted: 3, expected: 5 })));
}

#[test]
fn each_part_that_is_missing_or_anothers_is_refused() {
    let mut whole = Parts::NOTHING;
    whole.start(5);
    let other_file = HubFile { hub_id: OTHER, starts: 1, starting: false };
    let table: Vec<(Parts, InstallationFault)> = vec![
        (Parts { index: IndexState::Missing, ..whole.clone() }, InstallationFault::IndexMissing),
        (Parts { index: IndexState::Empty, ..whole.clone() }, InstallationFault::IndexEmpty),
        (Parts { index: IndexState::Unidentified, ..whole.clone() }, InstallationFault::IndexWithoutId(HUB)),
        (
            Parts { index: IndexState::Identified { hub_id: OTHER, starts: 1 }, ..whole.clone() },
            InstallationFault::OtherHub { place: Place::Index, found: OTHER, recorded: HUB },
        ),
        (Parts { file: HubFileState::Missing, ..whole.clone() }, InstallationFault::HubFileMissing),
        (
            Parts { file: HubFileState::Damaged("why".to_owned()), ..whole.clone() },
            InstallationFault::HubFileDamaged("why".to_owned()),
        ),
        (
            Parts { file: HubFileState::Found(other_file), ..whole.clone() },
            InstallationFault::OtherHub { place: Place::HubFile, found: OTHER, recorded: HUB },
        ),
        (Parts { records: RecordsContents::Empty, ..whole.clone() }, InstallationFault::VaultKeyWithoutRecords),
        (
            Parts { records: RecordsContents::Empty, has_vault_key: false, ..whole.clone() },
            InstallationFault::RecordsMissing(Place::HubFile),
        ),
        (Parts { has_vault_key: true, ..Parts::NOTHING }, InstallationFault::VaultKeyWithoutRecords),
        (Parts { index: IndexState::Unidentified, ..Parts::NOTHING }, InstallationFault::RecordsMissing(Place::Index)),
        (
            Parts { records: RecordsContents::Unidentified { has_buckets: true }, ..whole.clone() },
            InstallationFault::RecordsWithoutId { place: Place::HubFile, hub_id: HUB },
        ),
        (
            Parts { records: RecordsContents::Unidentified { has_buckets: true }, ..Parts::NOTHING },
            InstallationFault::IndexMissing,
        ),
    ];
    for (parts, fault) in table {
        assert_eq!(parts.verify(), Err(fault), "{parts:?}");
    }
}

#[test]
fn files_of_objects_without_an_index_are_refused_whatever_else_is_there() {
    for index in [IndexState::Missing, IndexState::Empty] {
        let embedded = EmbeddedState {
            migrations: MigrationState::default(),
            index,
            hub_file: HubFileState::Missing,
            has_blobs: true,
        };
        for records in [RecordsContents::Empty, RecordsContents::Unidentified { has_buckets: false }] {
            let (store_kind, embedded) = (StoreKind::Embedded, Some(embedded.clone()));
            let refused = verify(&Found { store_kind, records, has_vault_key: false, embedded });
            assert!(matches!(refused, Err(InstallationFault::IndexMissing | InstallationFault::IndexEmpty)));
        }
    }
}

#[test]
fn another_kind_of_store_is_refused() {
    let records = RecordsContents::Identified(installation(HUB, 1));
    let found = Found { store_kind: StoreKind::Minio, records, has_vault_key: true, embedded: None };
    let (recorded, configured) = (StoreKind::Embedded, StoreKind::Minio);
    assert_eq!(verify(&found), Err(InstallationFault::StoreKind { recorded, configured }));
}

fn start(number: u128) -> Start {
    let id = Uuid::from_u128(number);
    Start { hub_id: HubId::new(id), number: None, store_kind: StoreKind::Minio, store_id: StoreId::new(id) }
}

fn recorded(records: &InMemoryRecords) -> Installation {
    let mut transaction = block_on(records.begin()).unwrap();
    block_on(transaction.installation().find()).unwrap().unwrap()
}

#[test]
fn the_first_start_gives_the_identity_and_later_ones_count() {
    let records = InMemoryRecords::new();
    block_on(record_start(&records, &start(1))).unwrap();
    let second = block_on(record_start(&records, &start(2))).unwrap();
    assert_eq!((second.hub_id, second.store_id, second.starts), (HUB, StoreId::new(Uuid::from_u128(1)), 2));
    assert_eq!(recorded(&records), second);
}

#[test]
fn a_store_is_marked_once_and_then_compared() {
    let (records, store, prefix) = (InMemoryRecords::new(), InMemoryStore::new(), PolicyPrefix::parse("hub").unwrap());
    block_on(record_start(&records, &start(1))).unwrap();
    let claim = || block_on(claim_store(&records, &store, &prefix));
    // The answer is lost, or the process ends before it is noted: the same again.
    store.lose_next_answers_of(storage_hub_core::testing::StoreCall::PutMark, 1);
    assert!(matches!(claim(), Err(ClaimError::Store(_))));
    assert!(!recorded(&records).store_claimed);
    claim().unwrap();
    assert!(recorded(&records).store_claimed);
    claim().unwrap();

    let mark = block_on(store.find_mark(&prefix)).unwrap().unwrap();
    let put = |mark: StoreMark| block_on(store.put_mark(&prefix, &mark)).unwrap();
    put(StoreMark { hub_id: OTHER, ..mark });
    assert!(matches!(claim(), Err(ClaimError::Fault(InstallationFault::OtherHub { found: OTHER, .. }))));
    put(StoreMark { store_id: StoreId::new(Uuid::from_u128(9)), ..mark });
    assert!(matches!(claim(), Err(ClaimError::Fault(InstallationFault::OtherStore(HUB)))));
    put(mark);
    claim().unwrap();
    let empty = InMemoryStore::new();
    let missing = block_on(claim_store(&records, &empty, &prefix));
    assert!(matches!(missing, Err(ClaimError::Fault(InstallationFault::MarkMissing(HUB)))));
    assert_eq!(block_on(empty.find_mark(&prefix)).unwrap(), None, "nothing was written");

    let adopted = block_on(adopt(&records, &start(7))).unwrap();
    assert_eq!((adopted.hub_id, adopted.store_claimed, adopted.starts), (HUB, false, 2));
    block_on(claim_store(&records, &empty, &prefix)).unwrap();
}

#[test]
fn a_store_that_a_hub_has_used_is_not_for_empty_records() {
    let (store, prefix) = (InMemoryStore::new(), PolicyPrefix::parse("hub").unwrap());
    let check = || block_on(check_unclaimed(&store, Some(&store), &prefix));
    check().unwrap();
    block_on(store.put_policy(&PolicyName::admin(&prefix), &admin_policy())).unwrap();
    assert!(matches!(check(), Err(ClaimError::Fault(InstallationFault::RecordsMissing(Place::Store)))));
    block_on(store.delete_policy(&PolicyName::admin(&prefix))).unwrap();
    check().unwrap();
    let mark = StoreMark { hub_id: HUB, store_id: StoreId::new(Uuid::from_u128(1)) };
    block_on(store.put_mark(&prefix, &mark)).unwrap();
    assert!(matches!(check(), Err(ClaimError::Fault(InstallationFault::RecordsMissing(Place::Store)))));
}
