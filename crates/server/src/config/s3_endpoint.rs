use storage_hub_adapter_s3::{S3Limits, S3Options};
use tokio::sync::Semaphore;

use super::{Config, origins};

/// Share of the held bodies that one address may have.
const PER_ADDRESS: usize = 8;

impl Config {
    /// The options of the S3 endpoint that come from the configuration.
    pub(crate) fn s3_options(&self) -> S3Options {
        let api = self.api_public_url();
        let origins = self.api.cors_origins.iter().filter(|origin| *origin != "*").cloned();
        S3Options {
            region: self.s3.region.clone(),
            domain: self.s3.domain.clone(),
            tls: self.s3_public_url().starts_with("https://"),
            console_origins: origins::of_url(&api).into_iter().chain(origins).collect(),
            hub_url: Some(api),
            limits: self.s3_limits(),
            ..S3Options::default()
        }
    }

    fn s3_limits(&self) -> S3Limits {
        let unlimited = |limit: u32| match usize::try_from(limit) {
            Ok(limit) if limit > 0 && self.limits.enabled => limit,
            _ => Semaphore::MAX_PERMITS,
        };
        let bodies = unlimited(self.limits.s3_buffered_bodies);
        S3Limits {
            connections_per_address: unlimited(self.limits.s3_connections_per_address),
            buffered_bodies: bodies,
            buffered_bodies_per_address: bodies.div_ceil(PER_ADDRESS),
            ..S3Limits::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_console_has_the_origins_of_the_api_and_never_every_origin() {
        let mut config = Config::default();
        config.api.public_url = Some("https://Hub.example.com:443/".to_owned());
        config.api.cors_origins = vec!["*".to_owned(), "http://localhost:5173".to_owned()];
        let options = config.s3_options();
        assert_eq!(options.console_origins, ["https://hub.example.com", "http://localhost:5173"]);
        assert_eq!(options.limits.buffered_bodies_per_address, 8);
    }

    #[test]
    fn zero_is_no_limit() {
        let mut config = Config::default();
        config.limits.s3_connections_per_address = 0;
        assert_eq!(config.s3_options().limits.connections_per_address, Semaphore::MAX_PERMITS);
    }
}
