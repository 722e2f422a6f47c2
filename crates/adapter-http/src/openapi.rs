use std::collections::HashMap;
use std::sync::LazyLock;

use utoipa::OpenApi as _;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi};

use crate::endpoints::Endpoints;

/// The API as an OpenAPI 3.1 document, made from the endpoints.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut document = Endpoints::openapi();
    document.info = InfoBuilder::new()
        .title("Storage Hub")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Multi-user object storage: sign up, get S3 keys, make buckets, use them with any S3 client.\n\n\
             Every answer has `success`. Errors have `error`, a short and stable name, and `message`, which says what \
             was wrong and what would be right.",
        ))
        .license(Some(LicenseBuilder::new().name("ISC").identifier(Some("ISC")).build()))
        .build();
    document.tags = Some(
        [("users", "Accounts and their keys"), ("buckets", "Buckets"), ("service", "The server itself")]
            .map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build())
            .into(),
    );
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The token that a login answers with"));
    document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    document
}

/// The id of the operation that a method and the pattern of a route are.
pub(crate) fn operation_id(method: &str, route: &str) -> Option<&'static str> {
    static IDS: LazyLock<HashMap<(&'static str, String), String>> = LazyLock::new(|| {
        let operations = Endpoints::openapi().paths.paths.into_iter().flat_map(|(path, item)| {
            let methods = [("GET", item.get), ("POST", item.post), ("DELETE", item.delete)];
            methods.map(|(method, operation)| Some(((method, path.clone()), operation?.operation_id?)))
        });
        operations.flatten().collect()
    });
    let method = if method == "HEAD" { "GET" } else { method };
    let method = ["GET", "POST", "DELETE"].into_iter().find(|known| *known == method)?;
    IDS.get(&(method, route.to_owned())).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_known_by_its_method_and_route() {
        assert_eq!(operation_id("POST", "/api/buckets"), Some("create_bucket"));
        assert_eq!(operation_id("HEAD", "/api/buckets/{name}"), Some("get_bucket"));
        assert_eq!(operation_id("PATCH", "/api/buckets"), None);
        assert_eq!(operation_id("GET", "/made/up"), None);
    }
}
