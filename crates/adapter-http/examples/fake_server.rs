//! The API on the in-memory adapters of core, to try it out and to test it from outside:
//! `cargo run -p storage-hub-adapter-http --example fake_server -- 3000`. It keeps no data.
#![expect(clippy::print_stdout, reason = "prints the URL for its user")]

use std::error::Error;
use std::net::TcpListener;
use std::sync::Arc;

use storage_hub_adapter_http::{HttpOptions, serve};
use storage_hub_core::context::{Enforcement, Ports, Settings};
use storage_hub_core::policy::PolicyPrefix;
use storage_hub_core::testing::{
    InMemoryRecords, InMemoryStore, ManualClock, PlainHasher, PlainTokens, PlainVault, SequentialIds,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse::<u16>())?;
    if std::env::var_os("RUST_LOG").is_some() {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        tracing_subscriber::fmt().with_env_filter(filter).json().init();
    }
    let records = Arc::new(InMemoryRecords::new());
    let store = Arc::new(InMemoryStore::new());
    let settings = Settings::new(PolicyPrefix::parse("hub")?, "http://127.0.0.1:9000".into(), "us-east-1".into());
    let ports = Ports {
        unit_of_work: records.clone(),
        directory: records,
        store: store.clone(),
        enforcement: Enforcement::Policies(store),
        passwords: Arc::new(PlainHasher::default()),
        tokens: Arc::new(PlainTokens::default()),
        vault: Arc::new(PlainVault::default()),
        clock: Arc::new(ManualClock::default()),
        ids: Arc::new(SequentialIds::default()),
        settings: Arc::new(settings),
        progress: Arc::default(),
        decisions: Arc::default(),
    };
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    println!("http://{}", listener.local_addr()?);
    let stopped = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    serve(listener, ports, HttpOptions::default(), tokio::runtime::Handle::current(), stopped).await?;
    Ok(())
}
