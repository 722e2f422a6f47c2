//! Clients of the REST API, generated from openapi.json in three languages and run against a real hub; and the linters
//! of the document. A change of the API that generators or linters cannot handle fails here, not at its users.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::cargo::{succeed, workspace};
use crate::clients::INSTALL_HINT;
use crate::hub::Hub;
use crate::tools::{GoProgram, NodePackages, Venv};

/// The folder of the client programs and of the configuration of the tools.
const SOURCES: &str = "xtask/api-clients";
/// Where clients are generated and compiled.
const OUTPUT: &str = "target/api-clients";

const PYTHON: Venv = Venv { folder: "api-clients-python", requirements: "xtask/api-clients/requirements.txt" };
const NODE: NodePackages = NodePackages { folder: "api-clients-node", sources: SOURCES };
const OAPI_CODEGEN: GoProgram =
    GoProgram { package: "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen", version: "v2.8.2" };

/// Installs the linters and generators that are missing.
pub(crate) fn install() -> Result<()> {
    PYTHON.install()?;
    NODE.install()?;
    if OAPI_CODEGEN.find().is_none() {
        OAPI_CODEGEN.install()?;
    }
    succeed(Command::new("go").args(["mod", "download"]).current_dir(workspace().join(SOURCES)))
}

/// Whether all of them are installed.
pub(crate) fn are_installed() -> bool {
    PYTHON.bin().is_some() && NODE.modules().is_some() && OAPI_CODEGEN.find().is_some()
}

/// Lints the document, generates the clients and runs them.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::find()?;
    lint(&tools)?;
    let output = workspace().join(OUTPUT);
    if output.exists() {
        fs::remove_dir_all(&output).with_context(|| format!("cannot remove {OUTPUT}"))?;
    }
    let clients =
        [prepare_python(&tools, &output)?, prepare_typescript(&tools, &output)?, prepare_go(&tools, &output)?];
    let hub = Hub::start()?;
    for mut client in clients {
        succeed(client.arg(hub.url()).stdin(Stdio::null()))
            .with_context(|| format!("log of the hub:\n{}", hub.end_of_log()))?;
    }
    Ok(())
}

struct Tools {
    python: PathBuf,
    node_modules: PathBuf,
    oapi_codegen: PathBuf,
}

impl Tools {
    fn find() -> Result<Self> {
        let missing = |what: &str| format!("{what} is not installed in the pinned version: {INSTALL_HINT}");
        Ok(Self {
            python: PYTHON.bin().with_context(|| missing("openapi-python-client"))?,
            node_modules: NODE.modules().with_context(|| missing("a Node package"))?,
            oapi_codegen: OAPI_CODEGEN.find().with_context(|| missing("oapi-codegen"))?,
        })
    }

    /// A program of the Node packages.
    fn node(&self, name: &str) -> Command {
        Command::new(self.node_modules.join(".bin").join(name))
    }
}

fn document() -> PathBuf {
    workspace().join("openapi.json")
}

fn source(file: &str) -> PathBuf {
    workspace().join(SOURCES).join(file)
}

fn lint(tools: &Tools) -> Result<()> {
    let mut redocly = tools.node("redocly");
    redocly.arg("lint").arg(document()).arg("--config").arg(source("redocly.yaml"));
    // It would look for a newer version, and report what it does.
    redocly.env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true").env("REDOCLY_TELEMETRY", "off");
    succeed(&mut redocly)?;
    let mut spectral = tools.node("spectral");
    spectral.arg("lint").arg(document()).arg("--ruleset").arg(source("spectral.yaml"));
    succeed(spectral.arg("--fail-severity=warn"))
}

fn prepare_python(tools: &Tools, output: &Path) -> Result<Command> {
    let folder = create(output, "python")?;
    let mut generate = Command::new(tools.python.join("openapi-python-client"));
    generate.args(["generate", "--meta", "none", "--fail-on-warning"]).arg("--path").arg(document());
    generate.arg("--output-path").arg(folder.join("hub")).env("PATH", with_path(&tools.python)?);
    succeed(&mut generate)?;
    let mut run = Command::new(tools.python.join("python3"));
    run.arg(source("five_minutes.py")).env("PYTHONPATH", folder).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(run)
}

fn prepare_typescript(tools: &Tools, output: &Path) -> Result<Command> {
    let folder = create(output, "typescript")?;
    copy(&["package.json", "tsconfig.json", "five_minutes.ts"], &folder)?;
    symlink(&tools.node_modules, folder.join("node_modules")).context("cannot link node_modules")?;
    succeed(tools.node("openapi-typescript").arg(document()).arg("--output").arg(folder.join("hub.ts")))?;
    succeed(tools.node("tsc").arg("--project").arg(&folder).arg("--strict"))?;
    let mut run = Command::new("node");
    run.arg(folder.join("out/five_minutes.js"));
    Ok(run)
}

fn prepare_go(tools: &Tools, output: &Path) -> Result<Command> {
    let folder = create(output, "go")?;
    copy(&["go.mod", "go.sum", "main.go", "oapi-codegen.yaml"], &folder)?;
    fs::create_dir(folder.join("hub"))?;
    let mut generate = Command::new(&tools.oapi_codegen);
    succeed(generate.current_dir(&folder).args(["-config", "oapi-codegen.yaml"]).arg(document()))?;
    succeed(Command::new("go").current_dir(&folder).args(["vet", "./..."]))?;
    let mut run = Command::new("go");
    run.current_dir(&folder).args(["run", "."]);
    Ok(run)
}

fn create(output: &Path, name: &str) -> Result<PathBuf> {
    let folder = output.join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

fn copy(files: &[&str], folder: &Path) -> Result<()> {
    for file in files {
        fs::copy(source(file), folder.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    Ok(())
}

/// `PATH` with a folder before the others, for programs that the generator runs.
fn with_path(folder: &Path) -> Result<std::ffi::OsString> {
    let folders = std::iter::once(folder.to_owned()).chain(crate::programs::path_folders());
    std::env::join_paths(folders).context("a folder of PATH has a colon")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_names_no_host() {
        let lock = fs::read_to_string(source("package-lock.json")).unwrap();
        assert!(
            !lock.contains("\"resolved\"") && !lock.contains("://"),
            "install with --omit-lockfile-registry-resolved"
        );
    }
}
