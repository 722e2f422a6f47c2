use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::SecretKey;
use crate::policy::PolicyDocument;
use crate::ports::{StoreError, StoreMark};

mod evaluation;
mod object_store;
mod principal_store;
mod store_marker;

/// A store in memory: buckets with their objects and policies, principals, and the principals' policies. It behaves as MinIO
/// does, and passes the same contract suites.
///
/// Tests can make it unavailable, let calls fail before or after they had their effect, count calls, and ask what a
/// principal may do ([`allows`](Self::allows)).
#[derive(Debug, Default)]
pub struct InMemoryStore {
    state: Mutex<State>,
}

/// A call of the store's ports, to be counted or to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreCall {
    /// `ObjectStore::ping`
    Ping,
    /// `ObjectStore::find_bucket`
    FindBucket,
    /// `ObjectStore::create_bucket`
    CreateBucket,
    /// `ObjectStore::delete_bucket`
    DeleteBucket,
    /// `ObjectStore::list_buckets`
    ListBuckets,
    /// `ObjectStore::put_bucket_policy`
    PutBucketPolicy,
    /// `ObjectStore::find_bucket_policy`
    FindBucketPolicy,
    /// `ObjectStore::put_object`
    PutObject,
    /// `ObjectStore::get_object`
    GetObject,
    /// `ObjectStore::delete_object`
    DeleteObject,
    /// `ObjectStore::delete_versions`
    DeleteVersions,
    /// `ObjectStore::name_reservation`
    NameReservation,
    /// `PrincipalStore::put_principal`
    PutPrincipal,
    /// `PrincipalStore::revoke_sessions`
    RevokeSessions,
    /// `PrincipalStore::delete_principal`
    DeletePrincipal,
    /// `PrincipalStore::find_principal`
    FindPrincipal,
    /// `PrincipalStore::accepts`
    Accepts,
    /// `PrincipalStore::put_policy`
    PutPolicy,
    /// `PrincipalStore::find_policy`
    FindPolicy,
    /// `PrincipalStore::delete_policy`
    DeletePolicy,
    /// `PrincipalStore::list_principals`
    ListPrincipals,
    /// `StoreMarker::find_mark`
    FindMark,
    /// `StoreMarker::put_mark`
    PutMark,
}

#[derive(Debug, Default)]
struct State {
    buckets: BTreeMap<String, StoredBucket>,
    principals: BTreeMap<String, StoredPrincipal>,
    policies: BTreeMap<String, PolicyDocument>,
    marks: BTreeMap<String, StoreMark>,
    calls: BTreeMap<StoreCall, usize>,
    away: bool,
    failures: Vec<Failure>,
    name_reservation: Duration,
}

#[derive(Debug, Default)]
struct StoredBucket {
    policy: Option<PolicyDocument>,
    objects: BTreeMap<String, Vec<u8>>,
    /// The keys of unfinished uploads.
    uploads: Vec<String>,
}

#[derive(Debug)]
struct StoredPrincipal {
    secret_key: SecretKey,
    enabled: bool,
    policies: BTreeSet<String>,
    sessions_revoked: usize,
}

/// A call that must fail, and whether it has its effect all the same.
#[derive(Clone, Copy, Debug)]
struct Failure {
    only: Option<StoreCall>,
    carried_out: bool,
}

impl InMemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the store unavailable (every call fails with [`StoreError::Unavailable`]) or available again, unchanged.
    pub fn set_available(&self, available: bool) {
        self.lock().away = !available;
    }

    /// Lets the next calls of any kind fail without effect.
    pub fn fail_next(&self, calls: usize) {
        self.add_failures(calls, Failure { only: None, carried_out: false });
    }

    /// Lets the next calls of one kind fail without effect.
    pub fn fail_next_of(&self, call: StoreCall, calls: usize) {
        self.add_failures(calls, Failure { only: Some(call), carried_out: false });
    }

    /// Lets the next calls of one kind fail although they have their effect.
    pub fn lose_next_answers_of(&self, call: StoreCall, calls: usize) {
        self.add_failures(calls, Failure { only: Some(call), carried_out: true });
    }

    /// Sets how long a released name is reserved; initially zero.
    pub fn set_name_reservation(&self, reservation: Duration) {
        self.lock().name_reservation = reservation;
    }

    /// Starts an upload in a bucket and leaves it unfinished. Does nothing if there is no such bucket.
    pub fn begin_upload(&self, bucket: &str, key: &str) {
        if let Some(bucket) = self.lock().buckets.get_mut(bucket) {
            bucket.uploads.push(key.to_owned());
        }
    }

    /// The keys of the unfinished uploads of a bucket.
    #[must_use]
    pub fn uploads(&self, bucket: &str) -> Vec<String> {
        self.lock().buckets.get(bucket).map(|bucket| bucket.uploads.clone()).unwrap_or_default()
    }

    /// The number of calls of one kind, including the failed ones.
    #[must_use]
    pub fn calls(&self, call: StoreCall) -> usize {
        self.lock().calls.get(&call).copied().unwrap_or_default()
    }

    /// The number of calls, including the failed ones.
    #[must_use]
    pub fn total_calls(&self) -> usize {
        self.lock().calls.values().sum()
    }

    /// How often the temporary credentials of a principal were revoked.
    #[must_use]
    pub fn sessions_revoked(&self, access_key: &str) -> usize {
        self.lock().principals.get(access_key).map_or(0, |principal| principal.sessions_revoked)
    }

    /// Whether a request for an action (`s3:GetObject`) on a resource (`arn:aws:s3:::bucket` or
    /// `arn:aws:s3:::bucket/key`) that is signed with these credentials would be allowed: they are valid, the principal is
    /// enabled, and its policies allow it and do not deny it.
    #[must_use]
    pub fn allows(&self, access_key: &str, secret_key: &str, action: &str, resource: &str) -> bool {
        let state = self.lock();
        let Some(principal) = state.principals.get(access_key) else { return false };
        let documents = principal.policies.iter().filter_map(|name| state.policies.get(name));
        principal.enabled
            && principal.secret_key.expose() == secret_key
            && evaluation::allows(documents, action, resource)
    }

    /// Counts a call and performs it, unless it must fail.
    fn call<T>(
        &self,
        call: StoreCall,
        carry_out: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = self.lock();
        *state.calls.entry(call).or_default() += 1;
        if state.away {
            return Err(unavailable("the store was taken away"));
        }
        let failure = state.failures.iter().position(|failure| failure.only.is_none_or(|only| only == call));
        match failure.map(|index| state.failures.remove(index)) {
            None => carry_out(&mut state),
            Some(Failure { carried_out: false, .. }) => Err(unavailable("the call was to fail")),
            Some(Failure { carried_out: true, .. }) => {
                carry_out(&mut state)?;
                Err(unavailable("the answer was to be lost"))
            }
        }
    }

    fn add_failures(&self, calls: usize, failure: Failure) {
        self.lock().failures.extend(std::iter::repeat_n(failure, calls));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable(why.into())
}
