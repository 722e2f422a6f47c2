//! The REST API of Storage Hub: actix-web in front of core's use cases, and the OpenAPI document of it.
//!
//! [`serve`] runs it on a listener; [`app`] is the same application for tests in process; [`openapi`] describes it.
//! `docs/adding-an-endpoint.md` lists what a new endpoint touches.

mod options;
mod server;

mod metrics_server;
mod request_observer;

mod app;
mod state;

mod authenticated;
mod bucket_path;
mod client_address;
mod json_body;
mod page_query;
mod proxies;
mod rate_limits;
mod readiness;
mod signature_limits;

mod routes;

mod endpoints;

mod error;
mod receipts;
mod responses;

mod docs;
mod middleware;
mod openapi;
mod schemas;

pub use app::app;
pub use metrics_server::serve_metrics;
pub use openapi::openapi;
pub use options::{HttpOptions, TraceHooks};
pub use proxies::{ForwardedHeader, Proxies};
pub use rate_limits::RateLimits;
pub use request_observer::RequestObserver;
pub use server::serve;
pub use signature_limits::SignatureLimits;
pub use state::AppState;
