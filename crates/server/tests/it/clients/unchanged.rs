//! Tools as their manuals describe them, given nothing but an address and a key: each creates its own bucket.
//!
//! On the embedded store only: MinIO itself answers the requests of the other kind, and buckets are not created there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use storage_hub_port_contract::services;

use super::{assert_same, run, write_files};
use crate::hub::{Backend, Hub, Person, unique};

/// A hub, a user without a bucket, and a folder for the tool.
struct Workplace {
    hub: Hub,
    person: Person,
    bucket: String,
}

impl Workplace {
    async fn new() -> Self {
        let hub = Hub::start(Backend::SqliteEmbedded).await.expect("it needs no service");
        let person = hub.sign_up("test@example.com").await;
        Self { hub, person, bucket: unique("tool") }
    }

    fn folder(&self) -> &Path {
        self.hub.folder.path()
    }

    /// A command that cannot see the user's own configuration.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder()).env("HOME", self.folder()).stdin(Stdio::null());
        command.env_remove("AWS_CA_BUNDLE").env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// Sets the key in the environment, as AWS's own tools and those that follow them read it.
    fn with_key(&self, mut command: Command) -> Command {
        command.env("AWS_ACCESS_KEY_ID", &self.person.key.access);
        command.env("AWS_SECRET_ACCESS_KEY", &self.person.key.secret);
        command
    }

    fn arguments(&self) -> [&str; 4] {
        [&self.hub.s3.url, &self.person.key.access, &self.person.key.secret, &self.bucket]
    }

    /// Whether REST shows the tool's bucket.
    async fn has_bucket(&self) -> bool {
        self.person.api.get(&format!("/api/buckets/{}", self.bucket)).await.status == 200
    }
}

