use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::BucketName;
use storage_hub_core::use_cases::buckets::{self, BucketError};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::answered::Created;
use crate::answers::{BucketData, created};
use crate::authenticated::Authenticated;
use crate::error::{ApiError, InputError, bad_input, documented, no_session, writing};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::schemas::{self, Yes};

/// Which bucket to make.
#[derive(ToSchema)]
pub(crate) struct CreateBucketRequest {
    #[schema(schema_with = schemas::bucket_name)]
    name: String,
}

impl ReadFields for CreateBucketRequest {
    fn read(fields: &mut Fields) -> Result<Self, InputError> {
        Ok(Self { name: fields.string("name")? })
    }
}

/// The bucket that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreateBucketResponse {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "Bucket 'my-bucket' created successfully")]
    message: String,
    data: BucketData,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let own = [BucketError::NameTaken.into()];
        documented(bad_input().into_iter().chain(no_session()).chain(own).chain(writing()))
    }
}

/// Makes a bucket that who asks alone has access to.
#[utoipa::path(
    post,
    path = "/api/buckets",
    tag = "buckets",
    security(("bearer" = [])),
    request_body = CreateBucketRequest,
    responses((status = 201, description = "The bucket is made", body = CreateBucketResponse), Errors)
)]
pub(crate) async fn create_bucket(
    state: web::Data<AppState>,
    caller: Authenticated,
    body: JsonBody<CreateBucketRequest>,
) -> Result<HttpResponse, ApiError> {
    let name = BucketName::parse(&body.0.name).map_err(|rule| InputError::invalid("name")(&rule))?;
    let writer = AppState::clone(&state);
    let bucket = state
        .write(async move {
            writer.answered().settle_bucket(&name).await;
            buckets::create_bucket(writer.ports(), &caller.0.into(), name).await
        })
        .await?;
    let message = format!("Bucket '{}' created successfully", bucket.name);
    let body = CreateBucketResponse { success: Yes, message, data: (&bucket).into() };
    created(&state, Created::Bucket(bucket.name, bucket.id), &body)
}
