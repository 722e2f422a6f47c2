//! The cargo that started this program.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Additional features of every build for tests, so that nothing is compiled twice.
pub(crate) const TEST_FEATURES: &str = "--features=storage-hub-server/otlp";

/// A command of cargo in the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace()).args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command. Fails unless it succeeds.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_owned();
    let status = command.status().with_context(|| format!("cannot run {}", name.display()))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}

/// The output of `cargo metadata`.
pub(crate) fn metadata(arguments: &[&str]) -> Result<Value> {
    let mut command = cargo(&["metadata", "--format-version=1"]);
    let output = command.args(arguments).stderr(Stdio::inherit()).output().context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed: {}", output.status);
    serde_json::from_slice(&output.stdout).context("cargo metadata did not print JSON")
}

/// Builds every example of the workspace and returns their folder.
///
/// They have the features of the tests, because another selection would compile many dependencies again.
pub(crate) fn build_examples() -> Result<PathBuf> {
    succeed(&mut cargo(&["build", "--workspace", "--examples", TEST_FEATURES]))?;
    Ok(debug_folder()?.join("examples"))
}

/// Builds every program of the workspace, like [`build_examples`], and returns their folder.
pub(crate) fn build_programs() -> Result<PathBuf> {
    // With the examples, because cargo then enables the same features as for the tests.
    succeed(&mut cargo(&["build", "--workspace", "--bins", "--examples", TEST_FEATURES]))?;
    debug_folder()
}

fn debug_folder() -> Result<PathBuf> {
    let metadata = metadata(&["--no-deps"])?;
    let target =
        metadata.get("target_directory").and_then(Value::as_str).context("cargo metadata names no target folder")?;
    Ok(Path::new(target).join("debug"))
}
