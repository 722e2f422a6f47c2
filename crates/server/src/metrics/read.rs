//! Metrics that are kept elsewhere, and read when they are requested.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use storage_hub_core::decision_metrics::Decisions;

use crate::wiring::records::Pools;

/// Counts of access decisions.
pub(super) struct CountedDecisions(pub(super) Arc<Decisions>);

impl fmt::Debug for CountedDecisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CountedDecisions")
    }
}

impl Collector for CountedDecisions {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Access decisions by surface, requested access and outcome";
        let mut metric = encoder.encode_descriptor("decisions", help, None, MetricType::Counter)?;
        for (surface, wanted, outcome, count) in self.0.counts() {
            let labels = [("surface", surface.as_str()), ("wanted", wanted), ("outcome", outcome.as_str())];
            ConstCounter::new(count).encode(metric.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

/// The state of the pools of database connections.
pub(super) struct WatchedPools(pub(super) Pools);

impl fmt::Debug for WatchedPools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WatchedPools")
    }
}

impl Collector for WatchedPools {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let pools = (self.0)();
        let help = "Open database connections by state";
        let mut metric = encoder.encode_descriptor("pool_connections", help, None, MetricType::Gauge)?;
        for (name, state) in &pools {
            for (kind, count) in [("idle", state.idle), ("used", state.used)] {
                gauge(count).encode(metric.encode_family(&[("pool", *name), ("state", kind)])?)?;
            }
        }
        let help = "Maximum number of database connections";
        let mut metric = encoder.encode_descriptor("pool_connections_max", help, None, MetricType::Gauge)?;
        for (name, state) in &pools {
            gauge(state.most).encode(metric.encode_family(&[("pool", *name)])?)?;
        }
        let help = "Calls that wait for a database connection";
        let mut metric = encoder.encode_descriptor("pool_waiting", help, None, MetricType::Gauge)?;
        for (name, state) in &pools {
            gauge(state.waiting).encode(metric.encode_family(&[("pool", *name)])?)?;
        }
        Ok(())
    }
}

fn gauge(count: usize) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX))
}