fn script(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/clients").join(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn aws_creates_a_bucket_syncs_an_empty_file_and_deletes_the_bucket() {
    let Some(aws) = services::client("aws") else { return };
    let work = Workplace::new().await;
    let big = write_files(work.folder());
    std::fs::write(work.folder().join("small empty"), "").expect("written");
    let aws = |arguments: &[&str]| {
        let mut command = work.with_key(work.command(&aws));
        command.env("AWS_DEFAULT_REGION", "us-east-1").args(["--endpoint-url", &work.hub.s3.url]).args(arguments);
        command
    };
    let root = format!("s3://{}", work.bucket);
    run(&mut aws(&["s3", "mb", &root]));
    assert!(work.has_bucket().await);
    run(&mut aws(&["s3", "cp", "big", &format!("{root}/big"), "--no-progress"]));
    run(&mut aws(&["s3", "sync", ".", &root, "--exclude", "*", "--include", "small*", "--no-progress"]));
    let listed = run(&mut aws(&["s3", "ls", &root]));
    assert!(listed.contains(" 0 small empty"), "{listed}");
    run(&mut aws(&["s3", "cp", &format!("{root}/big"), "back", "--no-progress"]));
    assert_same(&work.folder().join("back"), &big);
    run(&mut aws(&["s3", "rm", &root, "--recursive"]));
    run(&mut aws(&["s3", "rb", &root]));
    assert!(!work.has_bucket().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_botocore_puts_an_empty_object_and_then_another() {
    let Some(python) = services::client("botocore") else { return };
    let work = Workplace::new().await;
    let script = script("python/put_after_empty.py");
    let mut command = work.command(python);
    command.arg(script).args(work.arguments());
    assert!(run(&mut command).contains("all passed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mc_creates_a_bucket_and_deletes_it() {
    let Some(mc) = services::client("mc") else { return };
    let work = Workplace::new().await;
    let big = write_files(work.folder());
    let mc = |arguments: &[&str]| {
        let mut command = work.command(&mc);
        command.args(["--config-dir", "mc", "--quiet"]).args(arguments);
        command
    };
    let bucket = format!("hub/{}", work.bucket);
    run(&mut mc(&["alias", "set", "hub", &work.hub.s3.url, &work.person.key.access, &work.person.key.secret]));
    run(&mut mc(&["ready", "hub"]));
    run(&mut mc(&["mb", &bucket]));
    run(&mut mc(&["mb", "--ignore-existing", &bucket]));
    run(&mut mc(&["cp", "big", "small file", &format!("{bucket}/in/")]));
    assert!(run(&mut mc(&["ls", "--recursive", &bucket])).contains("in/small file"));
    run(&mut mc(&["cp", &format!("{bucket}/in/big"), "back"]));
    assert_same(&work.folder().join("back"), &big);
    run(&mut mc(&["rm", "--recursive", "--force", &bucket]));
    run(&mut mc(&["rb", &bucket]));
    assert!(!work.has_bucket().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rclone_creates_the_bucket_that_it_copies_to() {
    let Some(rclone) = services::client("rclone") else { return };
    let work = Workplace::new().await;
    std::fs::create_dir(work.folder().join("in")).expect("created");
    let big = write_files(&work.folder().join("in"));
    let rclone = |arguments: &[&str]| {
        let mut command = work.with_key(work.command(&rclone));
        command.args(["--config", "rclone.conf"]).args(arguments);
        command.env("RCLONE_CONFIG_HUB_TYPE", "s3").env("RCLONE_CONFIG_HUB_PROVIDER", "Other");
        command.env("RCLONE_CONFIG_HUB_ENDPOINT", &work.hub.s3.url).env("RCLONE_CONFIG_HUB_ENV_AUTH", "true");
        command
    };
    let remote = format!("hub:{}", work.bucket);
    run(&mut rclone(&["copy", "in", &remote]));
    assert!(work.has_bucket().await);
    run(&mut rclone(&["check", "in", &remote]));
    run(&mut rclone(&["copy", &remote, "out"]));
    assert_same(&work.folder().join("out/big"), &big);
    run(&mut rclone(&["purge", &remote]));
    assert!(!work.has_bucket().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn restic_backs_up_and_restores() {
    let Some(restic) = services::client("restic") else { return };
    let work = Workplace::new().await;
    std::fs::create_dir(work.folder().join("in")).expect("created");
    let big = write_files(&work.folder().join("in"));
    let repository = format!("s3:{}/{}", work.hub.s3.url, work.bucket);
    let restic = |arguments: &[&str]| {
        let mut command = work.with_key(work.command(&restic));
        command.env("RESTIC_PASSWORD", "a password of the test").args(["--repo", &repository]).args(arguments);
        command
    };
    run(&mut restic(&["init"]));
    assert!(work.has_bucket().await);
    run(&mut restic(&["backup", "in"]));
    run(&mut restic(&["check", "--read-data"]));
    run(&mut restic(&["restore", "latest", "--target", "out"]));
    assert_same(&work.folder().join("out/in/big"), &big);
}

#[tokio::test(flavor = "multi_thread")]
async fn s3cmd_works_with_its_default_region() {
    let Some(s3cmd) = services::client("s3cmd") else { return };
    let work = Workplace::new().await;
    let big = write_files(work.folder());
    let host = work.hub.s3.url.trim_start_matches("http://");
    let settings = format!(
        "[default]\naccess_key = {}\nsecret_key = {}\nhost_base = {host}\nhost_bucket = {host}\nuse_https = False\n",
        work.person.key.access, &*work.person.key.secret
    );
    std::fs::write(work.folder().join(".s3cfg"), settings).expect("written");
    let s3cmd = |arguments: &[&str]| {
        let mut command = work.command(&s3cmd);
        command.args(arguments);
        command
    };
    let root = format!("s3://{}", work.bucket);
    run(&mut s3cmd(&["mb", &root]));
    assert!(run(&mut s3cmd(&["ls"])).contains(&root));
    run(&mut s3cmd(&["put", "big", "small file", &format!("{root}/in/")]));
    assert!(run(&mut s3cmd(&["ls", &format!("{root}/in/")])).contains("small file"));
    run(&mut s3cmd(&["info", &format!("{root}/in/big")]));
    run(&mut s3cmd(&["get", &format!("{root}/in/big"), "back"]));
    assert_same(&work.folder().join("back"), &big);
    run(&mut s3cmd(&["rb", "--recursive", "--force", &root]));
    assert!(!work.has_bucket().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn s3fs_mounts_a_bucket() {
    let Some(s3fs) = services::client("s3fs") else { return };
    if !Path::new("/dev/fuse").exists() {
        services::skip("FUSE", "/dev/fuse does not exist");
        return;
    }
    let work = Workplace::new().await;
    work.person.create_bucket(&work.bucket).await;
    let point = work.folder().join("mounted");
    std::fs::create_dir(&point).expect("created");
    let mut mount = work.with_key(work.command(s3fs));
    mount.args([&work.bucket, "mounted", "-o", "use_path_request_style", "-o", &format!("url={}", work.hub.s3.url)]);
    run(&mut mount);
    let unmount = Unmount(point.clone());
    let big = write_files(&point);
    assert_same(&point.join("big"), &big);
    std::fs::create_dir(point.join("a folder")).expect("created");
    std::fs::rename(point.join("small file"), point.join("a folder/moved")).expect("moved");
    assert_same(&point.join("a folder/moved"), b"small");
    let names = std::fs::read_dir(&point).expect("a list").map(|entry| entry.expect("an entry").file_name());
    assert_eq!(names.collect::<std::collections::BTreeSet<_>>(), ["a folder".into(), "big".into()].into());
    drop(unmount);
    let listed = work.person.api.get(&format!("/api/buckets/{}", work.bucket)).await;
    listed.expect(200);
}

/// Unmounts the folder even if the test fails, because the server's folder could not be removed otherwise.
struct Unmount(PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        // It is unmounted in the background if it is still in use.
        let status = Command::new("fusermount").arg("-uz").arg(&self.0).status();
        assert!(status.is_ok_and(|status| status.success()), "{} is still mounted", self.0.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_for_javascript_uses_what_applications_use() {
    let Some(modules) = services::client("node_modules") else { return };
    let work = Workplace::new().await;
    let mut command = work.command("node");
    command.arg(script("node/s3_client.cjs")).args(work.arguments()).env("NODE_PATH", modules);
    assert!(run(&mut command).contains("all passed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_for_go_uses_what_applications_use() {
    let Some(program) = services::client("go_client") else { return };
    let work = Workplace::new().await;
    assert!(run(work.command(program).args(work.arguments())).contains("all passed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn minio_py_uses_what_applications_use() {
    let Some(python) = services::client("python") else { return };
    let work = Workplace::new().await;
    let mut command = work.command(python);
    command.arg(script("python/minio_client.py")).args(work.arguments());
    assert!(run(&mut command).contains("all passed"));
}
