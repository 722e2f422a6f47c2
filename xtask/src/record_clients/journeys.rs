//! What each client does while it is recorded.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::{ACCESS_KEY, SECRET_KEY, Target};
use crate::cargo::workspace;
use crate::clients::CLIENTS;
use crate::programs;

/// A client and what it does.
pub(super) struct Journey {
    /// The name of its folder of recordings.
    pub(super) name: &'static str,
    /// Its version, if it is installed.
    pub(super) version: fn() -> Option<String>,
    /// Its commands, one after the other. A failure is reported and does not end the journey.
    pub(super) commands: fn(&Target) -> Result<Vec<Command>>,
}

/// Every journey.
pub(super) fn all() -> Vec<Journey> {
    vec![
        Journey { name: "botocore", version: || python_version("PYTHON", "botocore"), commands: botocore },
        Journey { name: "botocore-1.43", version: || python_version("BOTOCORE", "botocore"), commands: old_botocore },
        Journey { name: "aws-cli", version: || version_of("AWS", &["--version"]), commands: aws },
        Journey { name: "mc", version: || version_of("MC", &["--version"]), commands: mc },
        Journey { name: "rclone", version: || version_of("RCLONE", &["version"]), commands: rclone },
        Journey { name: "s3cmd", version: || version_of("S3CMD", &["--version"]), commands: s3cmd },
        Journey { name: "sdk-javascript", version: node_version, commands: node },
        Journey { name: "sdk-go", version: go_version, commands: go },
        Journey { name: "minio-py", version: || python_version("PYTHON", "minio"), commands: minio_py },
    ]
}

fn find(client: &str) -> Option<PathBuf> {
    let variable = format!("STORAGE_HUB_TEST_{client}");
    CLIENTS.iter().find(|known| known.variable == variable)?.find()
}

fn version_of(client: &str, arguments: &[&str]) -> Option<String> {
    let output = programs::output_of(find(client)?, arguments)?;
    // The rest of the line may tell about the machine.
    let words = output.lines().next()?.split_whitespace().take_while(|word| !word.starts_with("Python/"));
    Some(words.take(3).collect::<Vec<_>>().join(" "))
}

fn python_version(client: &str, package: &str) -> Option<String> {
    let code = format!("import importlib.metadata as m; print('{package}', m.version('{package}'))");
    programs::output_of(find(client)?, &["-c", &code])
}

fn node_version() -> Option<String> {
    let package = std::fs::read(find("NODE_MODULES")?.join("@aws-sdk/client-s3/package.json")).ok()?;
    let package: serde_json::Value = serde_json::from_slice(&package).ok()?;
    Some(format!("@aws-sdk/client-s3 {}", package.get("version")?.as_str()?))
}

fn go_version() -> Option<String> {
    let program = find("GO_CLIENT")?;
    let built = programs::output_of("go", &["version", "-m", &program.to_string_lossy()])?;
    let line = built.lines().find(|line| line.contains("aws-sdk-go-v2/service/s3\t"))?;
    Some(format!("aws-sdk-go-v2/service/s3 {}", line.split_whitespace().nth(2)?))
}

impl Target {
    /// A command of a program that cannot see the user's own configuration.
    fn command(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path()).env("HOME", self.folder.path()).stdin(Stdio::null());
        command.env("AWS_CA_BUNDLE", &self.certificate).env("SSL_CERT_FILE", &self.certificate);
        command.env("NODE_EXTRA_CA_CERTS", &self.certificate);
        command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command.env("AWS_DEFAULT_REGION", "us-east-1").env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    fn commands(&self, client: &str, before: &[&str], lines: &[&str]) -> Result<Vec<Command>> {
        let program = find(client).context("it is not installed")?;
        let words = lines.iter().map(|line| [before, &line.split(' ').collect::<Vec<_>>()].concat());
        Ok(words.map(|words| self.command(&program, &words)).collect())
    }

    fn python(&self, client: &str, script: &str, arguments: &[&str]) -> Result<Vec<Command>> {
        let script = workspace().join("xtask/clients/python").join(script);
        let mut command = self.command(find(client).context("it is not installed")?, &[]);
        command.arg(script).args(arguments);
        Ok(vec![command])
    }
}

fn botocore(target: &Target) -> Result<Vec<Command>> {
    let arguments = [&target.url, &target.tls_url, ACCESS_KEY, SECRET_KEY, "recorded-botocore"];
    target.python("PYTHON", "record_botocore.py", &arguments)
}

fn old_botocore(target: &Target) -> Result<Vec<Command>> {
    let arguments = [&target.url, &target.tls_url, ACCESS_KEY, SECRET_KEY, "recorded-old-botocore"];
    target.python("BOTOCORE", "record_botocore.py", &arguments)
}

fn minio_py(target: &Target) -> Result<Vec<Command>> {
    let plain =
        target.python("PYTHON", "minio_client.py", &[&target.url, ACCESS_KEY, SECRET_KEY, "recorded-minio-py"])?;
    let tls =
        target.python("PYTHON", "minio_client.py", &[&target.tls_url, ACCESS_KEY, SECRET_KEY, "recorded-minio-py"])?;
    Ok(plain.into_iter().chain(tls).collect())
}

