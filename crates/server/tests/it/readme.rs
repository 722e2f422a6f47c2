//! The README's first five minutes, word for word.

use std::env;
use std::path::Path;
use std::process::Command;

use storage_hub_port_contract::services;

use crate::hub::Hub;

const README: &str = include_str!("../../../../README.md");

#[tokio::test(flavor = "multi_thread")]
async fn the_first_five_minutes_work_word_for_word() {
    let clients = ["aws", "mc", "rclone", "python"].map(services::client);
    let [Some(aws), Some(mc), Some(rclone), Some(python)] = clients else { return };
    let Some(hub) = Hub::start_bare().await else { return };
    let script = first_five_minutes();
    for client in ["aws ", "mc ", "rclone ", "python3 ", "curl "] {
        assert!(script.contains(client), "{client}");
    }
    let script = script.replace("http://127.0.0.1:3000", &hub.api.url).replace("http://127.0.0.1:9000", &hub.s3.url);

    // The clients by the names that the README calls them by.
    let programs = hub.folder.path().join("bin");
    std::fs::create_dir(&programs).expect("made");
    for (name, program) in [("aws", aws), ("mc", mc), ("rclone", rclone), ("python3", python)] {
        let text = format!("#!/bin/sh\nexec '{program}' \"$@\"\n");
        write_program(&programs.join(name), &text);
    }
    let path = format!("{}:{}", programs.display(), env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.current_dir(hub.folder.path()).env("HOME", hub.folder.path()).env("PATH", path).env_remove("AWS_CA_BUNDLE");
    command.args(["-euo", "pipefail", "-c", &script]);
    let output = command.output().expect("bash starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    assert_eq!(out.matches("hello from the hub").count(), 3, "{out}");
    for key in ["by-aws.txt 19", "by-boto3.txt 19", "by-mc.txt 19", "by-rclone.txt 19"] {
        assert!(out.contains(key), "{key}: {out}");
    }
}

/// The shell blocks of that section, in their order.
fn first_five_minutes() -> String {
    let (_, section) = README.split_once("## First five minutes").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let blocks = section.split("```sh\n").skip(1);
    blocks.map(|block| block.split_once("```").expect("a block that ends").0).collect()
}

fn write_program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a program");
}
