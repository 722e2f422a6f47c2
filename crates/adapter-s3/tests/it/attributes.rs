//! What is told of an object without its bytes.

use crate::client::{Client, Reply};
use crate::hub::Hub;

async fn attributes(client: &Client, target: &str, names: &str, more: &[(&str, &str)]) -> Reply {
    let mut headers = vec![("x-amz-object-attributes", names)];
    headers.extend(more);
    client.send("GET", &format!("{target}?attributes="), &headers, b"").await
}

const ALL: &str = "ETag,Checksum,ObjectParts,StorageClass,ObjectSize";

#[tokio::test]
async fn an_object_tells_the_attributes_that_are_asked_for_and_no_others() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.send("PUT", "/photos/key", &[("x-amz-checksum-crc32", "y/Q5Jg==")], b"123456789").await.assert_ok();
    let got = attributes(&owner, "/photos/key", ALL, &[]).await.assert_ok();
    assert_eq!(got.all("ETag"), ["25f9e794323b453885f5181f1b624d0b"]);
    assert_eq!(got.all("ObjectSize"), ["9"]);
    assert_eq!(got.all("StorageClass"), ["STANDARD"]);
    assert_eq!(got.all("ChecksumCRC32"), ["y/Q5Jg=="]);
    assert_eq!(got.all("ChecksumType"), ["FULL_OBJECT"]);
    assert!(got.all("ObjectParts").is_empty());
    assert!(!got.header("last-modified").is_empty());
    let got = attributes(&owner, "/photos/key", "ObjectSize", &[]).await.assert_ok();
    assert!(got.all("ETag").is_empty() && got.all("ChecksumCRC32").is_empty());
}

#[tokio::test]
async fn an_object_of_parts_tells_them_in_pages_where_they_have_checksums() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    for (key, algorithm) in [("plain", None), ("checked", Some(("x-amz-checksum-algorithm", "SHA256")))] {
        let headers: Vec<_> = algorithm.into_iter().collect();
        let begun = owner.send("POST", &format!("/photos/{key}?uploads="), &headers, b"").await.assert_ok();
        let id = begun.all("UploadId").remove(0);
        let mut parts = String::new();
        for (number, body) in [(1, vec![b'a'; 5 * 1024 * 1024]), (2, b"end".to_vec())] {
            let target = format!("/photos/{key}?partNumber={number}&uploadId={id}");
            let put = owner.send("PUT", &target, &[], &body).await.assert_ok();
            let etag = put.header("etag").to_owned();
            parts += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
        }
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        owner.post(&format!("/photos/{key}?uploadId={id}"), &body).await.assert_ok();
    }
    let plain = attributes(&owner, "/photos/plain", ALL, &[]).await.assert_ok();
    assert_eq!(plain.all("PartsCount"), ["2"]);
    assert!(plain.all("PartNumber").is_empty() && plain.all("ETag")[0].ends_with("-2"), "{}", plain.text());
    let first = attributes(&owner, "/photos/checked", ALL, &[("x-amz-max-parts", "1")]).await.assert_ok();
    assert_eq!((first.all("PartNumber"), first.all("Size")), (vec!["1".to_owned()], vec!["5242880".to_owned()]));
    assert_eq!(
        (first.all("IsTruncated"), first.all("NextPartNumberMarker")),
        (vec!["true".to_owned()], vec!["1".to_owned()])
    );
    assert_eq!(first.all("ChecksumType"), ["COMPOSITE"]);
    assert_eq!(first.all("ChecksumSHA256").len(), 2);
    let rest = attributes(&owner, "/photos/checked", ALL, &[("x-amz-part-number-marker", "1")]).await.assert_ok();
    assert_eq!((rest.all("PartNumber"), rest.all("IsTruncated")), (vec!["2".to_owned()], vec!["false".to_owned()]));
}

#[tokio::test]
async fn attributes_are_for_readers_and_have_names_that_there_are() {
    let hub = Hub::start().await;
    hub.client("owner").put("/photos/key", b"body").await.assert_ok();
    attributes(&hub.client("reader"), "/photos/key", "ETag", &[]).await.assert_ok();
    attributes(&hub.client("stranger"), "/photos/key", "ETag", &[]).await.assert_error(403, "AccessDenied");
    attributes(&hub.anonymous(), "/photos/key", "ETag", &[]).await.assert_error(403, "AccessDenied");
    let owner = hub.client("owner");
    attributes(&owner, "/photos/missing", "ETag", &[]).await.assert_error(404, "NoSuchKey");
    attributes(&owner, "/photos/key", "ETag,Owner", &[]).await.assert_error(400, "InvalidArgument");
    owner.get("/photos/key?attributes=").await.assert_error(400, "InvalidArgument");
}
