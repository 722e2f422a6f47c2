//! Deletion of versions with the hub's own key: principals are denied it.

use std::collections::HashMap;

use storage_hub_core::domain::{BucketName, ObjectVersion};
use storage_hub_core::ports::{StoreError, VersionOutcome};
use storage_hub_s3_client::Answer;
use storage_hub_s3_client::protocol::operation::{DeleteEntry, DeleteObjects, Operation};
use storage_hub_s3_client::protocol::xml;

use crate::error::success;
use crate::store::MinioStore;

impl MinioStore {
    /// Deletes versions: those of plain keys in one request, the others one by one.
    pub(crate) async fn delete_all_versions(
        &self,
        bucket: &BucketName,
        versions: &[ObjectVersion],
    ) -> Result<Vec<VersionOutcome>, StoreError> {
        let mut outcomes = HashMap::new();
        let (plain, special): (Vec<_>, Vec<_>) = versions.iter().partition(|version| is_plain(version.key.as_str()));
        if !plain.is_empty() {
            let answer = success(self.s3.delete_objects(bucket, &delete_request(&plain)).await?)?;
            outcomes.extend(read_outcomes(&answer)?);
        }
        for version in special {
            let (key, id) = (version.key.as_str(), version.version_id.as_str());
            let answer = self.s3.delete_object_version(bucket, key, id).await?;
            let outcome = if answer.is_success() { VersionOutcome::Deleted } else { refused(bucket, answer)? };
            outcomes.insert((key.to_owned(), id.to_owned()), outcome);
        }
        let outcome_of = |version: &ObjectVersion| {
            let found = outcomes.get(&(version.key.to_string(), version.version_id.to_string()));
            found.cloned().unwrap_or_else(|| VersionOutcome::Failed("the store did not say what it did".to_owned()))
        };
        Ok(versions.iter().map(outcome_of).collect())
    }
}

/// Whether `DeleteObjects` works with a key: XML can carry it, and it does not name a folder, for whose version MinIO gives no
/// outcome.
fn is_plain(key: &str) -> bool {
    xml::is_writable(key) && !key.ends_with('/')
}

fn delete_request(versions: &[&ObjectVersion]) -> Operation {
    let objects = versions.iter().map(|version| DeleteEntry {
        key: version.key.to_string(),
        version_id: Some(version.version_id.to_string()),
        ..DeleteEntry::default()
    });
    Operation::DeleteObjects(DeleteObjects { objects: objects.collect(), ..DeleteObjects::default() })
}

/// What the answer to `DeleteObjects` says about each version, by key and version id.
fn read_outcomes(answer: &Answer) -> Result<HashMap<(String, String), VersionOutcome>, StoreError> {
    let mut outcomes = HashMap::new();
    for mut fields in answer.children("Deleted") {
        if let (Some(key), Some(id)) = (fields.remove("Key"), fields.remove("VersionId")) {
            outcomes.insert((key, id), VersionOutcome::Deleted);
        }
    }
    for mut fields in answer.children("Error") {
        let mut take = |name| fields.remove(name).unwrap_or_default();
        let (key, id, code, message) = (take("Key"), take("VersionId"), take("Code"), take("Message"));
        outcomes.insert((key, id), outcome_of_error(&code, &message));
    }
    Ok(outcomes)
}

/// The outcome of a version whose own request was refused; an error that concerns the whole bucket or the store is one.
fn refused(bucket: &BucketName, answer: Answer) -> Result<VersionOutcome, StoreError> {
    match answer.code() {
        "NoSuchVersion" | "NoSuchKey" => Ok(VersionOutcome::Deleted),
        "InvalidRequest" | "InvalidArgument" => Ok(outcome_of_error(answer.code(), &answer.message)),
        _ => match success(answer) {
            Ok(_) => Ok(VersionOutcome::Deleted),
            Err(StoreError::NotFound) => {
                tracing::debug!(bucket.name = %bucket, "the bucket was deleted while versions were deleted from it");
                Err(StoreError::NotFound)
            }
            Err(error) => Err(error),
        },
    }
}

fn outcome_of_error(code: &str, message: &str) -> VersionOutcome {
    match code {
        "NoSuchVersion" | "NoSuchKey" => VersionOutcome::Deleted,
        // MinIO's code for an object under object lock is that of any malformed request.
        "ObjectLocked" => VersionOutcome::Protected,
        "InvalidRequest" if message.contains("WORM") => VersionOutcome::Protected,
        _ => VersionOutcome::Failed(format!("{code}: {message}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_outcome() {
        assert_eq!(outcome_of_error("NoSuchVersion", ""), VersionOutcome::Deleted);
        let locked = "Object is WORM protected and cannot be overwritten";
        assert_eq!(outcome_of_error("InvalidRequest", locked), VersionOutcome::Protected);
        assert_eq!(outcome_of_error("SlowDown", "wait"), VersionOutcome::Failed("SlowDown: wait".to_owned()));
    }
}
