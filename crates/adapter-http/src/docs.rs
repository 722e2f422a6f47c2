//! `/openapi.json`, and `/docs/`, which shows it to people. Neither loads anything from another host.

use std::sync::{Arc, LazyLock};

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ContentType, LOCATION};
use actix_web::middleware::Compress;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::Config;

use crate::error::ApiError;
use crate::routes::{limit_methods, resource, route};

/// The page loads its own scripts only; its styles are created by these scripts.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                           font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

static DOCUMENT: LazyLock<Bytes> =
    LazyLock::new(|| crate::openapi().to_pretty_json().map(Bytes::from).unwrap_or_default());

static PAGE: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/openapi.json").validator_url("none").try_it_out_enabled(true);
    Arc::new(config.persist_authorization(false).use_base_layout())
});

/// Registers the document, and the page if it is wanted.
pub(crate) fn configure(config: &mut web::ServiceConfig, with_page: bool) {
    let get = || route(Method::GET);
    config.service(resource("/openapi.json", ["GET"]).route(get().to(document)).wrap(Compress::default()));
    if with_page {
        config.service(limit_methods(web::resource("/docs"), ["GET"]).route(get().to(to_page)));
        config.service(limit_methods(web::resource("/docs/{file:.*}"), ["GET"]).route(get().to(page)));
    }
}

async fn document() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::json())
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(DOCUMENT.clone())
}

async fn to_page() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

async fn page(file: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let served = utoipa_swagger_ui::serve(&file, PAGE.clone());
    let file = served.map_err(|error| ApiError::Panicked(error.to_string()))?.ok_or(ApiError::NoSuchPath)?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.content_type)
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, DOCS_POLICY));
    if file.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response.body(file.bytes.into_owned()))
}
