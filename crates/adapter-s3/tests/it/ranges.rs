//! Ranges that S3 ignores, although they are part of what was signed.

use std::time::Duration;

use crate::hub::Hub;

const IGNORED: [&str; 8] =
    ["bytes=0-0,2-3", "bytes=0-0, 2-3", "bytes=3-2", "bytes=a-b", "bytes=", "bytes=-", "lines=0-1", "nonsense"];

#[tokio::test]
async fn a_malformed_range_or_several_are_ignored() {
    let hub = Hub::start().await;
    hub.put("photos", "key", b"0123456789").await;
    let owner = hub.client("owner");
    for range in IGNORED {
        // Signed with the rest of the request.
        let got = owner.send("GET", "/photos/key", &[("range", range)], b"").await.assert_ok();
        assert_eq!((got.status.as_u16(), got.text().as_str()), (200, "0123456789"), "{range}");
        assert!(!got.headers.contains_key("content-range"), "{range}");
        assert_eq!(got.header("etag"), "\"781e5e245d69b566979b86e28d23f2c7\"");
        let head = owner.send("HEAD", "/photos/key", &[("range", range)], b"").await.assert_ok();
        assert_eq!((head.status.as_u16(), head.header("content-length")), (200, "10"), "{range}");
        // Of no part of the signature.
        let url = owner.presign("GET", "/photos/key?response-content-type=text%2Fx", Duration::from_secs(60));
        let got = hub.anonymous().send("GET", &url, &[("range", range)], b"").await.assert_ok();
        assert_eq!((got.text().as_str(), got.header("content-type")), ("0123456789", "text/x"), "{range}");
    }
    let got = owner.send("GET", "/photos/key", &[("range", "bytes=8-")], b"").await;
    assert_eq!((got.status.as_u16(), got.text().as_str()), (206, "89"));
    owner.send("GET", "/photos/key", &[("range", "bytes=10-")], b"").await.assert_error(416, "InvalidRange");
}

#[tokio::test]
async fn an_ignored_range_gives_nobody_more_than_they_have() {
    let hub = Hub::start().await;
    for bucket in ["photos", "open"] {
        hub.put(bucket, "key", b"body").await;
    }
    let range = [("range", "bytes=0-0,2-3")];
    let get = async |client: &crate::client::Client, target: &str| client.send("GET", target, &range, b"").await;
    get(&hub.client("stranger"), "/photos/key").await.assert_error(403, "AccessDenied");
    get(&hub.anonymous(), "/photos/key").await.assert_error(403, "AccessDenied");
    let owner = hub.client("owner");
    get(&owner.with_secret("another secret of nobody"), "/photos/key").await.assert_error(403, "SignatureDoesNotMatch");
    let url = owner.presign("GET", "/photos/key", Duration::from_secs(60));
    get(&hub.anonymous(), &url.replace("/key", "/other")).await.assert_error(403, "SignatureDoesNotMatch");
    get(&hub.anonymous(), "/open/key").await.assert_ok();
    get(&hub.anonymous(), "/open/key?response-content-type=text%2Fx").await.assert_error(400, "InvalidRequest");
    // Other operations have no ranges, and are asked for as always.
    get(&owner, "/photos/missing").await.assert_error(404, "NoSuchKey");
    assert_eq!(get(&owner, "/photos").await.assert_ok().all("Key"), ["key"]);
    get(&owner, "/photos?acl").await.assert_ok();
    let put = owner.send("PUT", "/photos/key", &range, b"new").await;
    put.assert_ok();
}
