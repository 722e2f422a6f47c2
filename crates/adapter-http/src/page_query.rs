use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use storage_hub_core::domain::{Cursor, PageLimit, PageLimitError, PageRequest};
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Schema;

use crate::error::{ApiError, InputError};
use crate::schemas;

/// The page that `limit` and `cursor` of a query select. Other parameters are ignored.
pub(crate) struct PageQuery(pub(crate) PageRequest);

impl FromRequest for PageQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self).map_err(ApiError::from))
    }
}

fn read(query: &str) -> Result<PageRequest, InputError> {
    if query.is_empty() {
        return Ok(PageRequest::default());
    }
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query);
    let pairs = pairs.map_err(|error| InputError::invalid("query")(&error))?.into_inner();
    let limit = find(&pairs, "limit")?.map(parse_limit).transpose();
    let after = find(&pairs, "cursor")?.map(Cursor::parse).transpose();
    Ok(PageRequest {
        limit: limit.map_err(|rule| InputError::invalid("limit")(&rule))?,
        after: after.map_err(|rule| InputError::invalid("cursor")(&rule))?,
    })
}

fn find<'a>(pairs: &'a [(String, String)], field: &'static str) -> Result<Option<&'a str>, InputError> {
    let mut values = pairs.iter().filter(|(name, _)| name == field).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(InputError::Repeated(field)),
        (value, None) => Ok(value),
    }
}

fn parse_limit(text: &str) -> Result<PageLimit, PageLimitError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let rows = text.parse().ok().filter(|_| digits).ok_or(PageLimitError)?;
    PageLimit::new(rows)
}

impl IntoParams for PageQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = "Maximum number of buckets of a page; 10,000 if absent";
        let cursor = "The `nextCursor` of the page before; the first page if absent";
        vec![parameter("limit", limit, schemas::limit()), parameter("cursor", cursor, schemas::cursor())]
    }
}

fn parameter(name: &str, description: &str, schema: Schema) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}
