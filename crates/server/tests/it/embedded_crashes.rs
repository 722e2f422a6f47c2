//! The embedded hub that dies at each step of a write: the object is the old or the new one, whole, and the next start
//! finishes the write.

use std::fs;
use std::path::Path;

use reqwest::Method;
use storage_hub_core::failpoint::{Failpoint, VARIABLE};

use crate::hub::{Backend, Hub, unique};
use crate::s3::Request;

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_dies_at_any_step_leaves_the_old_or_the_new_object() {
    let Some(mut hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("crashes");
    person.create_bucket(&bucket).await;
    let path = format!("/{bucket}/key");
    // Too large for the index, so that each has a blob.
    let [old, new] = ["old", "new"].map(|text| text.repeat(10_000));
    // Where the process dies, and what is read afterwards.
    let steps = [
        (Failpoint::WriteAfterPermit, &old),
        (Failpoint::BlobBeforeCommit, &old),
        (Failpoint::BlobAfterCommit, &new),
        (Failpoint::BlobBeforeRelease, &new),
    ];
    for (point, expected) in steps {
        let put = |body: &str| Request::new(Method::PUT, path.clone()).body(body);
        assert!(hub.s3.send(Some(&person.key), put(&old)).await.succeeded());
        hub.kill();
        hub.environment = vec![(VARIABLE, point.as_str().to_owned())];
        hub.run();
        assert!(hub.s3.try_send(&person.key, put(&new)).await.is_none(), "{point:?}");
        assert!(hub.has_died().await, "{point:?}");

        hub.environment.clear();
        hub.run();
        let incoming = hub.data().join("objects/incoming");
        hub.until("the recovery has emptied `incoming`", || async {
            fs::read_dir(&incoming).expect("a folder").next().is_none()
        })
        .await;
        let read = hub.s3.send(Some(&person.key), Request::new(Method::GET, path.clone())).await;
        assert_eq!(read.status, 200, "{point:?}");
        assert!(*read.body == **expected, "{point:?}");
        let blobs = hub.data().join("objects/blobs");
        hub.until("the recovery has deleted what was released", || async { files_below(&blobs) == 1 }).await;
        hub.kill();
        let checked = hub.tool(&["store", "check"]);
        let text = String::from_utf8_lossy(&checked.stdout);
        assert!(text.contains("0 faults in the object store"), "{point:?}: {text}");
        hub.run();
    }
}

/// The number of files in the folders of a folder.
fn files_below(folder: &Path) -> usize {
    let shards = fs::read_dir(folder).expect("a folder").map(|shard| shard.expect("a folder").path());
    shards.map(|shard| fs::read_dir(shard).expect("a folder").count()).sum()
}
