//! Bodies of successful responses: the envelope, and accounts, buckets and credentials as they appear in it.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use serde::Serialize;
use storage_hub_core::domain;
use storage_hub_core::use_cases::accounts::IssuedCredentials;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::AppState;
use crate::error::ApiError;
use crate::receipts::{Created, Receipt};

/// What every successful response has around its answer. The OpenAPI document gets `success` in `openapi.rs`, in each
/// schema whose name ends with `Answer`.
#[derive(Serialize)]
pub(crate) struct Envelope<T> {
    success: bool,
    #[serde(flatten)]
    answer: T,
}

impl<T: Serialize> Envelope<T> {
    pub(crate) const fn new(answer: T) -> Self {
        Self { success: true, answer }
    }
}

/// Responds 200 with an answer.
pub(crate) fn ok(answer: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(Envelope::new(answer))
}

/// Responds 201 to a creation, which counts as answered once the connection has taken the whole body.
pub(crate) fn created(state: &AppState, what: Created, answer: impl Serialize) -> Result<HttpResponse, ApiError> {
    let body = serde_json::to_vec(&Envelope::new(answer)).map_err(|error| ApiError::Panicked(error.to_string()))?;
    let receipt = Receipt::new(Bytes::from(body), state.clone(), what);
    Ok(HttpResponse::Created().insert_header(ContentType::json()).body(receipt))
}

/// An account
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    id: Uuid,
    /// In lower case
    #[schema(format = "email", example = "user@example.com")]
    email: String,
    /// The public half of the account's S3 key
    #[schema(example = "user_1234567890_abc123")]
    minio_access_key: String,
    #[schema(format = "date-time", example = "2024-01-01T00:00:00.000Z")]
    created_at: String,
}

impl From<&domain::User> for User {
    fn from(user: &domain::User) -> Self {
        Self {
            id: user.id.uuid(),
            email: user.email.to_string(),
            minio_access_key: user.access_key.to_string(),
            created_at: user.created_at.to_string(),
        }
    }
}

/// A bucket
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bucket {
    id: Uuid,
    #[schema(example = "my-bucket")]
    name: String,
    /// The owner, who created the bucket
    user_id: Uuid,
    #[schema(format = "date-time", example = "2024-01-01T00:00:00.000Z")]
    created_at: String,
}

impl From<&domain::Bucket> for Bucket {
    fn from(bucket: &domain::Bucket) -> Self {
        Self {
            id: bucket.id.uuid(),
            name: bucket.name.to_string(),
            user_id: bucket.owner.uuid(),
            created_at: bucket.created_at.to_string(),
        }
    }
}

/// The configuration of an S3 client
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credentials {
    #[schema(example = "user_1234567890_abc123")]
    access_key: String,
    #[schema(example = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")]
    secret_key: String,
    /// The URL of the object store
    #[schema(format = "uri", example = "http://127.0.0.1:9000")]
    endpoint: String,
    #[schema(example = "us-east-1")]
    region: String,
}

impl From<IssuedCredentials> for Credentials {
    fn from(issued: IssuedCredentials) -> Self {
        Self {
            access_key: issued.credentials.access_key.to_string(),
            secret_key: issued.credentials.secret_key.expose().to_owned(),
            endpoint: issued.endpoint,
            region: issued.region,
        }
    }
}
