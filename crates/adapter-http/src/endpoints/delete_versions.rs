use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};
use storage_hub_core::domain::{ObjectKey, ObjectVersion, VersionId};
use storage_hub_core::ports::VersionOutcome;
use storage_hub_core::use_cases::buckets::{self, BucketError, InvalidVersions, MAX_VERSIONS};
use utoipa::ToSchema;

use crate::authenticated::Authenticated;
use crate::bucket_path::BucketPath;
use crate::error::{ApiError, InputError, Kind, body_errors, errors, path_errors, session_errors, write_errors};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::responses::ok;
use crate::{AppState, HttpOptions, schemas};

/// The maximum size of the body: 1,000 keys of the maximum length, most of them without escapes.
const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// One version of an object
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct VersionToDelete {
    #[schema(schema_with = schemas::object_key)]
    key: String,
    #[schema(schema_with = schemas::version_id)]
    version_id: String,
}

/// The versions to delete
#[derive(ToSchema)]
pub(crate) struct DeleteVersionsRequest {
    #[schema(value_type = Vec<VersionToDelete>, min_items = 1, max_items = 1000)]
    objects: Vec<ObjectVersion>,
}

impl ReadFields for DeleteVersionsRequest {
    fn read(fields: &mut Fields) -> Option<Self> {
        let objects = fields.objects("objects", MAX_VERSIONS, |object| {
            let key = ObjectKey::parse(string(object, "key")?).map_err(|rule| format!(".key: {rule}"))?;
            let version_id = string(object, "versionId")?;
            let version_id = VersionId::parse(version_id).map_err(|rule| format!(".versionId: {rule}"))?;
            Ok(ObjectVersion { key, version_id })
        });
        Some(Self { objects: objects? })
    }

    fn example_error() -> InputError {
        InputError::invalid("objects")(&"objects[0].versionId must be a string, got null")
    }

    fn body_limit(_: &HttpOptions) -> usize {
        BODY_LIMIT
    }
}

fn string(object: &Map<String, Value>, field: &str) -> Result<String, String> {
    match object.get(field) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(format!(".{field} must be a string, got {}", Kind::from(other))),
        None => Err(format!(".{field} is missing; send it as a string")),
    }
}

/// What happened to each version, in the order of the request
#[derive(Serialize, ToSchema)]
pub(crate) struct DeleteVersionsAnswer {
    data: Vec<VersionResult>,
}

/// What happened to one version
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionResult {
    #[schema(example = "report.pdf")]
    key: String,
    #[schema(example = "null")]
    version_id: String,
    /// Whether the version does not exist any more, or never did
    deleted: bool,
    /// Why it was not deleted
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Version protected")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Object lock protects the version until its retention ends")]
    message: Option<&'static str>,
}

impl VersionResult {
    fn new(version: ObjectVersion, outcome: &VersionOutcome) -> Self {
        let (error, message) = match outcome {
            VersionOutcome::Deleted => (None, None),
            VersionOutcome::Protected => (
                Some("Version protected"),
                Some("Object lock protects the version: wait until its retention ends, or remove its legal hold"),
            ),
            VersionOutcome::Failed(_) => {
                (Some("Version not deleted"), Some("The store did not delete the version; the hub's log says why"))
            }
        };
        let ObjectVersion { key, version_id } = version;
        let (key, version_id) = (key.to_string(), version_id.to_string());
        Self { key, version_id, deleted: error.is_none(), error, message }
    }
}

errors!(Errors: body_errors::<DeleteVersionsRequest>(), path_errors(), session_errors(), refusals(), write_errors());

fn refusals() -> [BucketError; 3] {
    [BucketError::Forbidden, BucketError::NotFound, InvalidVersions::Count(0).into()]
}

/// Delete versions of objects permanently
///
/// Up to 1,000 versions or delete markers, with a result for each; requires `manage` on the bucket. A version that does
/// not exist counts as deleted. In a bucket without versioning, the version id of every object is `null`. Versions that
/// object lock protects stay. On MinIO, S3 requests that name a version to delete are refused to every user.
#[utoipa::path(
    post,
    path = "/api/buckets/{name}/versions/delete",
    tag = "buckets",
    security(("bearer" = [])),
    params(BucketPath),
    request_body = DeleteVersionsRequest,
    responses((status = 200, description = "The result of each version", body = DeleteVersionsAnswer), Errors)
)]
pub(crate) async fn delete_versions(
    state: web::Data<AppState>,
    caller: Authenticated,
    path: BucketPath,
    body: JsonBody<DeleteVersionsRequest>,
) -> Result<HttpResponse, ApiError> {
    let writer = AppState::clone(&state);
    let data = state
        .write(async move {
            let (name, objects) = (path.0, body.0.objects);
            let outcomes = buckets::delete_versions(writer.ports(), &caller.0.into(), &name, &objects).await?;
            let results = objects.into_iter().zip(&outcomes).map(|(version, outcome)| {
                if let VersionOutcome::Failed(reason) = outcome {
                    tracing::warn!(bucket.name = %name, reason, "the store did not delete a version");
                }
                VersionResult::new(version, outcome)
            });
            Ok::<_, BucketError>(results.collect())
        })
        .await?;
    Ok(ok(DeleteVersionsAnswer { data }))
}
