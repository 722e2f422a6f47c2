use super::{S3Access, S3Bucket, S3Caller, S3Fault, S3UseCases};
use crate::domain::{AccessKey, BucketName};
use crate::ports::{PrincipalRecord, S3AccessRecord};
use crate::use_cases::admission::Actor;

impl S3UseCases {
    /// Reads the user of an access key (`None`: an anonymous request) and the bucket that the request names, in one
    /// snapshot. A key that cannot be one, that nobody has, or whose user is disabled gives no caller.
    ///
    /// # Errors
    /// [`S3Fault`]; the request must then be refused.
    pub async fn authenticate(
        &self,
        access_key: Option<&str>,
        bucket: Option<&BucketName>,
    ) -> Result<S3Access, S3Fault> {
        let key = access_key.and_then(|key| AccessKey::parse(key).ok());
        self.read_access(key, bucket.cloned()).await
    }

    pub(super) async fn read_access(
        &self,
        key: Option<AccessKey>,
        name: Option<BucketName>,
    ) -> Result<S3Access, S3Fault> {
        let now = self.ports.clock.now();
        let S3AccessRecord { principal, bucket } =
            self.ports.directory.find_s3_access(key.as_ref(), name.as_ref(), now).await?;
        let caller = match (&key, principal) {
            (Some(key), Some(principal)) => self.admit(key, principal)?,
            _ => None,
        };
        let bucket = bucket
            .filter(|found| found.record.bucket.state.is_visible())
            .map(|found| S3Bucket { record: found.record, cors: found.cors });
        Ok(S3Access { caller, bucket, key, name })
    }

    fn admit(&self, access_key: &AccessKey, principal: PrincipalRecord) -> Result<Option<S3Caller>, S3Fault> {
        let actor = Actor::AccessKey { claimed_user: principal.user.id, access_key: access_key.clone() };
        let Ok(user) = actor.admit(Some(principal.user)) else { return Ok(None) };
        let secret_key = self.ports.vault.open(user.id, &principal.sealed_secret)?;
        Ok(Some(S3Caller { access_key: access_key.clone(), secret_key, subject: user.subject(), user }))
    }
}
