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
