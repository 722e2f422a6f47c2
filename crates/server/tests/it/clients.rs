//! Common S3 clients, used as the README describes.

mod unchanged;

use std::path::Path;
use std::process::Command;

use storage_hub_port_contract::services;

use crate::hub::{Backend, Hub, Person, unique};

/// Size of a file that every client uploads in parts.
const BIG: usize = 20 * 1024 * 1024;

async fn person_with_bucket(hub: &Hub) -> (Person, String) {
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("clients");
    person.create_bucket(&bucket).await;
    (person, bucket)
}

/// Runs a client that must succeed, and returns what it printed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().expect("the client starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {out}{err}");
    out.into_owned()
}

fn write_files(folder: &Path) -> Vec<u8> {
    let big: Vec<u8> = (0..BIG).map(|number| (number / 7 % 251) as u8).collect();
    std::fs::write(folder.join("big"), &big).expect("written");
    std::fs::write(folder.join("small file"), "small").expect("written");
    big
}

fn assert_same(file: &Path, wanted: &[u8]) {
    assert!(std::fs::read(file).expect("a file") == wanted, "{} differs", file.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn aws_copies_files_in_and_out() {
    let Some(aws) = services::client("aws") else { return };
    for backend in [Backend::SqliteEmbedded, Backend::SqliteMinio, Backend::SqliteGateway] {
        let Some(hub) = Hub::start(backend).await else { continue };
        let (person, bucket) = person_with_bucket(&hub).await;
        let folder = hub.folder.path();
        let big = write_files(folder);
        let aws = |arguments: &[&str]| {
            let mut command = Command::new(&aws);
            command.current_dir(folder).env("HOME", folder).env("AWS_DEFAULT_REGION", "us-east-1");
            command.env("AWS_ACCESS_KEY_ID", &person.key.access).env("AWS_SECRET_ACCESS_KEY", &person.key.secret);
            command.args(["--endpoint-url", &hub.s3.url]).args(arguments);
            command
        };
        let url = |key: &str| format!("s3://{bucket}/{key}");
        run(&mut aws(&["s3", "cp", "big", &url("big"), "--no-progress"]));
        run(&mut aws(&["s3", "cp", "small file", &url("a b/small file"), "--no-progress"]));
        assert!(run(&mut aws(&["s3", "ls", &url("a b/")])).contains("small file"));
        assert!(run(&mut aws(&["s3", "ls"])).contains(&bucket));
        run(&mut aws(&["s3", "cp", &url("big"), "back", "--no-progress"]));
        assert_same(&folder.join("back"), &big);
        let presigned = run(&mut aws(&["s3", "presign", &url("a b/small file")]));
        let got = hub.api.client.get(presigned.trim()).send().await.expect("an answer").text().await.expect("text");
        assert_eq!(got, "small");
        run(&mut aws(&["s3", "sync", ".", &url("synced/"), "--exclude", "*", "--include", "small*", "--no-progress"]));
        run(&mut aws(&["s3", "rm", &format!("s3://{bucket}"), "--recursive"]));
        let made = aws(&["s3", "mb", &format!("s3://{}", unique("made"))]).output().expect("it starts");
        assert_eq!(made.status.success(), backend.serves_s3(), "{made:?}");
        person.api.delete(&format!("/api/buckets/{bucket}")).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mc_copies_files_in_and_out() {
    let Some(mc) = services::client("mc") else { return };
    for backend in [Backend::SqliteEmbedded, Backend::SqliteMinio, Backend::SqliteGateway] {
        let Some(hub) = Hub::start(backend).await else { continue };
        let (person, bucket) = person_with_bucket(&hub).await;
        let folder = hub.folder.path();
        let big = write_files(folder);
        let mc = |arguments: &[&str]| {
            let mut command = Command::new(&mc);
            command.current_dir(folder).args(["--config-dir", "mc", "--quiet"]).args(arguments);
            command
        };
        run(&mut mc(&["alias", "set", "hub", &hub.s3.url, &person.key.access, &person.key.secret]));
        run(&mut mc(&["cp", "big", &format!("hub/{bucket}/big")]));
        run(&mut mc(&["cp", "small file", &format!("hub/{bucket}/a b/small file")]));
        assert!(run(&mut mc(&["ls", "--recursive", &format!("hub/{bucket}")])).contains("a b/small file"));
        run(&mut mc(&["cp", &format!("hub/{bucket}/big"), "back"]));
        assert_same(&folder.join("back"), &big);
        assert_eq!(run(&mut mc(&["cat", &format!("hub/{bucket}/a b/small file")])), "small");
        run(&mut mc(&["rm", "--recursive", "--force", &format!("hub/{bucket}")]));
        let made = mc(&["mb", &format!("hub/{}", unique("made"))]).output().expect("it starts");
        assert_eq!(made.status.success(), backend.serves_s3(), "{made:?}");
        for refused in [
            vec!["anonymous".to_owned(), "set".to_owned(), "public".to_owned(), format!("hub/{bucket}")],
            vec![
                "admin".to_owned(),
                "user".to_owned(),
                "svcacct".to_owned(),
                "add".to_owned(),
                "hub".to_owned(),
                person.key.access.clone(),
            ],
            vec![
                "admin".to_owned(),
                "user".to_owned(),
                "add".to_owned(),
                "hub".to_owned(),
                person.key.access.clone(),
                "another-secret".to_owned(),
            ],
        ] {
            let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
            let output = mc(&refused).output().expect("it starts");
            assert!(!output.status.success(), "{backend:?}: {refused:?}");
        }
        let credentials = person.api.get("/api/users/me/credentials").await.expect(200);
        assert_eq!(credentials["data"]["secretKey"], *person.key.secret);
        run(&mut mc(&["ls", &format!("hub/{bucket}")]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rclone_copies_files_in_and_out() {
    let Some(rclone) = services::client("rclone") else { return };
    for backend in [Backend::SqliteEmbedded, Backend::SqliteMinio, Backend::SqliteGateway] {
        let Some(hub) = Hub::start(backend).await else { continue };
        let (person, bucket) = person_with_bucket(&hub).await;
        let folder = hub.folder.path();
        std::fs::create_dir(folder.join("in")).expect("made");
        let big = write_files(&folder.join("in"));
        let rclone = |arguments: &[&str]| {
            let mut command = Command::new(&rclone);
            command.current_dir(folder).args(["--config", "rclone.conf"]).args(arguments);
            // This version of rclone refuses the flag, and these tests use no TLS.
            command.env_remove("AWS_CA_BUNDLE");
            command.env("RCLONE_CONFIG_HUB_TYPE", "s3").env("RCLONE_CONFIG_HUB_PROVIDER", "Minio");
            command.env("RCLONE_CONFIG_HUB_ENDPOINT", &hub.s3.url).env("RCLONE_CONFIG_HUB_REGION", "us-east-1");
            command.env("RCLONE_CONFIG_HUB_ACCESS_KEY_ID", &person.key.access);
            command.env("RCLONE_CONFIG_HUB_SECRET_ACCESS_KEY", &person.key.secret);
            command
        };
        let remote = format!("hub:{bucket}");
        run(&mut rclone(&["copy", "in", &remote, "--s3-upload-cutoff", "5M", "--s3-no-check-bucket"]));
        run(&mut rclone(&["check", "in", &remote]));
        run(&mut rclone(&["copy", &remote, "out"]));
        assert_same(&folder.join("out/big"), &big);
        assert!(run(&mut rclone(&["lsf", &remote])).contains("small file"));
        run(&mut rclone(&["delete", &remote]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_uses_what_applications_use() {
    let Some(python) = services::client("python") else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/boto3_client.py");
    for backend in [Backend::SqliteEmbedded, Backend::SqliteMinio, Backend::SqliteGateway] {
        let Some(hub) = Hub::start(backend).await else { continue };
        let (person, bucket) = person_with_bucket(&hub).await;
        let mut command = Command::new(&python);
        command.arg(script).args([&hub.s3.url, &person.key.access, &person.key.secret, &bucket]);
        assert!(run(&mut command).contains("all passed"), "{backend:?}");
    }
}
