use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::schemas::Yes;

/// What this is, and what it has.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndexResponse {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "Storage Hub API")]
    message: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Method and path of each endpoint, by its operation id.
    endpoints: BTreeMap<String, String>,
    /// Where the OpenAPI document is.
    #[schema(example = "/openapi.json")]
    openapi: &'static str,
}

static INDEX: LazyLock<Bytes> = LazyLock::new(|| {
    let response = IndexResponse {
        success: Yes,
        message: "Storage Hub API",
        version: env!("CARGO_PKG_VERSION"),
        endpoints: endpoints(&serde_json::to_value(crate::openapi()).unwrap_or_default()),
        openapi: "/openapi.json",
    };
    serde_json::to_vec(&response).unwrap_or_default().into()
});

/// API information and available endpoints.
#[utoipa::path(
    get,
    path = "/",
    tag = "service",
    responses((status = 200, description = "What there is", body = IndexResponse))
)]
pub(crate) async fn index() -> HttpResponse {
    HttpResponse::Ok().insert_header(ContentType::json()).body(INDEX.clone())
}

fn endpoints(openapi: &Value) -> BTreeMap<String, String> {
    let mut endpoints = BTreeMap::new();
    for (path, item) in openapi.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
                endpoints.insert(id.to_owned(), format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    endpoints
}
