//! The embedded hub that dies at each step of a write: the object is the old or the new one, whole, and the next start
//! finishes the write.

use std::fs;

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
    // Where the process dies, what is read afterwards, and how many files the index does not name then.
    let steps = [
        (Failpoint::BlobBeforeCommit, "old", 0),
        (Failpoint::BlobAfterCommit, "new", 1),
        (Failpoint::BlobBeforeRelease, "new", 1),
    ];
    for (point, expected, unknown) in steps {
        let put = |body: &str| Request::new(Method::PUT, path.clone()).body(body);
        assert!(hub.s3.send(Some(&person.key), put("old")).await.succeeded());
        hub.kill();
        hub.environment = vec![(VARIABLE, point.as_str().to_owned())];
        hub.run();
        assert!(hub.s3.try_send(&person.key, put("new")).await.is_none(), "{point:?}");
        assert!(hub.has_died().await, "{point:?}");

        hub.environment.clear();
        hub.run();
        let incoming = hub.data().join("objects/incoming");
        hub.until("the recovery has emptied `incoming`", || async {
            fs::read_dir(&incoming).expect("a folder").next().is_none()
        })
        .await;
        let read = hub.s3.send(Some(&person.key), Request::new(Method::GET, path.clone())).await;
        assert_eq!((read.status, &*read.body), (200, expected), "{point:?}");
        if unknown > 0 {
            hub.until("the unknown file is logged", || async { hub.logs().contains("the index does not name") }).await;
        }
        hub.kill();
        let checked = hub.tool(&["store", "check"]);
        let text = String::from_utf8_lossy(&checked.stdout);
        assert!(text.contains(&format!("{unknown} faults in the object store")), "{point:?}: {text}");
        assert!(hub.tool_prints(&["store", "check", "--repair"]).contains("0 faults in the object store"));
        hub.run();
    }
    let quarantine = fs::read_dir(hub.data().join("objects/quarantine")).expect("a folder");
    let kept: Vec<_> =
        quarantine.map(|entry| fs::read_to_string(entry.expect("a file").path()).expect("text")).collect();
    assert_eq!(kept, ["old", "old"]);
}
