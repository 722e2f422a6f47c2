use super::authorize::decide;
use super::{S3Access, S3Fault, S3Refusal, S3UseCases};
use crate::decision_metrics::Outcome;
use crate::domain::BucketRef;
use crate::s3_action::S3Action;

impl S3UseCases {
    /// Reads again what [`authenticate`](Self::authenticate) read when the request began, and decides again: meanwhile the
    /// user may have been disabled, the secret key rotated, the access revoked, or the bucket deleted and its name taken
    /// by another.
    ///
    /// # Errors
    /// [`S3Fault`]; the request must then be refused. The inner error is the refusal.
    pub async fn reauthorize(
        &self,
        before: &S3Access,
        action: S3Action,
    ) -> Result<Result<BucketRef, S3Refusal>, S3Fault> {
        let now = match self.read_access(before.key.clone(), before.name.clone()).await {
            Ok(now) => now,
            Err(fault) => {
                self.count(action, Outcome::Failed);
                return Err(fault);
            }
        };
        let decided = compare(before, &now).and_then(|()| decide(&now, action));
        self.count(action, Outcome::of(decided.is_ok()));
        Ok(decided)
    }
}

/// Checks that the caller and the bucket are still the same.
fn compare(before: &S3Access, now: &S3Access) -> Result<(), S3Refusal> {
    let same_caller = match (&before.caller, &now.caller) {
        (None, None) => true,
        // A rotation revokes what was signed with the secret before it.
        (Some(before), Some(now)) => before.user.id == now.user.id && before.secret_key == now.secret_key,
        _ => false,
    };
    if !same_caller {
        return Err(S3Refusal::Denied);
    }
    let id = |access: &S3Access| access.bucket.as_ref().map(|bucket| bucket.record.bucket.id);
    match (id(before), id(now), &now.caller) {
        // The bucket that has the name now is another one, about which the request says nothing.
        (before, Some(now), Some(_)) if before != Some(now) => Err(S3Refusal::NoSuchBucket),
        (before, Some(now), None) if before != Some(now) => Err(S3Refusal::Denied),
        _ => Ok(()),
    }
}
