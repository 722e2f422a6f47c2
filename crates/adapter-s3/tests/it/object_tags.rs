//! Tags of objects.

use crate::hub::Hub;

const TAGS: &[u8] = b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
const TAGGED: [(&str, &str); 1] = [("x-amz-tagging", "a=1&b=2")];

#[tokio::test]
async fn tags_are_written_with_an_object_or_by_themselves() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.send("PUT", "/photos/key", &TAGGED, b"body").await.assert_ok();
    assert_eq!(owner.get("/photos/key").await.assert_ok().header("x-amz-tagging-count"), "2");
    assert_eq!(owner.get("/photos/key?tagging=").await.assert_ok().all("Key"), ["a", "b"]);
    owner.put("/photos/key?tagging=", TAGS).await.assert_ok();
    assert_eq!(owner.get("/photos/key?tagging=").await.assert_ok().all("Value"), ["v"]);
    assert_eq!(owner.delete("/photos/key?tagging=").await.status, 204);
    assert!(owner.get("/photos/key?tagging=").await.assert_ok().all("Key").is_empty());
    owner.put("/photos/missing?tagging=", TAGS).await.assert_error(404, "NoSuchKey");
    owner.send("PUT", "/photos/key", &[("x-amz-tagging", "a=1&a=2")], b"x").await.assert_error(400, "InvalidTag");
    let upload = owner.send("POST", "/photos/parts?uploads=", &TAGGED, b"").await.assert_ok().all("UploadId").remove(0);
    let part = owner.put(&format!("/photos/parts?partNumber=1&uploadId={upload}"), b"part").await.assert_ok();
    let document = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        part.header("etag")
    );
    owner.post(&format!("/photos/parts?uploadId={upload}"), &document).await.assert_ok();
    assert_eq!(owner.get("/photos/parts?tagging=").await.assert_ok().all("Key"), ["a", "b"]);
}

#[tokio::test]
async fn writers_change_tags_and_readers_read_them() {
    let hub = Hub::start().await;
    hub.client("writer").send("PUT", "/photos/key", &TAGGED, b"body").await.assert_ok();
    let reader = hub.client("reader");
    assert_eq!(reader.get("/photos/key?tagging=").await.assert_ok().all("Key"), ["a", "b"]);
    assert_eq!(reader.get("/photos/key").await.assert_ok().header("x-amz-tagging-count"), "2");
    reader.put("/photos/key?tagging=", TAGS).await.assert_error(403, "AccessDenied");
    reader.delete("/photos/key?tagging=").await.assert_error(403, "AccessDenied");
    hub.client("writer").put("/photos/key?tagging=", TAGS).await.assert_ok();
}

/// `public` gives the bytes of an object and not its tags: neither their number, nor by a copy.
#[tokio::test]
async fn the_public_does_not_get_tags() {
    let hub = Hub::start().await;
    hub.client("owner").send("PUT", "/open/key", &TAGGED, b"body").await.assert_ok();
    assert_eq!(hub.anonymous().get("/open/key").await.assert_ok().header("x-amz-tagging-count"), "");
    let stranger = hub.client("stranger");
    assert_eq!(stranger.get("/open/key").await.assert_ok().header("x-amz-tagging-count"), "");
    stranger.send("PUT", "/other/copy", &[("x-amz-copy-source", "/open/key")], b"").await.assert_ok();
    assert!(stranger.get("/other/copy?tagging=").await.assert_ok().all("Key").is_empty());
    let owner = hub.client("owner");
    owner.send("PUT", "/photos/copy", &[("x-amz-copy-source", "/open/key")], b"").await.assert_ok();
    assert_eq!(owner.get("/photos/copy?tagging=").await.assert_ok().all("Key"), ["a", "b"]);
}
