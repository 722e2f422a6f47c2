use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::BucketName;
use storage_hub_core::use_cases::buckets::{self, BucketError};
use utoipa::ToSchema;

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, InputError, body_errors, errors, session_errors, write_errors};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::receipts::Created;
use crate::responses::{Bucket, created};
use crate::schemas;

/// The name of the bucket to create
#[derive(ToSchema)]
pub(crate) struct CreateBucketRequest {
    #[schema(schema_with = schemas::bucket_name)]
    name: BucketName,
}

impl ReadFields for CreateBucketRequest {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.parsed("name", |text| BucketName::parse(&text));
        Some(Self { name: name? })
    }

    fn example_error() -> InputError {
        InputError::Missing("name")
    }
}

/// The new bucket
#[derive(Serialize, ToSchema)]
pub(crate) struct CreateBucketAnswer {
    #[schema(example = "Bucket 'my-bucket' created successfully")]
    message: String,
    data: Bucket,
}

errors!(Errors: body_errors::<CreateBucketRequest>(), session_errors(), [BucketError::NameTaken, BucketError::LimitReached(1_000)], write_errors());

/// Create a bucket that only the caller can access
///
/// Administrators can access it too. Bucket names are unique across all users. A request whose response was lost can be
/// sent again: until a creation has been answered, its repetition is answered 201 as well.
#[utoipa::path(
    post,
    path = "/api/buckets",
    tag = "buckets",
    security(("bearer" = [])),
    request_body = CreateBucketRequest,
    responses((status = 201, description = "The bucket was created", body = CreateBucketAnswer), Errors)
)]
pub(crate) async fn create_bucket(
    state: web::Data<AppState>,
    caller: Authenticated,
    body: JsonBody<CreateBucketRequest>,
) -> Result<HttpResponse, ApiError> {
    let name = body.0.name;
    let writer = AppState::clone(&state);
    let bucket = state
        .write(async move {
            writer.receipts().wait_for_bucket(&name).await;
            buckets::create_bucket(writer.ports(), &caller.0.into(), name).await
        })
        .await?;
    let message = format!("Bucket '{}' created successfully", bucket.name);
    let answer = CreateBucketAnswer { message, data: (&bucket).into() };
    created(&state, Created::Bucket(bucket.name, bucket.id), answer)
}
