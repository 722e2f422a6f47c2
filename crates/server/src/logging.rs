//! Log output: standard error, as text or JSON.
//!
//! An event is a sentence in the past tense that contains the id of its subject. The id is also a field with a dotted
//! name, such as `task.key`, `bucket.name` or `user.id`, for searching. `error` means that the operator must act,
//! `warn` that the hub works around a fault, `info` is a change of its state, and `debug` is for developers.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt};

use crate::config::{Log, LogFormat};
use crate::traces::Traces;

/// Levels of libraries that say at `info` what no operator needs. `log.level` overrides them by module.
const LIBRARIES: &str = "actix_server=warn";

/// Starts logging, and the export of traces.
///
/// # Errors
/// When `log.level` is invalid.
pub(crate) fn start(log: &Log, traces: Option<&Traces>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{LIBRARIES},{}", log.level))
        .with_context(|| format!("log.level is invalid: `{}`", log.level))?;
    // Without a reader of standard error there is nobody to report errors of writing to, and the attempt would panic.
    let lines = fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    let lines = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    let lines = Registry::default().with(lines.with_filter(filter));
    match traces {
        Some(traces) => lines.with(traces.layer()).init(),
        None => lines.init(),
    }
    Ok(())
}
