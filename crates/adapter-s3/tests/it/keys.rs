//! Keys that look like something else. A key is a name and nothing more.

use proptest::prelude::*;

use crate::client::encode;
use crate::hub::Hub;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_with_dots_stays_in_its_bucket() {
    let hub = Hub::start().await;
    let (owner, stranger) = (hub.client("owner"), hub.client("stranger"));
    stranger.put("/other/x", b"theirs").await.assert_ok();
    let keys = ["../other/x", "/../other/x", "a/../../other/x", "..", ".", "../../index.sqlite", "%2e%2e/other/x"];
    for key in keys {
        let target = format!("/photos/{}", encode(key));
        for sent in
            [target.clone(), target.replace("..", "%2E%2E"), format!("/photos/{}", encode(key).replace('/', "%2F"))]
        {
            let body = format!("{key} by {sent}");
            owner.send_as("PUT", &target, &sent, body.as_bytes()).await.assert_ok();
            assert_eq!(owner.get(&target).await.assert_ok().text(), body);
        }
    }
    assert_eq!(stranger.get("/other/x").await.assert_ok().text(), "theirs");
    let mut listed = owner.get("/photos?list-type=2").await.assert_ok().all("Key");
    listed.sort_unstable();
    let mut expected = keys.map(str::to_owned);
    expected.sort_unstable();
    assert_eq!(listed, expected);
    for key in keys {
        owner.delete(&format!("/photos/{}", encode(key))).await.assert_ok();
    }
    assert_eq!(stranger.get("/other/x").await.assert_ok().text(), "theirs");
}

#[tokio::test]
async fn keys_that_are_parts_of_each_other_are_different_objects() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let long = "k".repeat(200);
    let keys = ["a", "a/", "a/b", "a//b", "a/b/", "folder/", "/", "//", "/a", long.as_str()];
    for key in keys {
        owner.put(&format!("/photos/{key}"), key.as_bytes()).await.assert_ok();
    }
    for key in keys {
        assert_eq!(owner.get(&format!("/photos/{key}")).await.assert_ok().text(), key);
    }
    owner.delete("/photos/a").await.assert_ok();
    owner.delete("/photos/a/").await.assert_ok();
    assert_eq!(owner.get("/photos/a/b").await.assert_ok().text(), "a/b");
    owner.get("/photos/a").await.assert_error(404, "NoSuchKey");
}

#[tokio::test]
async fn a_key_has_at_most_1024_bytes() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    for key in ["k".repeat(1024), "ü".repeat(512), "d/".repeat(512)] {
        let target = format!("/photos/{}", encode(&key));
        owner.put(&target, b"body").await.assert_ok();
        assert_eq!(owner.get(&target).await.assert_ok().body, "body");
    }
    for key in ["k".repeat(1025), format!("{}x", "ü".repeat(512))] {
        owner.put(&format!("/photos/{}", encode(&key)), b"body").await.assert_error(400, "KeyTooLongError");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_are_kept_apart_and_listed_in_the_order_of_their_bytes(
        keys in proptest::collection::btree_set(r"[a-b./%+ &<>'äß語\\?#=:;\-]{1,12}", 1..12)
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let hub = Hub::start().await;
            let owner = hub.client("owner");
            for key in &keys {
                owner.put(&format!("/photos/{}", encode(key)), key.as_bytes()).await.assert_ok();
            }
            for key in &keys {
                let got = owner.get(&format!("/photos/{}", encode(key))).await.assert_ok();
                assert_eq!(got.text(), *key);
            }
            let listed = owner.get("/photos?list-type=2&encoding-type=url").await.assert_ok().all("Key");
            let expected: Vec<_> = keys.iter().map(|key| encode(key)).collect();
            assert_eq!(listed, expected);
        });
    }
}
