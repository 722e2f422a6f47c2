//! Where logs go: standard error, as text or JSON.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::config::{Log, LogFormat};
use crate::traces::Traces;

/// Starts logging, and has spans sent where there is somebody who takes them.
pub(crate) fn start(log: &Log, traces: Option<&Traces>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.level)
        .with_context(|| format!("log.level is {:?}; use error, warn, info, debug or trace", log.level))?
        // It logs each refused request as an error, and with its headers; the endpoint logs what matters itself.
        .add_directive("s3s=off".parse()?);
    let Some(traces) = traces else {
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        match log.format {
            LogFormat::Json => builder.json().flatten_event(true).with_current_span(true).with_span_list(false).init(),
            LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).init(),
        }
        return Ok(());
    };
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces.layer()).init();
    Ok(())
}
