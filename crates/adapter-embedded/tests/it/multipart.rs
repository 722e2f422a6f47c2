//! Uploads in parts.

use diesel::SqliteConnection;
use diesel::connection::{Connection as _, SimpleConnection as _};

use crate::client::{Client, Reply};
use crate::hub::Hub;

const MIB: usize = 1024 * 1024;

struct Upload {
    client: Client,
    target: String,
    id: String,
}

impl Upload {
    async fn begin(client: Client, target: &str, headers: &[(&str, &str)]) -> Self {
        let reply = client.send("POST", &format!("{target}?uploads="), headers, b"").await.assert_ok();
        Self { client, target: target.to_owned(), id: reply.all("UploadId").remove(0) }
    }

    async fn part(&self, number: i32, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let target = format!("{}?partNumber={number}&uploadId={}", self.target, self.id);
        self.client.send("PUT", &target, headers, body).await
    }

    async fn put(&self, number: i32, body: &[u8]) -> String {
        self.part(number, &[], body).await.assert_ok().header("etag").to_owned()
    }

    async fn complete(&self, parts: &[(i32, &str)], headers: &[(&str, &str)]) -> Reply {
        let part =
            |(number, etag): &(i32, &str)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
        let parts: String = parts.iter().map(part).collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        let target = format!("{}?uploadId={}", self.target, self.id);
        self.client.send("POST", &target, headers, body.as_bytes()).await
    }

    async fn list(&self, query: &str) -> Reply {
        self.client.get(&format!("{}?uploadId={}{query}", self.target, self.id)).await
    }
}

#[tokio::test]
async fn parts_become_one_object_in_the_order_of_their_numbers() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let upload =
        Upload::begin(owner.clone(), "/photos/key", &[("content-type", "text/plain"), ("x-amz-meta-a", "b")]).await;
    let (first, second) = (vec![b'a'; 5 * MIB], vec![b'b'; 5 * MIB + 1]);
    let third = upload.put(9, b"end").await;
    upload.put(1, b"written over").await;
    let (one, two) = (upload.put(1, &first).await, upload.put(3, &second).await);
    upload.put(4, b"not named").await;
    owner.get("/photos/key").await.assert_error(404, "NoSuchKey");
    let reply = upload.complete(&[(1, &one), (3, &two), (9, &third)], &[]).await.assert_ok();
    let etag = reply.all("ETag").remove(0);
    assert!(etag.ends_with("-3\""), "{etag}");
    let got = owner.get("/photos/key").await.assert_ok();
    assert!(got.body == [first.as_slice(), &second, b"end"].concat());
    assert_eq!(
        (got.header("etag"), got.header("content-type"), got.header("x-amz-meta-a")),
        (etag.as_str(), "text/plain", "b")
    );
    // Across the border of two parts, and one part by its number.
    let at = 5 * MIB;
    let range = format!("bytes={}-{}", at - 2, at + 1);
    assert_eq!(owner.send("GET", "/photos/key", &[("range", &range)], b"").await.text(), "aabb");
    let part = owner.get("/photos/key?partNumber=3").await;
    assert_eq!((part.status.as_u16(), &part.body[..], part.header("x-amz-mp-parts-count")), (206, &b"end"[..], "3"));
    owner.get("/photos/key?partNumber=4").await.assert_error(416, "InvalidPartNumber");
    assert_eq!(hub.blob_files().len(), 3);
    upload.complete(&[(1, &one)], &[]).await.assert_error(404, "NoSuchUpload");
    owner.send("PUT", "/photos/copy", &[("x-amz-copy-source", "/photos/key")], b"").await.assert_ok();
    owner.delete("/photos/key").await.assert_ok();
    assert!(owner.get("/photos/copy").await.assert_ok().body == got.body);
    owner.delete("/photos/copy").await.assert_ok();
    assert_eq!(hub.blob_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_completion_that_does_not_fit_its_parts_is_refused() {
    let hub = Hub::start().await;
    let upload = Upload::begin(hub.client("owner"), "/photos/key", &[]).await;
    let (one, two) = (upload.put(1, b"small").await, upload.put(2, b"end").await);
    let wrong = "\"00000000000000000000000000000000\"";
    upload.complete(&[(1, wrong)], &[]).await.assert_error(400, "InvalidPart");
    upload.complete(&[(3, &one)], &[]).await.assert_error(400, "InvalidPart");
    upload.complete(&[(2, &two), (1, &one)], &[]).await.assert_error(400, "InvalidPartOrder");
    upload.complete(&[(1, &one), (1, &one)], &[]).await.assert_error(400, "InvalidPartOrder");
    upload.complete(&[(1, &one), (2, &two)], &[]).await.assert_error(400, "EntityTooSmall");
    upload.complete(&[], &[]).await.assert_error(400, "MalformedXML");
    upload.complete(&[(1, &one)], &[("x-amz-mp-object-size", "6")]).await.assert_error(400, "InvalidRequest");
    hub.client("owner").get("/photos/key").await.assert_error(404, "NoSuchKey");
    let unquoted = one.trim_matches('"');
    upload.complete(&[(1, unquoted)], &[("x-amz-mp-object-size", "5"), ("if-none-match", "*")]).await.assert_ok();
    let again = Upload::begin(hub.client("owner"), "/photos/key", &[]).await;
    let one = again.put(1, b"other").await;
    again.complete(&[(1, &one)], &[("if-none-match", "*")]).await.assert_error(412, "PreconditionFailed");
    assert_eq!(hub.client("owner").get("/photos/key").await.assert_ok().body, "small");
}

#[tokio::test]
async fn a_part_needs_a_right_number_and_an_upload_of_its_key() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let upload = Upload::begin(owner.clone(), "/photos/key", &[]).await;
    for number in [0, 10_001, -1] {
        upload.part(number, &[], b"body").await.assert_error(400, "InvalidArgument");
    }
    upload.part(10_000, &[], b"body").await.assert_ok();
    for target in ["/photos/other", "/open/key"] {
        let stray = Upload { client: owner.clone(), target: target.to_owned(), id: upload.id.clone() };
        stray.part(1, &[], b"body").await.assert_error(404, "NoSuchUpload");
        stray.complete(&[(1, "\"0\"")], &[]).await.assert_error(404, "NoSuchUpload");
        stray.list("").await.assert_error(404, "NoSuchUpload");
        owner.delete(&format!("{target}?uploadId={}", upload.id)).await.assert_error(404, "NoSuchUpload");
    }
    upload.part(1, &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], b"body").await.assert_error(400, "BadDigest");
    assert_eq!(upload.list("").await.assert_ok().all("PartNumber"), ["10000"]);
    owner.delete(&format!("/photos/key?uploadId={}", upload.id)).await.assert_ok();
    assert_eq!(hub.blob_files(), Vec::<String>::new());
    upload.list("").await.assert_error(404, "NoSuchUpload");
}

