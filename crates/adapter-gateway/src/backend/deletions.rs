use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::{StreamExt as _, stream};
use http::{HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};
use storage_hub_s3_backend::Write;
use storage_hub_s3_backend::versions::NULL_VERSION;
use storage_hub_s3_client::{Request, S3Client};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{DeleteEntry, DeleteObjects, Operation};
use storage_hub_s3_protocol::response::{Deleted, parse_delete_object, parse_delete_objects};
use storage_hub_s3_protocol::xml;

use super::{GatewayS3Backend, check_version, require_conditions};
use crate::calls::Call;
use crate::error::{is_about_version, refused, unanswered};

/// How many objects are deleted one by one concurrently.
const CONCURRENT: usize = 8;

impl GatewayS3Backend {
    pub(super) async fn delete(&self, write: Write<'_>, entries: Vec<DeleteEntry>) -> S3Result<Vec<S3Result<Deleted>>> {
        self.gateway.ready()?;
        let behind = self.gateway.behind(write.bucket);
        let checked: Vec<_> = entries.iter().map(|entry| self.check_entry(entry)).collect();
        write.guard.permit().await?;
        let mut results: Vec<Option<S3Result<Deleted>>> =
            checked.into_iter().map(|checked| checked.err().map(Err)).collect();
        let open = |results: &[Option<S3Result<Deleted>>], entry: &dyn Fn(&DeleteEntry) -> bool| -> Vec<usize> {
            let indexed = entries.iter().zip(results).enumerate();
            indexed.filter(|(_, (item, done))| done.is_none() && entry(item)).map(|(at, _)| at).collect()
        };
        let together = open(&results, &can_be_together);
        if together.len() > 1 {
            let objects: Vec<_> = together.iter().filter_map(|at| entries.get(*at).cloned()).collect();
            for (at, result) in together.into_iter().zip(self.delete_together(&behind, objects).await?) {
                // What the store did not mention is deleted by itself: MinIO leaves folders out.
                let unmentioned = matches!(&result, Err(error) if error.code() == ErrorCode::InternalError);
                if let Some(place) = results.get_mut(at).filter(|_| !unmentioned) {
                    *place = Some(result);
                }
            }
        }
        let single = open(&results, &|_| true);
        let mut deletions = Vec::new();
        for at in single {
            if let Some(entry) = entries.get(at) {
                deletions.push(self.delete_numbered(at, &behind, entry));
            }
        }
        let deleted: Vec<_> = stream::iter(deletions).buffer_unordered(CONCURRENT).collect().await;
        for (at, result) in deleted {
            if let Err(error) = &result
                && concerns_all(error)
            {
                return Err(error.code().into());
            }
            if let Some(place) = results.get_mut(at) {
                *place = Some(result);
            }
        }
        Ok(results.into_iter().map(|result| result.unwrap_or_else(|| Err(ErrorCode::InternalError.into()))).collect())
    }

    fn check_entry(&self, entry: &DeleteEntry) -> S3Result<()> {
        self.gateway.check_key(&entry.key)?;
        check_version(entry.version_id.as_deref())?;
        let has = self.gateway.ready()?.result.conditional_deletes;
        require_conditions(&entry.conditions, has, "Conditional deletions")
    }

    async fn delete_numbered(&self, at: usize, behind: &str, entry: &DeleteEntry) -> (usize, S3Result<Deleted>) {
        (at, self.delete_one(behind, entry).await)
    }

    async fn delete_one(&self, behind: &str, entry: &DeleteEntry) -> S3Result<Deleted> {
        if entry.conditions.if_match.is_some() && self.find_etag(behind, &entry.key).await?.is_none() {
            // Several services answer that they deleted what does not exist, whatever its ETag should be.
            return Err(ErrorCode::NoSuchKey.into());
        }
        let operation = Operation::DeleteObject(entry.clone());
        let call = Call::new(&self.gateway, &operation, behind, Some(&entry.key));
        match self.gateway.write_once(call).await {
            Ok(answer) => {
                let deleted = parse_delete_object(entry, &answer.headers);
                // The version `null` is not told by every service.
                let is_marker = answer.headers.get("x-amz-delete-marker").is_some_and(|value| value == "true");
                let null = is_marker.then(|| NULL_VERSION.to_owned());
                Ok(Deleted {
                    version_id: deleted.version_id.or_else(|| entry.version_id.clone()),
                    delete_marker: deleted.delete_marker.or(null),
                })
            }
            // Some stores say that there was nothing to delete.
            Err(error) if error.code() == ErrorCode::NoSuchKey && entry.conditions.if_match.is_none() => {
                Ok(Deleted { version_id: entry.version_id.clone(), delete_marker: None })
            }
            Err(error) => Err(error),
        }
    }

    async fn delete_together(&self, behind: &str, objects: Vec<DeleteEntry>) -> S3Result<Vec<S3Result<Deleted>>> {
        let bypass_governance = objects.iter().any(|object| object.bypass_governance);
        let input = DeleteObjects { quiet: false, bypass_governance, objects };
        let operation = Operation::DeleteObjects(input.clone());
        let template = S3Client::template(&operation, Some(behind)).map_err(unanswered)?;
        // Stores refuse the document without a digest of it.
        let digest = BASE64.encode(Sha256::digest(&template.document));
        let digest =
            HeaderValue::from_str(&digest).map_err(|error| S3Error::from(ErrorCode::InternalError).caused_by(error))?;
        let mut request = Request::of(template, Some(behind), None);
        request.headers.insert(HeaderName::from_static("x-amz-checksum-sha256"), digest);
        let _place = self.gateway.wait().await?;
        let answer = self.gateway.client.send(request).await.map_err(unanswered)?;
        if !answer.is_success() {
            return Err(refused(&answer, behind));
        }
        let results = parse_delete_objects(&input, &answer.body)?;
        Ok(results.into_iter().map(|result| result.map_err(|error| plain(error, behind))).collect())
    }
}

/// Whether `DeleteObjects` of every store deletes exactly this: XML carries the key, and there is no condition, which stores
/// ignore there.
fn can_be_together(entry: &DeleteEntry) -> bool {
    xml::is_writable(&entry.key) && !entry.key.ends_with('/') && entry.conditions.if_match.is_none()
}

fn concerns_all(error: &S3Error) -> bool {
    matches!(error.code(), ErrorCode::NoSuchBucket | ErrorCode::ServiceUnavailable | ErrorCode::SlowDown)
}

/// An error of an entry without names of the store.
fn plain(error: S3Error, behind: &str) -> S3Error {
    if error.message().contains("WORM") || error.message().contains("ObjectLocked") {
        return ErrorCode::AccessDenied.into();
    }
    if error.code() == ErrorCode::InvalidArgument && is_about_version(error.message()) {
        return ErrorCode::NoSuchVersion.into();
    }
    if error.message().contains(behind) { error.code().into() } else { error }
}