fn aws(target: &Target) -> Result<Vec<Command>> {
    let lines = [
        "s3 mb s3://recorded-aws",
        "s3 ls",
        "s3 cp small.txt s3://recorded-aws/a/small.txt",
        "s3 sync . s3://recorded-aws/synced --exclude * --include *.txt",
        "s3 ls s3://recorded-aws/synced/",
        "s3 cp s3://recorded-aws/a/small.txt s3://recorded-aws/copy",
        "s3 cp s3://recorded-aws/a/small.txt back",
        "s3api head-object --bucket recorded-aws --key copy",
        "s3 rm s3://recorded-aws --recursive",
        "s3 rb s3://recorded-aws",
    ];
    let mut commands = target.commands("AWS", &["--endpoint-url", &target.url], &lines)?;
    let encrypted =
        ["s3 mb s3://recorded-aws", "s3 cp small.txt s3://recorded-aws/small.txt", "s3 rb s3://recorded-aws --force"];
    commands.extend(target.commands("AWS", &["--endpoint-url", &target.tls_url], &encrypted)?);
    Ok(commands)
}

fn mc(target: &Target) -> Result<Vec<Command>> {
    let alias = format!("alias set plain {} {ACCESS_KEY} {SECRET_KEY}", target.url);
    let tls_alias = format!("alias set tls {} {ACCESS_KEY} {SECRET_KEY}", target.tls_url);
    let lines = [
        &alias,
        "mb plain/recorded-mc",
        "cp small.txt plain/recorded-mc/a/small.txt",
        "cp empty.txt plain/recorded-mc/empty.txt",
        "ls --recursive plain/recorded-mc",
        "stat plain/recorded-mc/a/small.txt",
        "cat plain/recorded-mc/a/small.txt",
        "cp plain/recorded-mc/a/small.txt plain/recorded-mc/copy",
        "mirror . plain/recorded-mc/mirrored --exclude *mc*",
        "share download plain/recorded-mc/copy",
        "ready plain",
        "rm --recursive --force plain/recorded-mc",
        "rb plain/recorded-mc",
        &tls_alias,
        "mb tls/recorded-mc-tls",
        "cp small.txt tls/recorded-mc-tls/small.txt",
        "rb --force tls/recorded-mc-tls",
    ];
    target.commands("MC", &["--config-dir", "mc", "--quiet", "--insecure"], &lines)
}

fn rclone(target: &Target) -> Result<Vec<Command>> {
    let lines = [
        "mkdir hub:recorded-rclone",
        "copy . hub:recorded-rclone/files --include *.txt",
        "ls hub:recorded-rclone",
        "lsd hub:",
        "cat hub:recorded-rclone/files/small.txt",
        "copyto hub:recorded-rclone/files/small.txt hub:recorded-rclone/copy",
        "check . hub:recorded-rclone/files --include *.txt",
        "deletefile hub:recorded-rclone/copy",
        "purge hub:recorded-rclone",
    ];
    let mut commands = target.commands("RCLONE", &["--config", "rclone.conf"], &lines)?;
    for command in &mut commands {
        // This version of rclone refuses it.
        command.env_remove("AWS_CA_BUNDLE");
        command.env("RCLONE_CONFIG_HUB_TYPE", "s3").env("RCLONE_CONFIG_HUB_PROVIDER", "Other");
        command.env("RCLONE_CONFIG_HUB_ENDPOINT", &target.url).env("RCLONE_CONFIG_HUB_ENV_AUTH", "true");
    }
    Ok(commands)
}

fn s3cmd(target: &Target) -> Result<Vec<Command>> {
    let host = target.url.trim_start_matches("http://");
    let access = format!("--access_key={ACCESS_KEY}");
    let secret = format!("--secret_key={SECRET_KEY}");
    let (host, bucket) = (format!("--host={host}"), format!("--host-bucket={host}"));
    // Without --no-preserve, names of the user are sent along.
    let before = ["--no-ssl", "--no-preserve", &access, &secret, &host, &bucket];
    let lines = [
        "mb s3://recorded-s3cmd",
        "ls",
        "put small.txt s3://recorded-s3cmd/a/small.txt",
        "put empty.txt s3://recorded-s3cmd/empty.txt",
        "ls s3://recorded-s3cmd/a/",
        "info s3://recorded-s3cmd/a/small.txt",
        "get s3://recorded-s3cmd/a/small.txt back",
        "cp s3://recorded-s3cmd/a/small.txt s3://recorded-s3cmd/copy",
        "signurl s3://recorded-s3cmd/copy +600",
        "del --recursive --force s3://recorded-s3cmd",
        "rb s3://recorded-s3cmd",
        "--signature-v2 mb s3://recorded-s3cmd-v2",
        "--signature-v2 put small.txt s3://recorded-s3cmd-v2/small.txt",
        "--signature-v2 ls s3://recorded-s3cmd-v2",
        "--signature-v2 rb --recursive --force s3://recorded-s3cmd-v2",
    ];
    target.commands("S3CMD", &before, &lines)
}

fn node(target: &Target) -> Result<Vec<Command>> {
    let script = workspace().join("xtask/clients/node/s3_client.cjs");
    let commands = [&target.url, &target.tls_url].map(|url| {
        let mut command = target.command("node", &[]);
        command.arg(&script).args([url, ACCESS_KEY, SECRET_KEY, "recorded-javascript"]);
        command.envs(find("NODE_MODULES").map(|folder| ("NODE_PATH", folder)));
        command
    });
    Ok(commands.into())
}

fn go(target: &Target) -> Result<Vec<Command>> {
    let program = find("GO_CLIENT").context("it is not installed")?;
    let commands = [&target.url, &target.tls_url]
        .map(|url| target.command(&program, &[url, ACCESS_KEY, SECRET_KEY, "recorded-go"]));
    Ok(commands.into())
}
