//! The S3 endpoint: who asks, what they may do, and the service on a socket.

mod access;
mod action;
mod answer;
mod auth;
mod body_fault;
mod byte_range;
mod chunked_body;
mod credential;
mod digested_body;
mod guarded_body;
mod host;
mod options;
mod payload;
mod permission;
mod query;
mod refusals;
mod refused;
mod serve;
mod visitor;
mod whole_object;

use std::sync::Arc;

use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::validation::NameValidation;
use storage_hub_core::domain::BucketName;
use storage_hub_core::use_cases::s3_gate::S3Gate;

use crate::operations::Operations;
use crate::store::EmbeddedStore;

pub(crate) use digested_body::said_checksum;
pub use options::{S3Observer, S3Options, SignatureGuard, TraceHooks};
pub(crate) use permission::{Permission, Permit};
pub(crate) use visitor::{Visitor, body_digests};

/// An S3 endpoint on a store, ready to be served.
#[derive(Clone)]
pub struct S3Endpoint {
    service: S3Service,
    visitors: visitor::Visitors,
    region: Arc<str>,
    observer: Option<Arc<dyn S3Observer>>,
    guard: Option<Arc<dyn SignatureGuard>>,
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
    let S3Options { region, domain, observer, guard, traces } = options;
    let (visitors, region) = (visitor::Visitors, Arc::<str>::from(region));
    let host = match domain {
        Some(domain) => Some(host::DomainHost::parse(&domain).ok_or(InvalidDomain(domain))?),
        None => None,
    };
    let operations = Operations { store: store.clone(), gate: gate.clone(), region: region.clone() };
    let service = |operations, auth: Option<auth::GateAuth>, route: Option<whole_object::WholeObject>| {
        let mut builder = S3ServiceBuilder::new(operations);
        // Without an auth provider s3s asks nobody for access: both are set here, in one place, and nowhere else.
        match auth {
            Some(auth) => builder.set_auth(auth),
            None => builder.set_auth(whole_object::NoSignatures),
        }
        builder.set_access(access::GateAccess { gate: gate.clone(), store: store.clone(), visitors: visitors.clone() });
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(limits()))));
        builder.set_validation(HubNames);
        if let Some(host) = host.clone() {
            builder.set_host(host);
        }
        if let Some(route) = route {
            builder.set_route(route);
        }
        builder.build()
    };
    let relayed = service(operations.clone(), None, None);
    let route = whole_object::WholeObject { service: relayed, visitors: visitors.clone() };
    let auth = auth::GateAuth { gate: gate.clone(), visitors: visitors.clone() };
    let service = service(operations, Some(auth), Some(route));
    Ok(S3Endpoint { service, visitors, region, observer, guard, traces })
}

/// How much of a body s3s holds in memory. No form gets as far as that: this is the second wall.
fn limits() -> S3Config {
    let mut config = S3Config::default();
    config.xml_max_body_size = payload::MAX_WHOLE;
    config.post_object_max_file_size = 0;
    config.form_max_field_size = 1024;
    config.form_max_fields_size = 1024;
    config.form_max_parts = 1;
    config
}

/// The bucket names that the hub takes, and no others.
struct HubNames;

impl NameValidation for HubNames {
    fn validate_bucket_name(&self, name: &str) -> bool {
        BucketName::parse(name).is_ok()
    }
}
