//! The endpoints, one file each: translate the request, call one use case, translate the result. `routes.rs` lists them.

pub(crate) mod change_password;
pub(crate) mod create_bucket;
pub(crate) mod delete_bucket;
pub(crate) mod delete_versions;
pub(crate) mod get_bucket;
pub(crate) mod get_bucket_policy;
pub(crate) mod get_credentials;
pub(crate) mod get_me;
pub(crate) mod get_settings;
pub(crate) mod health;
pub(crate) mod index;
pub(crate) mod list_buckets;
pub(crate) mod log_in;
pub(crate) mod ready;
pub(crate) mod rotate_credentials;
pub(crate) mod sign_up;

use actix_web::HttpResponse;

use crate::error::ApiError;

/// Answers every path that no route has.
pub(crate) async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::NoSuchPath)
}
