use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::header::{ACCEPT, ContentType, LOCATION, VARY};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::AppState;
use crate::responses::Envelope;

/// The API and its endpoints
#[derive(Serialize, ToSchema)]
pub(crate) struct IndexAnswer {
    #[schema(example = "Storage Hub API")]
    message: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Method and path of each endpoint, by its operation id
    endpoints: BTreeMap<String, String>,
    /// The path of the OpenAPI document
    #[schema(example = "/openapi.json")]
    openapi: &'static str,
    /// The path of the documentation for people; absent if the operator has switched it off
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/docs/", required = false, nullable = false)]
    docs: Option<&'static str>,
}

static WITH_DOCS: LazyLock<Bytes> = LazyLock::new(|| body(Some("/docs/")));
static WITHOUT_DOCS: LazyLock<Bytes> = LazyLock::new(|| body(None));

/// API information and available endpoints
///
/// A browser, which accepts `text/html`, is redirected to the documentation.
#[utoipa::path(
    get,
    path = "/",
    tag = "service",
    responses(
        (status = 200, description = "API information", body = IndexAnswer),
        (status = 302, description = "A browser is redirected to the documentation", headers(("Location" = String)))
    )
)]
pub(crate) async fn index(state: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    let docs = state.options().docs;
    if docs && accepts_html(&request) {
        return HttpResponse::Found().insert_header((LOCATION, "/docs/")).insert_header((VARY, "accept")).finish();
    }
    let body = if docs { WITH_DOCS.clone() } else { WITHOUT_DOCS.clone() };
    HttpResponse::Ok().insert_header(ContentType::json()).insert_header((VARY, "accept")).body(body)
}

fn accepts_html(request: &HttpRequest) -> bool {
    let values = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let mut types = values.flat_map(|value| value.split(',')).filter_map(|range| range.split(';').next());
    types.any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
}

fn body(docs: Option<&'static str>) -> Bytes {
    let answer = IndexAnswer {
        message: "Storage Hub API",
        version: env!("CARGO_PKG_VERSION"),
        endpoints: endpoints(&serde_json::to_value(crate::openapi()).unwrap_or_default()),
        openapi: "/openapi.json",
        docs,
    };
    serde_json::to_vec(&Envelope::new(answer)).unwrap_or_default().into()
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
