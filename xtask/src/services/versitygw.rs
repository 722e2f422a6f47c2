use std::fs;

use anyhow::Result;

use super::minio::{ROOT_PASSWORD, ROOT_USER};
use super::{Kind, Launch, Service, make_folder};
use crate::{clients, loopback};

/// Starts it over folders: objects, their metadata (file systems without extended attributes have no place for them) and
/// versions. None of the folders may begin with the name of another.
pub(super) fn start() -> Result<Option<Service>> {
    let Some(program) = clients::find_versitygw() else { return Ok(None) };
    let folder = make_folder("versitygw")?;
    let [objects, metadata, versions] = ["objects", "metadata", "versions"].map(|name| folder.path().join(name));
    for path in [&objects, &metadata, &versions] {
        fs::create_dir(path)?;
    }
    let port = loopback::free_port()?;
    let launch = Launch {
        kind: Kind::Versitygw,
        program,
        arguments: vec![
            "--port".into(),
            format!("127.0.0.1:{port}").into(),
            "--quiet".into(),
            "posix".into(),
            "--sidecar".into(),
            metadata.into(),
            "--versioning-dir".into(),
            versions.into(),
            objects.into(),
        ],
        environment: vec![
            ("ROOT_ACCESS_KEY".to_owned(), ROOT_USER.into()),
            ("ROOT_SECRET_KEY".to_owned(), ROOT_PASSWORD.into()),
        ],
        folder,
    };
    let url = format!("http://127.0.0.1:{port}");
    // Without a signature it answers 403 as soon as it is ready.
    let service = launch.start(("STORAGE_HUB_TEST_VERSITYGW", url), || {
        loopback::request(port, "/", None).is_ok_and(|answer| answer.status == 403)
    })?;
    Ok(Some(service))
}
