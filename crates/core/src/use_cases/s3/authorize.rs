use super::{S3Access, S3Bucket, S3Caller, S3Refusal, S3UseCases};
use crate::acl::{Subject, authorize};
use crate::decision_metrics::{Outcome, Surface};
use crate::domain::BucketRef;
use crate::s3_action::{Rule, S3Action};

impl S3UseCases {
    /// Decides whether the caller may perform an action in the bucket that was read with it. Anonymous callers are denied
    /// whether there is such a bucket or not.
    ///
    /// # Errors
    /// [`S3Refusal`].
    pub fn authorize(&self, access: &S3Access, action: S3Action) -> Result<BucketRef, S3Refusal> {
        let decided = decide(access, action);
        self.count(action, Outcome::of(decided.is_ok()));
        decided
    }

    /// Decides whether the caller may perform an action that concerns no bucket, or one that does not exist yet.
    ///
    /// # Errors
    /// [`S3Refusal::Denied`].
    pub fn authorize_service(&self, access: &S3Access, action: S3Action) -> Result<(), S3Refusal> {
        let allowed = access.caller.is_some() && action.rule() == Rule::SignedIn;
        self.count(action, Outcome::of(allowed));
        if allowed { Ok(()) } else { Err(S3Refusal::Denied) }
    }

    pub(super) fn count(&self, action: S3Action, outcome: Outcome) {
        self.ports.decisions.count(Surface::S3, action.rule(), outcome);
    }
}

pub(super) fn decide(access: &S3Access, action: S3Action) -> Result<BucketRef, S3Refusal> {
    let bucket = match (&access.bucket, &access.caller) {
        (Some(bucket), _) => bucket,
        (None, Some(_)) => return Err(S3Refusal::NoSuchBucket),
        (None, None) => return Err(S3Refusal::Denied),
    };
    if gives(bucket, access.caller.as_ref(), action) { Ok(bucket.reference()) } else { Err(S3Refusal::Denied) }
}

fn gives(bucket: &S3Bucket, caller: Option<&S3Caller>, action: S3Action) -> bool {
    match action.rule() {
        Rule::Access(wanted) => {
            let anonymous = Subject::anonymous();
            let subject = caller.map_or(&anonymous, |caller| &caller.subject);
            authorize(subject, &bucket.record.entries_for(action), wanted).is_allowed()
        }
        Rule::Owner => caller.is_some_and(|caller| bucket.record.bucket.is_controlled_by(&caller.user)),
        Rule::SignedIn | Rule::Hub => false,
    }
}
