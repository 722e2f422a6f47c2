use std::fmt::Write as _;
use std::process::ExitCode;

use super::output::{note, print};
use crate::config::{KEYS, Loaded};
use crate::{tls, wiring};

/// Prints the configuration as a file, then checks what it names: certificates, and what the adapters need to start.
///
/// # Errors
/// When `serve` would refuse the configuration.
pub(crate) fn run(loaded: &Loaded) -> anyhow::Result<ExitCode> {
    print(&render(loaded))?;
    for warning in &loaded.warnings {
        note(format_args!("warning: {warning}"));
    }
    check(loaded)?;
    Ok(ExitCode::SUCCESS)
}

/// Opens what the configuration names, as far as that changes and connects to nothing.
///
/// # Errors
/// When something cannot be used; names the key.
pub(crate) fn check(loaded: &Loaded) -> anyhow::Result<()> {
    tls::Certificates::open(&loaded.config)?;
    wiring::check(&loaded.config)
}

/// Which file was read, for people.
pub(crate) fn file(loaded: &Loaded) -> String {
    match &loaded.file {
        Some(file) => {
            let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            format!("the file {} was read", path.display())
        }
        None => "no file was read: there is no storage-hub.toml in the current folder".to_owned(),
    }
}

fn render(loaded: &Loaded) -> String {
    let mut text = format!("# Configuration of storage-hub {}; {}.\n", env!("CARGO_PKG_VERSION"), file(loaded));
    let mut section = "";
    for key in KEYS {
        let name = match key.name.split_once('.') {
            Some((of, name)) => {
                if of != section {
                    section = of;
                    let _ = write!(text, "\n[{section}]\n");
                }
                name
            }
            None => key.name,
        };
        let source = loaded.sources.get(key.name).map(|at| format!("  # {at}")).unwrap_or_default();
        let _ = match (key.show)(&loaded.config) {
            Some(value) => writeln!(text, "{name} = {value}{source}"),
            None => writeln!(text, "# {name} is not set"),
        };
    }
    text
}
