//! The S3 endpoint: who asks, what they may do, and the service on a socket.

mod access;
mod action;
mod auth;
mod host;
mod options;
mod refusals;
mod serve;
mod visitor;

use std::sync::Arc;

use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::validation::NameValidation;
use storage_hub_core::domain::BucketName;
use storage_hub_core::use_cases::s3_gate::S3Gate;

use crate::operations::Operations;
use crate::store::EmbeddedStore;

pub use options::{S3Observer, S3Options, TraceHooks};
pub(crate) use visitor::Visitor;

/// An S3 endpoint on a store, ready to be served.
#[derive(Clone)]
pub struct S3Endpoint {
    service: S3Service,
    visitors: visitor::Visitors,
    observer: Option<Arc<dyn S3Observer>>,
    traces: Option<TraceHooks>,
}

/// A string that is no domain for virtual-host addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no domain name; use one like s3.example.com, without a port")]
pub struct InvalidDomain(String);

/// The S3 endpoint of a store. The gate tells who signs a request and decides about every operation.
///
/// # Errors
/// [`InvalidDomain`].
pub fn s3_service(store: EmbeddedStore, gate: S3Gate, options: S3Options) -> Result<S3Endpoint, InvalidDomain> {
    let S3Options { region, domain, observer, traces } = options;
    let visitors = visitor::Visitors;
    let operations = Operations { store, gate: gate.clone(), region: Arc::from(region) };
    let mut builder = S3ServiceBuilder::new(operations);
    // Without an auth provider s3s asks nobody for access: both are set here, in one place, and nowhere else.
    builder.set_auth(auth::GateAuth { gate: gate.clone(), visitors: visitors.clone() });
    builder.set_access(access::GateAccess { gate, visitors: visitors.clone() });
    builder.set_validation(HubNames);
    if let Some(domain) = domain {
        builder.set_host(host::DomainHost::parse(&domain).ok_or(InvalidDomain(domain))?);
    }
    Ok(S3Endpoint { service: builder.build(), visitors, observer, traces })
}

/// The bucket names that the hub takes, and no others.
struct HubNames;

impl NameValidation for HubNames {
    fn validate_bucket_name(&self, name: &str) -> bool {
        BucketName::parse(name).is_ok()
    }
}
