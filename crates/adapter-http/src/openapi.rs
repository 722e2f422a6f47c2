//! The OpenAPI document: generated from the handlers of the table in `routes.rs`, and completed with what every operation
//! has in common, so that no endpoint has to repeat it.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use utoipa::OpenApi as _;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{Components, ObjectBuilder, Schema, SchemaType};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    InfoBuilder, LicenseBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder, Server, Type,
};

use crate::error::schema_name;
use crate::routes::Operations;

/// The schemas of successful responses have names that end so.
const ANSWER: &str = "Answer";

/// Builds the description of the API as an OpenAPI 3.1 document.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut document = Operations::openapi();
    document.info = InfoBuilder::new()
        .title("Storage Hub")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Multi-user object storage: sign up, get S3 keys, create buckets, use them with any S3 client.\n\n\
             Every response has `success`. Errors have `error`, a short and stable name, and `message`, which says what \
             was wrong and what is allowed. HEAD is supported wherever GET is. A path answers methods that it does not \
             support with 405 and `Allow`; an unknown path answers 404.",
        ))
        .license(Some(LicenseBuilder::new().name("ISC").identifier(Some("ISC")).build()))
        .build();
    document.servers = Some(vec![Server::new("/")]);
    document.tags = Some(
        [("users", "Accounts and their keys"), ("buckets", "Buckets"), ("service", "The server itself")]
            .map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build())
            .into(),
    );
    let errors = complete_operations(&mut document);
    let components = document.components.get_or_insert_default();
    complete_components(components, errors);
    document
}

/// Completes every operation, and returns the names of all errors by their status.
fn complete_operations(document: &mut OpenApi) -> BTreeMap<StatusCode, BTreeSet<String>> {
    let mut errors = BTreeMap::<_, BTreeSet<_>>::new();
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        // An absent list would mean that the document does not say.
        operation.security.get_or_insert_default();
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            response.headers.insert("X-Request-Id".to_owned(), RefOr::Ref(header_ref("X-Request-Id")));
            if let Some(status) = status.parse().ok().filter(|status: &StatusCode| status.as_u16() >= 400) {
                errors.entry(status).or_default().extend(example_names(response));
            }
        }
    }
    errors
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut utoipa::openapi::path::Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}

fn example_names(response: &Response) -> Vec<String> {
    let contents = response.content.values().filter_map(|content| match content {
        RefOr::T(content) => Some(content.examples.keys().cloned()),
        RefOr::Ref(_) => None,
    });
    contents.flatten().collect()
}

fn complete_components(components: &mut Components, errors: BTreeMap<StatusCode, BTreeSet<String>>) {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The token that a login responds with"));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    for (name, schema) in &mut components.schemas {
        if let RefOr::T(Schema::Object(object)) = schema
            && name.ends_with(ANSWER)
        {
            object.properties.insert("success".to_owned(), success(true));
            object.required.insert(0, "success".to_owned());
        }
    }
    for (status, names) in errors {
        components.schemas.insert(schema_name(status), error_body(status, names));
    }
    let not_allowed = StatusCode::METHOD_NOT_ALLOWED;
    let names = BTreeSet::from(["Method not allowed".to_owned()]);
    components.schemas.insert(schema_name(not_allowed), error_body(not_allowed, names));
    for (name, header) in headers() {
        components.headers.insert(name.to_owned(), header.into());
    }
    let response = ResponseBuilder::new()
        .description("The response of every path to a method that it does not support")
        .header_ref("Allow", header_ref("Allow"))
        .header_ref("X-Request-Id", header_ref("X-Request-Id"))
        .content(
            "application/json",
            utoipa::openapi::Content::new(Some(Ref::from_schema_name(schema_name(not_allowed)))),
        );
    components.responses.insert("MethodNotAllowed".to_owned(), response.build().into());
}

fn success(value: bool) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([value])).into()
}

fn error_body(status: StatusCode, names: BTreeSet<String>) -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let message = text().description(Some("What was wrong and what is allowed, in English; may change at any time"));
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Object))
        .description(Some(format!("The body of every response with the status {}", status.as_u16())))
        .property("success", success(false))
        .property("error", text().description(Some("The stable name of the error")).enum_values(Some(names)))
        .property("message", message)
        .required("success")
        .required("error")
        .required("message")
        .into()
}

/// The headers that responses declare.
fn headers() -> [(&'static str, Header); 4] {
    let header = |kind, description: &str| {
        HeaderBuilder::new().description(Some(description)).schema(Some(ObjectBuilder::new().schema_type(kind))).build()
    };
    [
        ("X-Request-Id", header(Type::String, "The id of the request in the server's log; a client may choose it")),
        ("Retry-After", header(Type::Integer, "After how many seconds the same request may succeed")),
        ("WWW-Authenticate", header(Type::String, "The authentication scheme, and why a token was refused")),
        ("Allow", header(Type::String, "The methods that the path supports")),
    ]
}

fn header_ref(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}