#[tokio::test]
async fn parts_and_uploads_are_listed_page_by_page() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let upload = Upload::begin(owner.clone(), "/photos/a", &[]).await;
    for number in [1, 2, 5] {
        upload.put(number, b"part").await;
    }
    let page = upload.list("&max-parts=2").await.assert_ok();
    assert_eq!((page.all("PartNumber"), page.all("Size")), (vec!["1".into(), "2".into()], vec!["4".to_string(); 2]));
    assert_eq!(
        (page.all("IsTruncated"), page.all("NextPartNumberMarker")),
        (vec!["true".into()], vec!["2".to_string()])
    );
    assert_eq!(upload.list("&part-number-marker=2").await.assert_ok().all("PartNumber"), ["5"]);
    let mut ids = vec![upload.id.clone()];
    for target in ["/photos/a", "/photos/b/1", "/photos/b/2", "/photos/c"] {
        ids.push(Upload::begin(owner.clone(), target, &[]).await.id);
    }
    let all = owner.get("/photos?uploads=").await.assert_ok();
    assert_eq!(all.all("Key"), ["a", "a", "b/1", "b/2", "c"]);
    let rolled = owner.get("/photos?uploads=&delimiter=/").await.assert_ok();
    assert_eq!(
        (rolled.all("Key"), rolled.all("Prefix").contains(&"b/".to_owned())),
        (vec!["a".into(), "a".into(), "c".to_string()], true)
    );
    let (mut seen, mut markers) = (Vec::new(), String::new());
    loop {
        let page = owner.get(&format!("/photos?uploads=&max-uploads=1{markers}")).await.assert_ok();
        seen.extend(page.all("UploadId"));
        if page.all("IsTruncated") == ["false"] {
            break;
        }
        let (key, id) = (page.all("NextKeyMarker").remove(0), page.all("NextUploadIdMarker").remove(0));
        markers = format!("&key-marker={key}&upload-id-marker={id}");
    }
    seen.sort_unstable();
    ids.sort_unstable();
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn a_part_is_copied_from_a_range_of_an_object() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/source", b"0123456789").await.assert_ok();
    let upload = Upload::begin(owner.clone(), "/photos/key", &[]).await;
    let source = ("x-amz-copy-source", "/photos/source");
    let copied = upload.part(1, &[source, ("x-amz-copy-source-range", "bytes=2-4")], b"").await.assert_ok();
    let etag = copied.all("ETag").remove(0);
    upload.part(2, &[source, ("x-amz-copy-source-range", "bytes=5-10")], b"").await.assert_error(416, "InvalidRange");
    upload.part(2, &[source, ("x-amz-copy-source-range", "bytes=-5")], b"").await.assert_error(400, "InvalidArgument");
    upload.complete(&[(1, &etag)], &[]).await.assert_ok();
    assert_eq!(owner.get("/photos/key").await.assert_ok().body, "234");
}

