//! Generated requests against a real hub.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::cargo::{succeed, workspace};
use crate::clients::{self, CLIENTS};
use crate::hub::Hub;

/// What the document cannot express, for the generator.
const HOOKS: &str = "schemathesis_hooks.py";

/// Starts a hub in an empty folder and has schemathesis compare its responses with openapi.json.
pub(crate) fn run() -> Result<()> {
    let variable = "STORAGE_HUB_TEST_SCHEMATHESIS";
    let Some(program) = CLIENTS.iter().find(|client| client.variable == variable).and_then(|client| client.find())
    else {
        bail!("schemathesis is not installed: {}", clients::INSTALL_HINT);
    };
    let hub = Hub::start()?;
    let token = hub.sign_up_and_log_in()?;
    let mut command = Command::new(program);
    command.current_dir(workspace()).args(["run", "openapi.json", "--url", &hub.url()]);
    command.args(["--header", &format!("Authorization: Bearer {token}")]);
    command.args(["--checks", "all", "--max-examples", "50", "--seed", "1", "--request-timeout", "10"]);
    command.env("SCHEMATHESIS_HOOKS", workspace().join("xtask/api-clients").join(HOOKS));
    succeed(command.stdin(Stdio::null())).with_context(|| format!("log of the hub:\n{}", hub.end_of_log()))
}
