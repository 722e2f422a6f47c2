//! Prints the OpenAPI document: `cargo run -p storage-hub-adapter-http --example openapi > openapi.json`.
#![expect(clippy::print_stdout, reason = "prints the document")]

fn main() -> Result<(), serde_json::Error> {
    println!("{}", storage_hub_adapter_http::openapi().to_pretty_json()?);
    Ok(())
}
