//! Traces: sent to a collector by OTLP, where the build has that (feature `otlp`) and the configuration asks for it.

#[cfg(not(feature = "otlp"))]
mod absent;
#[cfg(feature = "otlp")]
mod otlp;

#[cfg(not(feature = "otlp"))]
pub(crate) use absent::Traces;
#[cfg(feature = "otlp")]
pub(crate) use otlp::Traces;

/// Whether this build can send traces.
pub(crate) const BUILT_IN: bool = cfg!(feature = "otlp");
