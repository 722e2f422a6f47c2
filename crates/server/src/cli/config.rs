use std::process::ExitCode;

use crate::config::Config;

/// Prints the configuration in effect as a configuration file, secrets masked.
#[allow(clippy::print_stdout, reason = "this is the command line")]
pub(crate) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    print!("{}", toml::to_string(config)?);
    Ok(ExitCode::SUCCESS)
}
