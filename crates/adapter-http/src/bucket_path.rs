use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use storage_hub_core::domain::BucketName;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use crate::error::{ApiError, InputError};
use crate::schemas;

/// The bucket that a path names. What no bucket can be called is refused as where one is made.
pub(crate) struct BucketPath(pub(crate) BucketName);

impl FromRequest for BucketPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // What is still percent-encoded here is no character of a name.
        let name = request.match_info().get("name").unwrap_or_default();
        let name = BucketName::parse(name).map_err(|rule| InputError::invalid("name")(&rule).into());
        ready(name.map(Self))
    }
}

impl IntoParams for BucketPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let name = ParameterBuilder::new()
            .name("name")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some("The bucket's name"))
            .schema(Some(schemas::bucket_name()));
        vec![name.build()]
    }
}
