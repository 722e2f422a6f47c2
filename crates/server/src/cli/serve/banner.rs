use std::fmt::Write as _;
use std::net::SocketAddr;

use storage_hub_core::domain::{Email, Password};

use crate::cli::output::print;
use crate::config::Config;

/// Where the server listens.
pub(super) struct Addresses {
    pub(super) api: SocketAddr,
    /// Of the embedded store's endpoint.
    pub(super) s3: Option<SocketAddr>,
    pub(super) metrics: Option<SocketAddr>,
}

/// Prints what the person at the terminal needs. A generated password goes to standard output alone, never to the log.
pub(super) fn announce(
    config: &Config,
    addresses: &Addresses,
    summary: &str,
    admin: Option<&(Email, Option<Password>)>,
) -> anyhow::Result<()> {
    let mut text = format!("Storage Hub {} on {summary}\n", env!("CARGO_PKG_VERSION"));
    let api = config.api_public_url();
    let docs = config.api.docs.then(|| format!("docs: {api}/docs/"));
    line(&mut text, "API", &api, [listens_elsewhere(&api, addresses.api), docs]);
    let s3 = config.s3_public_url();
    line(&mut text, "S3 ", &s3, [addresses.s3.and_then(|address| listens_elsewhere(&s3, address)), None]);
    if let Some(metrics) = addresses.metrics {
        let _ = writeln!(text, "  Metrics  http://{metrics}/metrics");
    }
    match admin {
        Some((email, Some(password))) => {
            let _ = writeln!(text, "  Administrator created: {email} with password {}", password.expose());
            text.push_str("  The password is not shown again.\n");
        }
        Some((email, None)) => {
            let _ = writeln!(text, "  Administrator created: {email} with the configured password");
        }
        None => {}
    }
    print(&text)
}

fn line(text: &mut String, name: &str, url: &str, remarks: [Option<String>; 2]) {
    let remarks: Vec<_> = remarks.into_iter().flatten().collect();
    let remarks = if remarks.is_empty() { String::new() } else { format!("  ({})", remarks.join("; ")) };
    let _ = writeln!(text, "  {name}  {url}{remarks}");
}

/// The address, unless the URL says it already.
fn listens_elsewhere(url: &str, address: SocketAddr) -> Option<String> {
    (!url.ends_with(&format!("//{address}"))).then(|| format!("listening on {address}"))
}
