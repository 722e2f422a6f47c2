//! How long the name of a deleted bucket has to be reserved: until MinIO has removed every unfinished upload that it
//! accepted before the deletion. It removes those older than `stale_uploads_expiry`, and looks for them each
//! `stale_uploads_cleanup_interval`.

use std::time::Duration;

use storage_hub_core::ports::StoreError;

use crate::store::MinioStore;

/// The time that a removal itself, and clocks that differ, may take.
const SLACK: Duration = Duration::from_secs(3600);

impl MinioStore {
    /// Reads MinIO's settings, once: a later change of them counts from the next start on.
    pub(crate) async fn read_name_reservation(&self) -> Result<Duration, StoreError> {
        let read = async {
            let answer = crate::error::success(self.admin.config("api").await?)?;
            let config = self.admin.decrypted(answer).await?;
            reservation(&String::from_utf8_lossy(&config)).ok_or_else(|| {
                StoreError::Unexpected("stale_uploads_expiry of MinIO's `api` configuration cannot be read".into())
            })
        };
        self.name_reservation.get_or_try_init(|| read).await.copied()
    }
}

fn reservation(config: &str) -> Option<Duration> {
    let expiry = parse_duration(setting(config, "stale_uploads_expiry")?)?;
    let interval = parse_duration(setting(config, "stale_uploads_cleanup_interval")?)?;
    expiry.checked_add(interval)?.checked_add(SLACK)
}

/// A value of the configuration, which stands there as `name=value`; one of the server's environment stands before it as
/// `# MINIO_API_NAME=value` and counts more.
fn setting<'a>(config: &'a str, name: &str) -> Option<&'a str> {
    let of_environment = format!("MINIO_API_{}=", name.to_uppercase());
    let stored = format!("{name}=");
    let find = |prefix: &str| config.split_whitespace().find_map(|word| word.strip_prefix(prefix));
    find(&of_environment).or_else(|| find(&stored)).map(|value| value.trim_matches('"'))
}

/// Parses a duration as Go writes it: `24h`, `1h30m`, `1.5h`.
fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (value, after) = rest.split_at(number);
        let unit = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(value.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(part)?;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_of_the_server_counts_more_than_its_stored_configuration() {
        let stored = "api requests_max=0 stale_uploads_cleanup_interval=6h stale_uploads_expiry=24h root_access=on \n";
        assert_eq!(reservation(stored), Some(Duration::from_secs(31 * 3600)));
        let overridden = format!("# MINIO_API_STALE_UPLOADS_EXPIRY=48h\n{stored}");
        assert_eq!(reservation(&overridden), Some(Duration::from_secs(55 * 3600)));
        for unreadable in ["", "api", "api stale_uploads_expiry=24h", "api stale_uploads_expiry=soon"] {
            assert_eq!(reservation(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn a_duration_is_read_as_go_writes_it() {
        for (text, seconds) in [("24h", 86_400.0), ("1h30m", 5400.0), ("1.5h", 5400.0), ("90s", 90.0), ("250ms", 0.25)]
        {
            assert_eq!(parse_duration(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "24", "h", "1d", "-1h", "1h-", "1..5h"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
