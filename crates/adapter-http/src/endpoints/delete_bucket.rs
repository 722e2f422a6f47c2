use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::{BucketName, Session};
use storage_hub_core::use_cases::buckets::{self, BucketError};
use utoipa::ToSchema;

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::bucket_path::BucketPath;
use crate::error::{ApiError, InputError, body_errors, errors, path_errors, session_errors, write_errors};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::responses::ok;
use crate::schemas;

/// The name of the bucket to delete
#[derive(ToSchema)]
pub(crate) struct DeleteBucketRequest {
    #[schema(schema_with = schemas::bucket_name)]
    name: BucketName,
}

impl ReadFields for DeleteBucketRequest {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.parsed("name", |text| BucketName::parse(&text));
        Some(Self { name: name? })
    }

    fn example_error() -> InputError {
        InputError::Missing("name")
    }
}

/// The bucket was deleted
#[derive(Serialize, ToSchema)]
pub(crate) struct DeleteBucketAnswer {
    #[schema(example = "Bucket 'my-bucket' deleted successfully")]
    message: String,
}

errors!(Errors: body_errors::<DeleteBucketRequest>(), session_errors(), REFUSALS, write_errors());
errors!(ErrorsByPath: path_errors(), session_errors(), REFUSALS, write_errors());

const REFUSALS: [BucketError; 3] = [BucketError::Forbidden, BucketError::NotFound, BucketError::NotEmpty];

/// Delete an empty bucket, named in the body
///
/// Only the owner and administrators can delete a bucket. It must not contain objects or versions; its unfinished uploads
/// are aborted.
/// Clients that cannot send a body with DELETE use `DELETE /api/buckets/{name}`.
#[utoipa::path(
    delete,
    path = "/api/buckets",
    tag = "buckets",
    security(("bearer" = [])),
    request_body = DeleteBucketRequest,
    responses((status = 200, description = "The bucket was deleted", body = DeleteBucketAnswer), Errors)
)]
pub(crate) async fn delete_bucket(
    state: web::Data<AppState>,
    caller: Authenticated,
    body: JsonBody<DeleteBucketRequest>,
) -> Result<HttpResponse, ApiError> {
    delete(&state, caller.0, body.0.name).await
}

/// Delete an empty bucket
///
/// Only the owner and administrators can delete a bucket. It must not contain objects or versions; its unfinished uploads
/// are aborted.
#[utoipa::path(
    delete,
    path = "/api/buckets/{name}",
    tag = "buckets",
    security(("bearer" = [])),
    params(BucketPath),
    responses((status = 200, description = "The bucket was deleted", body = DeleteBucketAnswer), ErrorsByPath)
)]
pub(crate) async fn delete_bucket_by_path(
    state: web::Data<AppState>,
    caller: Authenticated,
    path: BucketPath,
) -> Result<HttpResponse, ApiError> {
    delete(&state, caller.0, path.0).await
}

async fn delete(state: &AppState, caller: Session, name: BucketName) -> Result<HttpResponse, ApiError> {
    let message = format!("Bucket '{name}' deleted successfully");
    let writer = state.clone();
    state
        .write(async move {
            writer.receipts().wait_for_bucket(&name).await;
            buckets::delete_bucket(writer.ports(), &caller.into(), &name).await
        })
        .await?;
    Ok(ok(DeleteBucketAnswer { message }))
}
