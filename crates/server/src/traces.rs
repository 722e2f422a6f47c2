//! Export of traces to a collector by OTLP, in builds with the feature `otlp` and if the configuration asks for it.

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
