use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::{BucketName, Session};
use storage_hub_core::use_cases::buckets::{self, BucketError};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::bucket_path::BucketPath;
use crate::error::{ApiError, InputError, bad_input, bad_name, documented, no_session, writing};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::schemas::{self, Yes};

/// Which bucket to delete.
#[derive(ToSchema)]
pub(crate) struct DeleteBucketRequest {
    #[schema(schema_with = schemas::bucket_name)]
    name: String,
}

impl ReadFields for DeleteBucketRequest {
    fn read(fields: &mut Fields) -> Result<Self, InputError> {
        Ok(Self { name: fields.string("name")? })
    }
}

/// The bucket is gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeleteBucketResponse {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "Bucket 'my-bucket' deleted successfully")]
    message: String,
}

struct Errors;
struct ErrorsByPath;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(bad_input().into_iter().chain(no_session()).chain(refusals()).chain(writing()))
    }
}

impl IntoResponses for ErrorsByPath {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(bad_name().into_iter().chain(no_session()).chain(refusals()).chain(writing()))
    }
}

fn refusals() -> impl Iterator<Item = ApiError> {
    [BucketError::Forbidden, BucketError::NotFound, BucketError::NotEmpty].into_iter().map(ApiError::from)
}

/// Deletes an empty bucket that the body names.
#[utoipa::path(
    delete,
    path = "/api/buckets",
    tag = "buckets",
    security(("bearer" = [])),
    request_body = DeleteBucketRequest,
    responses((status = 200, description = "The bucket is deleted", body = DeleteBucketResponse), Errors)
)]
pub(crate) async fn delete_bucket(
    state: web::Data<AppState>,
    caller: Authenticated,
    body: JsonBody<DeleteBucketRequest>,
) -> Result<HttpResponse, ApiError> {
    let name = BucketName::parse(&body.0.name).map_err(|rule| InputError::invalid("name")(&rule))?;
    delete(&state, caller.0, name).await
}

/// Deletes an empty bucket that the path names.
#[utoipa::path(
    delete,
    path = "/api/buckets/{name}",
    tag = "buckets",
    security(("bearer" = [])),
    params(BucketPath),
    responses((status = 200, description = "The bucket is deleted", body = DeleteBucketResponse), ErrorsByPath)
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
            writer.answered().settle_bucket(&name).await;
            buckets::delete_bucket(writer.ports(), &caller.into(), &name).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(DeleteBucketResponse { success: Yes, message }))
}
