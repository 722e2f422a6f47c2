//! The configuration as an operator meets it: files, variables, flags, and what `config` says about them.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn hub(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_storage-hub"));
    command.current_dir(folder);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    hub(folder).args(arguments).output().expect("it starts")
}

#[track_caller]
fn prints(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", message(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn config_masks_secrets_shows_unset_keys_and_makes_nothing() {
    let folder = folder();
    let text = prints(folder.path(), &["config", "--set", "auth.jwt_secret=a-secret-that-nobody-is-allowed-to-see"]);
    assert!(text.contains("jwt_secret = \"********\"  # --set") && !text.contains("nobody"), "{text}");
    assert!(text.contains("no file was read") && text.contains("# vault_key is not set"), "{text}");
    assert!(prints(folder.path(), &["completions", "bash"]).contains("storage-hub"));
    assert!(std::fs::read_dir(folder.path()).expect("a folder").next().is_none(), "nothing was made");
}

#[test]
fn what_config_prints_is_a_configuration_file() {
    let folder = folder();
    let text = prints(folder.path(), &["config", "--set", "api.cors_origins=http://localhost:5173"]);
    std::fs::write(folder.path().join("storage-hub.toml"), &text).expect("written");
    let again = prints(folder.path(), &["config"]);
    let values = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split("  # ").next().unwrap_or(line).to_owned()).skip(1).collect()
    };
    assert_eq!(values(&again), values(&text));
    let file = folder.path().join("storage-hub.toml");
    assert!(again.contains(&format!("the file {} was read", file.display())), "{again}");
}

#[test]
fn the_environment_overrides_the_file_and_flags_override_both() {
    let folder = folder();
    std::fs::write(folder.path().join("storage-hub.toml"), "[s3]\nregion = \"from-file\"\n").expect("written");
    let region = |environment: Option<&str>, flags: &[&str]| {
        let mut command = hub(folder.path());
        command.envs(environment.map(|region| ("STORAGE_HUB_S3__REGION", region))).args(flags);
        let output = command.output().expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().find(|line| line.starts_with("region")).expect("a region").to_owned()
    };
    assert_eq!(region(None, &["config"]), "region = \"from-file\"  # storage-hub.toml, line 2");
    let variable = "region = \"from-env\"  # environment variable STORAGE_HUB_S3__REGION";
    assert_eq!(region(Some("from-env"), &["config"]), variable);
    let flag = "region = \"from-flag\"  # --set";
    assert_eq!(region(Some("from-env"), &["config", "--set=s3.region=from-flag"]), flag);
    assert_eq!(region(Some("from-env"), &["--set=s3.region=from-flag", "config"]), flag);
    assert_eq!(region(None, &["--set", "s3.region=a", "config", "--set", "s3.region=from-flag"]), flag);
}

#[test]
fn config_refuses_files_that_serve_would_refuse() {
    let folder = folder();
    std::fs::write(folder.path().join("empty.pem"), "").expect("written");
    let minio = ["store.kind=minio", "store.endpoint=https://h", "store.access_key=abc", "store.secret_key=12345678"];
    let minio = minio.map(|setting| format!("--set={setting}"));
    for (flags, wanted) in [
        (vec!["--set=api.tls_cert_file=none.pem", "--set=api.tls_key_file=none.pem"], "api.tls_cert_file"),
        (vec!["--set=s3.tls_cert_file=empty.pem", "--set=s3.tls_key_file=empty.pem"], "s3.tls_cert_file"),
        (minio.iter().map(String::as_str).chain(["--set=store.ca_file=none.pem"]).collect(), "none.pem"),
    ] {
        let output = run(folder.path(), &[&["config"], flags.as_slice()].concat());
        assert!(!output.status.success() && message(&output).contains(wanted), "{flags:?}: {}", message(&output));
        assert!(!output.stdout.is_empty(), "the values are printed all the same");
    }
}

#[test]
fn an_error_is_one_line_that_says_everything_once() {
    let folder = folder();
    for (flags, wanted) in [
        (["config", "--set", "s3.regoin=x"], "s3.regoin (--set): there is no such key; did you mean s3.region?"),
        (["config", "--api-listen", ":3131"], "use 127.0.0.1:3131 for this machine alone"),
        (["config", "--config", "."], ". is a folder"),
        (["config", "--config", "none.toml"], "none.toml does not exist"),
        (["config", "--set", "admin.password_file=none"], "the file none cannot be read: No such file"),
    ] {
        let output = run(folder.path(), &flags);
        let text = message(&output);
        assert!(!output.status.success() && text.lines().count() == 1, "{text}");
        assert_eq!(text.matches(wanted).count(), 1, "{text}");
    }
}

#[test]
fn service_links_of_kubernetes_stop_nothing_and_near_misses_are_warned_about() {
    let folder = folder();
    let mut command = hub(folder.path());
    command.args(["migrate", "--check"]).env("STORAGE_HUB_PORT", "tcp://10.0.0.1:3000");
    let plain = message(&command.output().expect("it starts"));
    assert!(!plain.contains("warning"), "{plain}");
    let near = message(&command.env("STORAGE_HUB_API_LISTEN", "127.0.0.1:1").output().expect("it starts"));
    assert!(near.contains("did you mean STORAGE_HUB_API__LISTEN?"), "{near}");
}

#[test]
fn a_reader_that_has_seen_enough_breaks_nothing() {
    let folder = folder();
    for command in ["completions bash", "config", "--help", "migrate"] {
        let script = format!("set -o pipefail; '{}' {command} | true", env!("CARGO_BIN_EXE_storage-hub"));
        let output = Command::new("bash").current_dir(folder.path()).args(["-c", &script]).output().expect("bash runs");
        assert!(output.status.success() && output.stderr.is_empty(), "{command}: {}", message(&output));
    }
    let full = format!("'{}' config > /dev/full", env!("CARGO_BIN_EXE_storage-hub"));
    let output = Command::new("sh").current_dir(folder.path()).args(["-c", &full]).output().expect("sh runs");
    assert!(!output.status.success() && message(&output).contains("standard output"), "{}", message(&output));
}

#[test]
fn the_configuration_of_the_compose_file_is_valid() {
    let folder = folder();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docker/storage-hub.toml");
    let mut text = std::fs::read_to_string(path).expect("the file");
    for secret in ["database_url", "minio_root_password", "jwt_secret", "vault_key", "admin_password"] {
        let file = folder.path().join(secret);
        let value = match secret {
            "database_url" => "postgres://u:p@h/d".to_owned(),
            "vault_key" | "jwt_secret" => "0123456789abcdef".repeat(4),
            _ => "0123456789abcdef".to_owned(),
        };
        std::fs::write(&file, value).expect("written");
        let named = format!("/run/secrets/{secret}");
        assert!(text.contains(&named), "{named}");
        text = text.replace(&named, file.to_str().expect("text"));
    }
    let config = folder.path().join("storage-hub.toml");
    std::fs::write(&config, text).expect("written");
    prints(folder.path(), &["config", "--config", config.to_str().expect("text")]);
}
