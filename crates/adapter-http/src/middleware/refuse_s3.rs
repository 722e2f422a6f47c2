use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, ContentType};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

use crate::AppState;

/// Query parameters that presigned URLs have, in lower case.
const PRESIGNED: [&str; 2] = ["x-amz-signature", "awsaccesskeyid"];

/// Refuses a request of an S3 client with an error that the client can show, and that names the S3 endpoint: the two
/// ports are easily confused, and JSON would only make the client retry.
pub(crate) async fn refuse_s3<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if !is_s3(&request) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let state = request.app_data::<web::Data<AppState>>();
    let endpoint = state.map(|state| state.ports().settings.s3_endpoint.as_str()).unwrap_or_default();
    let message = format!("This is the REST API of Storage Hub; the S3 endpoint is {endpoint}");
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidRequest</Code><Message>{message}</Message></Error>"
    );
    let response = HttpResponse::BadRequest().content_type(ContentType::xml()).body(body);
    Ok(request.into_response(response.map_into_right_body()))
}

/// An AWS signature in `Authorization` is never meant for the API. The other signs of S3 count only where the API has
/// no endpoint, because proxies may add headers to any request.
fn is_s3(request: &ServiceRequest) -> bool {
    let authorizations = request.headers().get_all(AUTHORIZATION);
    if authorizations
        .map(|value| value.as_bytes())
        .any(|value| value.starts_with(b"AWS4-HMAC-SHA256") || value.starts_with(b"AWS "))
    {
        return true;
    }
    if request.match_pattern().is_some_and(|template| template != "/") {
        return false;
    }
    let mut names = request.query_string().split('&').filter_map(|pair| pair.split('=').next());
    request.headers().keys().any(|name| name.as_str().starts_with("x-amz-"))
        || names.any(|name| PRESIGNED.iter().any(|presigned| name.eq_ignore_ascii_case(presigned)))
}
