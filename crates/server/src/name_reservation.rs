//! How long names of deleted buckets stay reserved: read at the start, because a store that does not say it keeps every
//! bucket that is to be deleted.

use anyhow::Context as _;
use storage_hub_core::context::Ports;
use storage_hub_core::ports::StoreError;

/// Reads the time from the store unless it is configured, and logs it.
///
/// # Errors
/// When the store answers, but does not say it. A store that does not answer is asked again at the first deletion.
pub(crate) async fn read(ports: &Ports) -> anyhow::Result<()> {
    let reservation = match ports.settings.name_reservation {
        Some(configured) => Ok(configured),
        None => ports.store.name_reservation().await,
    };
    match reservation {
        Ok(reservation) if reservation.is_zero() => {}
        Ok(reservation) => tracing::info!(
            reservation_seconds = reservation.as_secs(),
            "names of deleted buckets stay reserved for their last owners"
        ),
        Err(StoreError::Unavailable(error)) => {
            tracing::warn!(%error, "could not read from the store how long names of deleted buckets must stay reserved");
        }
        Err(error) => {
            return Err(error).context(
                "the store does not say how long names of deleted buckets must stay reserved; \
                 set store.name_reservation_seconds",
            );
        }
    }
    Ok(())
}
