//! The one table of the REST API: each path with its methods and handlers.
//!
//! Everything that depends on which methods exist is derived from it: the routes of actix, the paths of the OpenAPI
//! document, `Allow`, the methods that CORS permits, operation ids in traces, and the method label of metrics.

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse, Resource, guard, web};
use utoipa::OpenApi;

use crate::endpoints::{
    change_password, create_bucket, delete_bucket, delete_versions, get_bucket, get_bucket_policy, get_credentials,
    get_me, get_settings, health, index, list_buckets, log_in, ready, rotate_credentials, sign_up,
};
use crate::error::ApiError;

/// A path of the API and its operations.
struct Path {
    /// The pattern as OpenAPI and actix write it.
    template: &'static str,
    operations: &'static [Operation],
}

struct Operation {
    method: &'static str,
    /// The name of the handler, which is the `operationId` of the document.
    id: &'static str,
    register: fn(Resource) -> Resource,
}

macro_rules! table {
    ($($template:literal { $($method:ident $module:ident::$handler:ident),+ })+) => {
        static PATHS: &[Path] = &[$(Path {
            template: $template,
            operations: &[$(Operation {
                method: stringify!($method),
                id: stringify!($handler),
                register: |resource| resource.route(route(Method::$method).to($module::$handler)),
            }),+],
        }),+];

        /// Every operation, for the OpenAPI document.
        #[derive(OpenApi)]
        #[openapi(paths($($($module::$handler),+),+))]
        pub(crate) struct Operations;
    };
}

table! {
    "/" { GET index::index }
    "/health" { GET health::health }
    "/ready" { GET ready::ready }
    "/api/settings" { GET get_settings::get_settings }
    "/api/users/signup" { POST sign_up::sign_up }
    "/api/users/login" { POST log_in::log_in }
    "/api/users/me" { GET get_me::get_me }
    "/api/users/me/credentials" { GET get_credentials::get_credentials }
    "/api/users/me/credentials/rotate" { POST rotate_credentials::rotate_credentials }
    "/api/users/me/password" { POST change_password::change_password }
    "/api/buckets" {
        GET list_buckets::list_buckets,
        POST create_bucket::create_bucket,
        DELETE delete_bucket::delete_bucket
    }
    "/api/buckets/{name}" {
        GET get_bucket::get_bucket,
        DELETE delete_bucket::delete_bucket_by_path
    }
    "/api/buckets/{name}/versions/delete" { POST delete_versions::delete_versions }
    "/api/buckets/{name}/policy" { GET get_bucket_policy::get_bucket_policy }
}

/// Registers every path of the table.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    for path in PATHS {
        let methods = path.operations.iter().map(|operation| operation.method);
        let resource = resource(path.template, methods);
        config.service(path.operations.iter().fold(resource, |resource, operation| (operation.register)(resource)));
    }
}

/// A resource that is also served with a trailing slash.
pub(crate) fn resource(template: &str, methods: impl IntoIterator<Item = &'static str>) -> Resource {
    if template.ends_with('/') {
        return limit_methods(web::resource(template), methods);
    }
    limit_methods(web::resource([template.to_owned(), format!("{template}/")]), methods)
}

/// Has a resource answer `OPTIONS` with 204, and every other method but the given ones with 405, both with `Allow`.
pub(crate) fn limit_methods(resource: Resource, methods: impl IntoIterator<Item = &'static str>) -> Resource {
    let allowed = allow(methods);
    resource.default_service(web::to(move |request: HttpRequest| {
        let allowed = allowed.clone();
        async move {
            if request.method() == Method::OPTIONS {
                return Ok(HttpResponse::NoContent().insert_header((ALLOW, allowed)).finish());
            }
            Err(ApiError::NoSuchMethod(allowed))
        }
    }))
}

/// The value of `Allow` for these methods.
fn allow(methods: impl IntoIterator<Item = &'static str>) -> String {
    let each = methods.into_iter().flat_map(|method| [Some(method), (method == "GET").then_some("HEAD")]);
    each.flatten().chain(["OPTIONS"]).collect::<Vec<_>>().join(", ")
}

/// A route for one method. HEAD is answered like GET, without the body.
pub(crate) fn route(method: Method) -> actix_web::Route {
    if method == Method::GET {
        return web::route().guard(guard::Any(guard::Get()).or(guard::Method(Method::HEAD)));
    }
    web::route().guard(guard::Method(method))
}

/// The methods that some path of the table has.
pub(crate) fn methods() -> Vec<&'static str> {
    let mut methods: Vec<_> = operations().map(|(_, operation)| operation.method).chain(["HEAD"]).collect();
    methods.sort_unstable();
    methods.dedup();
    methods
}

/// The id of the operation of a method and a template.
pub(crate) fn operation_id(method: &str, template: &str) -> Option<&'static str> {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut operations = operations();
    let found = operations.find(|(path, operation)| path.template == template && operation.method == method);
    found.map(|(_, operation)| operation.id)
}

/// The method as a label of metrics: methods that no path has share one label, so that clients cannot create labels.
pub(crate) fn method_label(method: &str) -> &'static str {
    let mut known = operations().map(|(_, operation)| operation.method).chain(["HEAD", "OPTIONS"]);
    known.find(|known| *known == method).unwrap_or("other")
}

fn operations() -> impl Iterator<Item = (&'static Path, &'static Operation)> {
    PATHS.iter().flat_map(|path| path.operations.iter().map(move |operation| (path, operation)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_and_the_openapi_document_have_the_same_operations() {
        let document = serde_json::to_value(crate::openapi()).unwrap();
        let mut documented = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                documented.insert((method.to_uppercase(), path.clone(), id.to_owned()));
            }
        }
        let listed: BTreeSet<_> = operations()
            .map(|(path, operation)| (operation.method.to_owned(), path.template.to_owned(), operation.id.to_owned()))
            .collect();
        assert_eq!(documented, listed);
    }

    #[test]
    fn what_depends_on_methods_knows_every_one_of_the_table() {
        for (path, operation) in operations() {
            assert!(methods().contains(&operation.method));
            assert_eq!(method_label(operation.method), operation.method);
            assert_eq!(operation_id(operation.method, path.template), Some(operation.id));
        }
        assert_eq!(operation_id("HEAD", "/api/buckets/{name}"), Some("get_bucket"));
        assert_eq!(operation_id("PATCH", "/api/buckets"), None);
        assert_eq!(operation_id("GET", "/made/up"), None);
        assert_eq!(["HEAD", "OPTIONS", "BREW"].map(method_label), ["HEAD", "OPTIONS", "other"]);
    }
}
