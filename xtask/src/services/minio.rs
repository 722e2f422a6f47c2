use std::fs;

use anyhow::Result;

use super::{Kind, Launch, Service, make_folder};
use crate::{clients, loopback};

// The same as in `storage_hub_port_contract::services`, which would make half of the workspace a dependency.
pub(super) const ROOT_USER: &str = "storage-hub-root";
pub(super) const ROOT_PASSWORD: &str = "storage-hub-root-secret";

pub(super) fn start() -> Result<Option<Service>> {
    start_as(ROOT_USER, ROOT_PASSWORD)
}

/// Starts it with another root user.
pub(super) fn start_as(user: &str, password: &str) -> Result<Option<Service>> {
    let Some(program) = clients::find_minio() else { return Ok(None) };
    let folder = make_folder("minio")?;
    let data = folder.path().join("data");
    fs::create_dir(&data)?;
    let port = loopback::free_port()?;
    let console = loopback::free_port()?;
    let launch = Launch {
        kind: Kind::Minio,
        program,
        arguments: vec![
            "server".into(),
            "--address".into(),
            format!("127.0.0.1:{port}").into(),
            "--console-address".into(),
            format!("127.0.0.1:{console}").into(),
            data.into(),
        ],
        environment: vec![
            ("MINIO_ROOT_USER".to_owned(), user.into()),
            ("MINIO_ROOT_PASSWORD".to_owned(), password.into()),
            ("MINIO_UPDATE".to_owned(), "off".into()),
            ("MINIO_BROWSER".to_owned(), "off".into()),
        ],
        folder,
    };
    let url = format!("http://127.0.0.1:{port}");
    let service = launch.start(("STORAGE_HUB_TEST_MINIO", url), || {
        loopback::request(port, "/minio/health/ready", None).is_ok_and(|answer| answer.status == 200)
    })?;
    Ok(Some(service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_user_is_the_one_that_tests_sign_in_as() {
        let theirs = include_str!("../../../crates/port-contract/src/services.rs");
        assert!(theirs.contains(&format!("ROOT_USER: &str = {ROOT_USER:?}")));
        assert!(theirs.contains(&format!("ROOT_PASSWORD: &str = {ROOT_PASSWORD:?}")));
    }
}
