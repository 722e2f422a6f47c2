//! Nobody but their owner reads the files of a hub, whatever the umask is and whoever created the data folder.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use reqwest::Method;

use crate::hub::{Hub, unique};
use crate::s3::Request;

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_everybody_can_read_holds_only_private_files() {
    let Some(hub) = Hub::start_in_open_folder().await else { return };
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("modes");
    person.create_bucket(&bucket).await;
    let put = Request::new(Method::PUT, format!("/{bucket}/key")).body("body");
    assert!(hub.s3.send(Some(&person.key), put).await.succeeded());
    assert_eq!(mode(&hub.data()), 0o755, "it is the operator's");
    let mut files = Vec::new();
    walk(&hub.data(), &mut files);
    for wanted in ["records.sqlite", "vault.key", "objects/index.sqlite", "objects/index.sqlite-wal", "objects/lock"] {
        assert!(files.contains(&wanted.to_owned()), "{wanted}: {files:?}");
    }
}

/// Every file below a folder, each of which must be for its owner alone.
fn walk(folder: &Path, files: &mut Vec<String>) {
    let start = files.len();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}: {:o}", path.display(), mode(&path));
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            let mut below = Vec::new();
            walk(&path, &mut below);
            files.extend(below.into_iter().map(|file| format!("{name}/{file}")));
        } else {
            files.push(name);
        }
    }
    files[start..].sort();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}
