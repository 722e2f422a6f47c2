//! Credentials of version 4: whose key, for which day, region and service.

use std::borrow::Cow;
use std::collections::BTreeSet;

use http::{HeaderName, HeaderValue};

use super::SignatureRules;
use super::timestamp::Timestamp;
use super::v4::Scope;
use crate::error::{ErrorCode, S3Error, S3Result};

/// Where a claim was read, which decides how errors are named.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Header,
    Query,
    Form,
}

impl Place {
    pub(super) fn error(self, message: impl Into<Cow<'static, str>>) -> S3Error {
        let code = match self {
            Self::Header => ErrorCode::AuthorizationHeaderMalformed,
            Self::Query => ErrorCode::AuthorizationQueryParametersError,
            Self::Form => ErrorCode::InvalidArgument,
        };
        S3Error::with_message(code, message)
    }

    /// Reads `<access key>/<date>/<region>/s3/aws4_request`.
    pub(super) fn read_credential<'a>(self, text: &'a str, time: &Timestamp) -> S3Result<(&'a str, Scope)> {
        let parts: Vec<_> = text.split('/').collect();
        let [access_key, date, region, service @ "s3", "aws4_request"] = *parts.as_slice() else {
            return Err(self.error("The credential must have the form `<access key>/<date>/<region>/s3/aws4_request`."));
        };
        if access_key.is_empty() || date != time.date() {
            return Err(self.error("The date of the credential must be the day of the request's time."));
        }
        let scope = Scope { date: date.to_owned(), region: region.to_owned(), service: service.to_owned() };
        Ok((access_key, scope))
    }

    pub(super) fn read_signed_headers(self, text: &str) -> S3Result<Vec<String>> {
        let names: Vec<_> = text.split(';').collect();
        let unique: BTreeSet<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let is_lower = names.iter().all(|name| !name.is_empty() && !name.bytes().any(|byte| byte.is_ascii_uppercase()));
        if !is_lower || unique.len() != names.len() {
            return Err(self.error("The signed headers must be distinct names in lower case, separated by `;`."));
        }
        Ok(unique.into_iter().collect())
    }

    /// Refuses a signature for another region, and says which one is right: clients that are told sign again.
    pub(super) fn check_region(self, scope: &Scope, rules: &SignatureRules) -> S3Result<()> {
        let region = &rules.region;
        if matches!(scope.region.as_str(), "" | "US") || scope.region == *region {
            return Ok(());
        }
        let error = self.error(format!("The region '{}' is wrong; expecting '{region}'.", scope.region));
        let error = error.with_element("Region", region.clone());
        Err(match HeaderValue::from_str(region) {
            Ok(value) => error.with_header(HeaderName::from_static("x-amz-bucket-region"), value),
            Err(_) => error,
        })
    }
}
