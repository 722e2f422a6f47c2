//! What is counted elsewhere, and read when somebody asks.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use storage_hub_core::decision_metrics::Decisions;

use crate::wiring::records::Pools;

/// How often it was decided what.
pub(super) struct CountedDecisions(pub(super) Arc<Decisions>);

impl fmt::Debug for CountedDecisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CountedDecisions")
    }
}

impl Collector for CountedDecisions {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Decisions on access: where, which access was wanted, what came of it";
        let mut metric = encoder.encode_descriptor("decisions", help, None, MetricType::Counter)?;
        for (door, wanted, outcome, count) in self.0.counts() {
            let labels = [("door", door.as_str()), ("wanted", wanted), ("outcome", outcome.as_str())];
            ConstCounter::new(count).encode(metric.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

/// How the pools of connections to databases stand.
pub(super) struct WatchedPools(pub(super) Pools);

impl fmt::Debug for WatchedPools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WatchedPools")
    }
}

impl Collector for WatchedPools {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let pools = (self.0)();
        let help = "Connections to databases: open and idle, open and used";
        let mut metric = encoder.encode_descriptor("pool_connections", help, None, MetricType::Gauge)?;
        for (name, state) in &pools {
            for (kind, count) in [("idle", state.idle), ("used", state.used)] {
                gauge(count).encode(metric.encode_family(&[("pool", *name), ("state", kind)])?)?;
            }
        }
        let help = "How many connections to databases there may be";
        let mut metric = encoder.encode_descriptor("pool_connections_most", help, None, MetricType::Gauge)?;
        for (name, state) in &pools {
            gauge(state.most).encode(metric.encode_family(&[("pool", *name)])?)?;
        }
        let help = "Calls that wait for a connection to a database";
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
