//! Authentication and authorization for the S3 endpoint that runs in this process.

use std::sync::Arc;

use crate::acl::{Access, Subject, authorize};
use crate::decision_metrics::{Decisions, Outcome, Surface};
use crate::domain::{AccessKey, BucketName, SecretKey};
use crate::ports::{Directory, RecordError, SecretVault, VaultError};
use crate::s3_action::{Rule, S3Action};
use crate::use_cases::admission::{ActiveUser, Actor};

/// Tells an S3 endpoint in this process whose access key a request names and what that user may do. It decides from the
/// records as they are at that moment; nothing is cached.
#[derive(Clone)]
pub struct S3Gate {
    directory: Arc<dyn Directory>,
    vault: Arc<dyn SecretVault>,
    decisions: Arc<Decisions>,
}

/// The user whose access key a request names, admitted before its signature is verified.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The access key that the request names.
    pub access_key: AccessKey,
    /// The secret key that the signature must have been made with.
    pub secret_key: SecretKey,
    user: ActiveUser,
    subject: Subject,
}

/// The buckets that a caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisibleBuckets {
    /// Every bucket of the store, including foreign ones.
    All,
    /// These, in byte order.
    Only(Vec<BucketName>),
}

/// Why a decision failed. A failed decision denies access.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The records could not be read.
    #[error("could not read the records")]
    Records(#[from] RecordError),
    /// The secret key of the user could not be decrypted.
    #[error("could not decrypt a secret key")]
    Secret(#[from] VaultError),
}

impl S3Gate {
    /// Creates a gate that decides from these records and decrypts secret keys with this vault.
    #[must_use]
    pub fn new(directory: Arc<dyn Directory>, vault: Arc<dyn SecretVault>) -> Self {
        Self { directory, vault, decisions: Arc::default() }
    }

    /// Counts the gate's decisions here.
    #[must_use]
    pub fn counted_in(self, decisions: Arc<Decisions>) -> Self {
        Self { decisions, ..self }
    }

    /// Finds the user with this access key; `None` if there is none, or it is disabled.
    ///
    /// # Errors
    /// [`GateError`]; the request must then be refused.
    pub async fn identify(&self, access_key: &str) -> Result<Option<Caller>, GateError> {
        let Ok(access_key) = AccessKey::parse(access_key) else { return Ok(None) };
        let Some(principal) = self.directory.find_principal(&access_key).await? else { return Ok(None) };
        let actor = Actor::AccessKey { claimed_user: principal.user.id, access_key: access_key.clone() };
        let Ok(user) = actor.admit(Some(principal.user)) else { return Ok(None) };
        let secret_key = self.vault.open(user.id, &principal.sealed_secret)?;
        Ok(Some(Caller { access_key, secret_key, subject: user.subject(), user }))
    }

    /// Decides again what [`allows`](Self::allows) allowed when the request began, from the records as they are now.
    ///
    /// This is for a request whose body has arrived in the meantime: its user may have been disabled, its secret key
    /// rotated, or its access revoked.
    ///
    /// # Errors
    /// [`GateError`]; the request must then be refused.
    pub async fn still_allows(
        &self,
        caller: Option<&Caller>,
        action: S3Action,
        bucket: &BucketName,
    ) -> Result<bool, GateError> {
        let Some(before) = caller else { return self.allows(None, action, bucket).await };
        match self.identify(before.access_key.as_str()).await? {
            Some(now) if now.user.id == before.user.id && now.secret_key == before.secret_key => {
                self.allows(Some(&now), action, bucket).await
            }
            _ => {
                self.decisions.count(Surface::S3, action.rule(), Outcome::of(false));
                Ok(false)
            }
        }
    }

    /// Whether a caller (`None`: anonymous) may perform this action in the bucket with this name.
    ///
    /// # Errors
    /// [`GateError`]; the request must then be refused.
    pub async fn allows(
        &self,
        caller: Option<&Caller>,
        action: S3Action,
        bucket: &BucketName,
    ) -> Result<bool, GateError> {
        let Rule::Access(wanted) = action.rule() else { return Ok(self.allows_anywhere(caller, action)) };
        let decided = self.decide(caller, wanted, bucket).await;
        let outcome = decided.as_ref().map_or(Outcome::Failed, |allowed| Outcome::of(*allowed));
        self.decisions.count(Surface::S3, action.rule(), outcome);
        decided
    }

    /// Whether a caller (`None`: anonymous) may perform this action in any bucket, or without one.
    #[must_use]
    pub fn allows_anywhere(&self, caller: Option<&Caller>, action: S3Action) -> bool {
        let allowed = match action.rule() {
            Rule::Hub | Rule::Owner | Rule::Access(_) => false,
            Rule::SignedIn => caller.is_some(),
        };
        self.decisions.count(Surface::S3, action.rule(), Outcome::of(allowed));
        allowed
    }

    async fn decide(&self, caller: Option<&Caller>, wanted: Access, bucket: &BucketName) -> Result<bool, GateError> {
        if caller.is_some_and(|caller| caller.user.is_admin()) {
            return Ok(true);
        }
        let Some(record) = self.directory.find_bucket(bucket).await? else { return Ok(false) };
        let nobody = Subject::anonymous();
        let subject = caller.map_or(&nobody, |caller| &caller.subject);
        Ok(authorize(subject, &record.access_entries(), wanted).is_allowed())
    }

    /// Lists the buckets that a caller may see.
    ///
    /// # Errors
    /// [`GateError`]; the request must then be refused.
    pub async fn visible_buckets(&self, caller: &Caller) -> Result<VisibleBuckets, GateError> {
        if caller.user.is_admin() {
            return Ok(VisibleBuckets::All);
        }
        Ok(VisibleBuckets::Only(self.directory.list_names_by_grants(caller.subject.grants()).await?))
    }
}
