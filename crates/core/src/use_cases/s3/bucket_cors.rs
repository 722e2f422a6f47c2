use super::{S3Caller, S3Fault, S3UseCases};
use crate::domain::{BucketName, BucketRef, CorsRules};
use crate::s3_action::S3Action;
use crate::use_cases::buckets::{BucketError, check_action};
use crate::use_cases::retry::retrying;

impl S3UseCases {
    /// Finds the CORS rules of the bucket with this name, for a preflight: `None` when there are none, or no such bucket.
    ///
    /// # Errors
    /// [`S3Fault`].
    pub async fn find_cors(&self, bucket: &BucketName) -> Result<Option<CorsRules>, S3Fault> {
        Ok(self.read_access(None, Some(bucket.clone())).await?.bucket.and_then(|bucket| bucket.cors))
    }

    /// Replaces the CORS rules of a bucket that the caller may manage.
    ///
    /// # Errors
    /// [`BucketError::NotFound`] when there is no bucket with this id any more; [`BucketError::Forbidden`];
    /// [`BucketError::Session`]; [`BucketError::Fault`].
    pub async fn put_cors(&self, caller: &S3Caller, bucket: &BucketRef, rules: &CorsRules) -> Result<(), BucketError> {
        self.write_cors(caller, bucket, Some(rules), S3Action::PutBucketCors).await
    }

    /// Deletes the CORS rules of a bucket that the caller may manage. Succeeds if it has none.
    ///
    /// # Errors
    /// As [`put_cors`](Self::put_cors).
    pub async fn delete_cors(&self, caller: &S3Caller, bucket: &BucketRef) -> Result<(), BucketError> {
        self.write_cors(caller, bucket, None, S3Action::DeleteBucketCors).await
    }

    async fn write_cors(
        &self,
        caller: &S3Caller,
        bucket: &BucketRef,
        rules: Option<&CorsRules>,
        action: S3Action,
    ) -> Result<(), BucketError> {
        let actor = caller.actor();
        retrying(&self.ports, || async {
            let mut transaction = self.ports.unit_of_work.begin().await?;
            let user = actor.lock_user(transaction.as_mut()).await?;
            let record = transaction.buckets().find(bucket.id).await?.ok_or(BucketError::NotFound)?;
            check_action(&user, &record, action)?;
            transaction.buckets().update_cors(bucket.id, rules).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}
