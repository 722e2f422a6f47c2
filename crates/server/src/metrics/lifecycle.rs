use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use storage_hub_adapter_embedded::LifecyclePass;

/// What the lifecycle rules of the embedded store did.
#[derive(Default)]
pub(super) struct LifecycleCounts {
    passes: Family<OutcomeLabels, Counter>,
    seconds: Counter<f64, std::sync::atomic::AtomicU64>,
    examined: Counter,
    actions: Family<ActionLabels, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ActionLabels {
    action: &'static str,
}

impl LifecycleCounts {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Passes of the lifecycle rules of the embedded store by outcome";
        registry.register("lifecycle_passes", help, self.passes.clone());
        registry.register("lifecycle_pass_seconds", "Duration of these passes together", self.seconds.clone());
        let help = "Versions and delete markers that lifecycle rules were compared with";
        registry.register("lifecycle_examined", help, self.examined.clone());
        let help = "Objects expired, versions deleted, uploads aborted, and versions that object lock kept";
        registry.register("lifecycle_actions", help, self.actions.clone());
    }

    pub(super) fn passed(&self, pass: Option<&LifecyclePass>, took: Duration) {
        let outcome = if pass.is_some() { "done" } else { "failed" };
        self.passes.get_or_create(&OutcomeLabels { outcome }).inc();
        self.seconds.inc_by(took.as_secs_f64());
        let Some(LifecyclePass { buckets: _, examined, expired, deleted, aborted, kept }) = pass else { return };
        self.examined.inc_by(*examined);
        for (action, count) in [("expired", expired), ("deleted", deleted), ("aborted", aborted), ("kept", kept)] {
            self.actions.get_or_create(&ActionLabels { action }).inc_by(*count);
        }
    }
}
