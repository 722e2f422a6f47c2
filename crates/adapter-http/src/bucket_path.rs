use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use storage_hub_core::domain::BucketName;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use crate::error::{ApiError, InputError};
use crate::schemas;

/// The bucket name in a path. A name that no bucket can have is refused, as where a bucket is created.
pub(crate) struct BucketPath(pub(crate) BucketName);

impl FromRequest for BucketPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Characters that are still percent-encoded here are not allowed in names.
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
            .description(Some("The name of the bucket"))
            .schema(Some(schemas::bucket_name()));
        vec![name.build()]
    }
}
