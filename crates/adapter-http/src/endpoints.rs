//! The endpoints, one file each: translate, call one use case, translate back.

mod change_password;
mod create_bucket;
mod delete_bucket;
mod get_bucket;
mod get_bucket_policy;
mod get_credentials;
mod get_me;
mod health;
mod index;
mod list_buckets;
mod log_in;
mod ready;
mod rotate_credentials;
mod sign_up;

use std::future::ready;

use actix_web::http::Method;
use actix_web::{HttpResponse, Resource, Route, guard, web};
use utoipa::OpenApi;

use crate::error::ApiError;

/// Every endpoint, for the OpenAPI document.
#[derive(OpenApi)]
#[openapi(
    paths(
        health::health,
        ready::ready,
        index::index,
        sign_up::sign_up,
        log_in::log_in,
        get_me::get_me,
        get_credentials::get_credentials,
        rotate_credentials::rotate_credentials,
        change_password::change_password,
        list_buckets::list_buckets,
        create_bucket::create_bucket,
        delete_bucket::delete_bucket,
        get_bucket::get_bucket,
        delete_bucket::delete_bucket_by_path,
        get_bucket_policy::get_bucket_policy,
    ),
    components(schemas(crate::error::ErrorBody))
)]
pub(crate) struct Endpoints;

/// Every endpoint, where it is.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let buckets = [
        get().to(list_buckets::list_buckets),
        web::post().to(create_bucket::create_bucket),
        web::delete().to(delete_bucket::delete_bucket),
    ];
    let bucket = [get().to(get_bucket::get_bucket), web::delete().to(delete_bucket::delete_bucket_by_path)];
    config
        .service(resource("/health", "GET, HEAD", [get().to(health::health)]))
        .service(resource("/ready", "GET, HEAD", [get().to(ready::ready)]))
        .service(resource("/", "GET, HEAD", [get().to(index::index)]))
        .service(resource("/api/users/signup", "POST", [web::post().to(sign_up::sign_up)]))
        .service(resource("/api/users/login", "POST", [web::post().to(log_in::log_in)]))
        .service(resource("/api/users/me", "GET, HEAD", [get().to(get_me::get_me)]))
        .service(resource("/api/users/me/credentials", "GET, HEAD", [get().to(get_credentials::get_credentials)]))
        .service(resource(
            "/api/users/me/credentials/rotate",
            "POST",
            [web::post().to(rotate_credentials::rotate_credentials)],
        ))
        .service(resource("/api/users/me/password", "POST", [web::post().to(change_password::change_password)]))
        .service(resource("/api/buckets", "GET, HEAD, POST, DELETE", buckets))
        .service(resource("/api/buckets/{name}", "GET, HEAD, DELETE", bucket))
        .service(resource("/api/buckets/{name}/policy", "GET, HEAD", [get().to(get_bucket_policy::get_bucket_policy)]));
}

/// A path with its methods; the others are answered with those that there are.
pub(crate) fn resource<const N: usize>(path: &str, methods: &'static str, routes: [Route; N]) -> Resource {
    let other = web::to(move || ready(Err::<HttpResponse, _>(ApiError::NoSuchMethod(methods))));
    routes.into_iter().fold(web::resource(path), Resource::route).default_service(other)
}

/// GET, and HEAD, which is answered alike but for the body.
pub(crate) fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Method(Method::HEAD)))
}

/// Where there is nothing.
pub(crate) async fn nothing() -> Result<HttpResponse, ApiError> {
    Err(ApiError::NoSuchPath)
}
