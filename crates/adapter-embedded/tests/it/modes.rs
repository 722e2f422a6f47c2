//! Nobody but their owner reads the files of a store.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use storage_hub_adapter_embedded::{EmbeddedObjectStore, EmbeddedStore};
use storage_hub_core::ports::ObjectStore as _;

use crate::store::at;

/// Calls a function for a folder and everything below it.
fn walk(path: &Path, each: &mut impl FnMut(&Path, u32)) {
    let metadata = fs::symlink_metadata(path).unwrap();
    each(path, metadata.permissions().mode() & 0o777);
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), each);
        }
    }
}

fn assert_private(folder: &Path) {
    walk(folder, &mut |path, mode| {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, expected, "{}: {mode:o}", path.display());
    });
}

#[tokio::test]
async fn everything_in_a_store_is_for_its_owner_alone_also_what_an_earlier_release_created() {
    let data = tempfile::tempdir().unwrap();
    fs::set_permissions(data.path(), Permissions::from_mode(0o755)).unwrap();
    let folder = data.path().join("objects");
    let embedded = EmbeddedStore::open(&folder).await.unwrap();
    let store = EmbeddedObjectStore::new(embedded);
    store.create_bucket(&at("photos")).await.unwrap();
    store.put_object(&at("photos"), "key", b"body".to_vec()).await.unwrap();
    assert_private(&folder);
    drop(store);

    fs::create_dir(folder.join("quarantine")).unwrap();
    fs::write(folder.join("quarantine/damaged.json"), "{}").unwrap();
    fs::write(folder.join("hub.json"), "{}").unwrap();
    walk(&folder, &mut |path, _| {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    });
    let embedded = EmbeddedStore::open(&folder).await.unwrap();
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700, "before anything else is done");
    embedded.recover().await;
    assert_private(&folder);
    assert_eq!(fs::metadata(data.path()).unwrap().permissions().mode() & 0o777, 0o755, "it is the operator's");
}
