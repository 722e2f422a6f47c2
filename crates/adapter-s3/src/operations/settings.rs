use http::Response;
use storage_hub_core::domain::{CorsMethod, CorsRule, CorsRules, CorsRulesError};
use storage_hub_s3_protocol::cors::{self, CorsConfiguration};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::Operation;
use storage_hub_s3_protocol::response;

use super::buckets::bucket_failed;
use super::{empty, no_content, reply};
use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    pub(super) fn get_bucket_cors(&self, request: &Request) -> S3Result<Response<Content>> {
        self.decide_without_body(request)?;
        let rules = request.access.bucket.as_ref().and_then(|bucket| bucket.cors());
        let rules = rules.ok_or(ErrorCode::NoSuchCORSConfiguration)?;
        Ok(reply(response::get_bucket_cors(&configuration(rules))))
    }

    pub(super) async fn put_bucket_cors(&self, request: Request, operation: Operation) -> S3Result<Response<Content>> {
        let bucket = self.decide(&request)?.bucket().clone();
        let Some(caller) = request.access.caller.clone() else { return Err(ErrorCode::AccessDenied.into()) };
        let Operation::PutBucketCors(input) = self.accept_document(request, operation).await? else {
            return Err(ErrorCode::InternalError.into());
        };
        let rules = rules(input.configuration)?;
        let use_cases = self.use_cases.clone();
        self.write(async move { use_cases.put_cors(&caller, &bucket, &rules).await.map_err(bucket_failed) }).await?;
        Ok(empty())
    }

    pub(super) async fn delete_bucket_cors(&self, request: &Request) -> S3Result<Response<Content>> {
        let bucket = self.decide_without_body(request)?.bucket().clone();
        let Some(caller) = request.access.caller.clone() else { return Err(ErrorCode::AccessDenied.into()) };
        let use_cases = self.use_cases.clone();
        self.write(async move { use_cases.delete_cors(&caller, &bucket).await.map_err(bucket_failed) }).await?;
        Ok(no_content())
    }
}

fn rules(configuration: CorsConfiguration) -> S3Result<CorsRules> {
    let invalid = |error: CorsRulesError| S3Error::with_message(ErrorCode::InvalidRequest, format!("{error}."));
    let read = |rule: cors::CorsRule| {
        let methods = rule.allowed_methods.iter().map(|method| CorsMethod::parse(method));
        Ok(CorsRule {
            id: rule.id,
            allowed_origins: rule.allowed_origins,
            allowed_methods: methods.collect::<Result<_, _>>()?,
            allowed_headers: rule.allowed_headers,
            expose_headers: rule.expose_headers,
            max_age_seconds: rule.max_age_seconds,
        })
    };
    let rules = configuration.rules.into_iter().map(read).collect::<Result<_, _>>().map_err(invalid)?;
    CorsRules::new(rules).map_err(invalid)
}

fn configuration(rules: &CorsRules) -> CorsConfiguration {
    let rules = rules.rules().iter().map(|rule| cors::CorsRule {
        id: rule.id.clone(),
        allowed_origins: rule.allowed_origins.clone(),
        allowed_methods: rule.allowed_methods.iter().map(|method| method.as_str().to_owned()).collect(),
        allowed_headers: rule.allowed_headers.clone(),
        expose_headers: rule.expose_headers.clone(),
        max_age_seconds: rule.max_age_seconds,
    });
    CorsConfiguration { rules: rules.collect() }
}
