use tracing::Span;
use tracing_subscriber::layer::Identity;

use crate::config;

/// The exporter of a build without traces, which is never created: a configuration that asks for traces is refused.
pub(crate) enum Traces {}

impl Traces {
    pub(crate) const fn open(_: &config::Traces) -> anyhow::Result<Option<Self>> {
        Ok(None)
    }

    pub(crate) const fn layer(&self) -> Identity {
        match *self {}
    }

    pub(crate) const fn join(_: &Span, _: &str) {}

    pub(crate) const fn name(_: &Span, _: &'static str) {}

    pub(crate) async fn finish(self) {
        match self {}
    }
}
