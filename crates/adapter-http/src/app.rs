use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, Error, web};

use crate::middleware::{REQUEST_ID, harden, hold_body, observe, refuse_s3};
use crate::{AppState, HttpOptions, docs, endpoints, routes};

/// Builds the whole application, for [`serve`](crate::serve) and for tests in process.
pub fn app(
    state: AppState,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let (cross_origin, with_docs) = (cross_origin(state.options()), state.options().docs);
    App::new()
        .app_data(web::Data::new(state))
        .configure(routes::configure)
        .configure(|config| docs::configure(config, with_docs))
        .default_service(web::to(endpoints::not_found))
        .wrap(from_fn(refuse_s3))
        .wrap(cross_origin)
        .wrap(from_fn(harden))
        .wrap(from_fn(observe))
        .wrap(from_fn(hold_body))
}

/// Permits pages of the allowed origins to call the API from a browser. Cookies are not permitted: tokens travel in
/// `Authorization`.
fn cross_origin(options: &HttpOptions) -> Condition<Cors> {
    let origins = options.allowed_origins.clone();
    let enabled = !origins.is_empty();
    let cors = Cors::default()
        .allowed_origin_fn(move |origin, _| {
            origins.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin.as_bytes())
        })
        .allowed_methods(routes::methods())
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE, REQUEST_ID])
        .expose_headers([REQUEST_ID, RETRY_AFTER])
        .block_on_origin_mismatch(false)
        .max_age(3600);
    Condition::new(enabled, cors)
}