#[tokio::test]
async fn the_checksum_of_the_whole_is_made_of_the_parts() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let asked = [("x-amz-checksum-mode", "ENABLED")];
    let composite = Upload::begin(owner.clone(), "/photos/composite", &[("x-amz-checksum-algorithm", "CRC32")]).await;
    let part = composite.part(1, &[("x-amz-checksum-crc32", "y/Q5Jg==")], b"123456789").await.assert_ok();
    assert_eq!(part.header("x-amz-checksum-crc32"), "y/Q5Jg==");
    composite
        .part(2, &[("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=")], b"123456789")
        .await
        .assert_error(400, "InvalidRequest");
    let done = composite.complete(&[(1, part.header("etag"))], &[]).await.assert_ok();
    assert_eq!(done.all("ChecksumType"), ["COMPOSITE"]);
    let head = owner.send("HEAD", "/photos/composite", &asked, b"").await;
    assert!(head.header("x-amz-checksum-crc32").ends_with("-1"), "{:?}", head.headers);
    let headers = [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT")];
    let full = Upload::begin(owner.clone(), "/photos/full", &headers).await;
    let part = full.put(1, b"123456789").await;
    full.complete(&[(1, &part)], &[("x-amz-checksum-crc32", "AAAAAA==")]).await.assert_error(400, "BadDigest");
    full.complete(&[(1, &part)], &[("x-amz-checksum-crc32", "y/Q5Jg==")]).await.assert_ok();
    assert_eq!(owner.send("HEAD", "/photos/full", &asked, b"").await.header("x-amz-checksum-crc32"), "y/Q5Jg==");
    let headers = [("x-amz-checksum-algorithm", "SHA256"), ("x-amz-checksum-type", "FULL_OBJECT")];
    owner.send("POST", "/photos/no?uploads=", &headers, b"").await.assert_error(400, "InvalidRequest");
}

#[tokio::test]
async fn a_request_deletes_objects_of_so_many_parts_that_they_need_several_transactions() {
    let hub = Hub::start().await;
    let objects = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 4)
        INSERT INTO objects (bucket_id, key, version, is_latest, is_delete_marker, size, etag, modified_at, headers, metadata)
            SELECT buckets.id, CAST('key-' || n AS BLOB), 'null', 1, 0, 6000, 'etag', 0, '{}', '{}' FROM n, buckets
            WHERE buckets.name = 'photos';
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 6000)
        INSERT INTO object_parts (object_id, number, blob, size) SELECT id, n, id || ' ' || n, 1 FROM n, objects;";
    let mut connection = SqliteConnection::establish(hub.folder().join("index.sqlite").to_str().unwrap()).unwrap();
    connection.batch_execute(objects).unwrap();
    drop(connection);
    let owner = hub.client("owner");
    assert_eq!(owner.get("/photos?list-type=2").await.assert_ok().all("Key").len(), 4);
    let keys: String = (1..=4).map(|number| format!("<Object><Key>key-{number}</Key></Object>")).collect();
    let reply = owner.post("/photos?delete=", &format!("<Delete>{keys}</Delete>")).await.assert_ok();
    assert_eq!(reply.all("Key"), ["key-1", "key-2", "key-3", "key-4"]);
    assert_eq!(owner.get("/photos?list-type=2").await.assert_ok().all("Key"), Vec::<String>::new());
}
