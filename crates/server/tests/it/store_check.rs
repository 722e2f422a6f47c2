//! The command `store check`.

use reqwest::Method;

use crate::hub::{Backend, Hub, unique};
use crate::s3::Request;

#[tokio::test(flavor = "multi_thread")]
async fn a_check_tells_what_is_broken_and_a_repair_takes_it_out_of_the_lists() {
    let Some(mut hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("checked");
    person.create_bucket(&bucket).await;
    let send = |method, path: String, body: &str| {
        let (s3, key, request) = (hub.s3.clone(), person.key.clone(), Request::new(method, path).body(body));
        async move { s3.send(Some(&key), request).await }
    };
    // Too large for the index.
    let body = |key: &str| format!("a {key} body").repeat(2_000);
    for key in ["good", "bad"] {
        assert!(send(Method::PUT, format!("/{bucket}/{key}"), &body(key)).await.succeeded());
    }
    assert!(hub.tool_prints(&["store", "check"]).contains("0 faults"));
    let shards = std::fs::read_dir(hub.data().join("objects/blobs")).expect("blobs").flatten();
    let files = shards.flat_map(|shard| std::fs::read_dir(shard.path()).expect("a shard").flatten());
    let bad = files.map(|file| file.path()).find(|path| std::fs::read(path).expect("a blob") == body("bad").as_bytes());
    std::fs::write(bad.expect("the blob"), body("BAD")).expect("a broken blob");

    let found = hub.tool(&["store", "check"]);
    let text = String::from_utf8_lossy(&found.stdout);
    assert!(!found.status.success() && text.contains(&format!("wrong digest: \"bad\" in {bucket}")), "{text}");
    assert!(hub.tool_prints(&["store", "check", "--quick"]).contains("0 faults"));
    let refused = hub.tool(&["store", "check", "--repair"]);
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && text.contains("another process uses the object store"), "{text}");

    assert!(hub.stop());
    let repaired = hub.tool_prints(&["store", "check", "--repair"]);
    assert!(repaired.contains("1 faults repaired") && repaired.contains("0 faults in the object store"), "{repaired}");
    hub.run();
    let listed = hub.s3.send(Some(&person.key), Request::new(Method::GET, format!("/{bucket}"))).await;
    assert!(listed.body.contains("<Key>good</Key>") && !listed.body.contains("<Key>bad</Key>"), "{}", listed.body);
}
