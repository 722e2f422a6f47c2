//! Accounts, buckets and credentials as answers show them.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use serde::Serialize;
use storage_hub_core::domain::{Bucket, User};
use storage_hub_core::use_cases::accounts::IssuedCredentials;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::AppState;
use crate::answered::{Created, Receipt};
use crate::error::ApiError;

/// An account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserData {
    id: Uuid,
    /// In lower case.
    #[schema(format = "email", example = "user@example.com")]
    email: String,
    /// The public half of the account's S3 key.
    #[schema(example = "user_1234567890_abc123")]
    minio_access_key: String,
    #[schema(format = "date-time", example = "2024-01-01T00:00:00.000Z")]
    created_at: String,
}

impl From<&User> for UserData {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.uuid(),
            email: user.email.to_string(),
            minio_access_key: user.access_key.to_string(),
            created_at: user.created_at.to_string(),
        }
    }
}

/// A bucket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BucketData {
    id: Uuid,
    #[schema(example = "my-bucket")]
    name: String,
    /// The user who made it.
    user_id: Uuid,
    #[schema(format = "date-time", example = "2024-01-01T00:00:00.000Z")]
    created_at: String,
}

impl From<&Bucket> for BucketData {
    fn from(bucket: &Bucket) -> Self {
        Self {
            id: bucket.id.uuid(),
            name: bucket.name.to_string(),
            user_id: bucket.owner.uuid(),
            created_at: bucket.created_at.to_string(),
        }
    }
}

/// What an S3 client is configured with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialsData {
    #[schema(example = "user_1234567890_abc123")]
    access_key: String,
    secret_key: String,
    /// Where the store is.
    #[schema(format = "uri", example = "http://127.0.0.1:9000")]
    endpoint: String,
    #[schema(example = "us-east-1")]
    region: String,
}

impl From<IssuedCredentials> for CredentialsData {
    fn from(issued: IssuedCredentials) -> Self {
        Self {
            access_key: issued.credentials.access_key.to_string(),
            secret_key: issued.credentials.secret_key.expose().to_owned(),
            endpoint: issued.endpoint,
            region: issued.region,
        }
    }
}

/// The 201 of a creation, which counts as answered once the connection has taken it.
pub(crate) fn created(state: &AppState, what: Created, body: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let body = serde_json::to_vec(body).map_err(|error| ApiError::Panicked(error.to_string()))?;
    let receipt = Receipt::new(Bytes::from(body), state.clone(), what);
    Ok(HttpResponse::Created().insert_header(ContentType::json()).body(receipt))
}
