//! Ranges and conditions.

use crate::hub::Hub;

const PAST: &str = "Thu, 01 Jan 2015 00:00:00 GMT";
const FUTURE: &str = "Thu, 01 Dec 2044 16:00:00 GMT";

#[tokio::test]
async fn a_range_gives_its_bytes_and_no_others() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/key", b"0123456789").await.assert_ok();
    owner.put("/photos/empty", b"").await.assert_ok();
    let table = [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=7-100", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=-100", "0123456789", "bytes 0-9/10"),
    ];
    for (range, body, content_range) in table {
        let reply = owner.send("GET", "/photos/key", &[("range", range)], b"").await;
        assert_eq!((reply.status.as_u16(), reply.text().as_str()), (206, body), "{range}");
        assert_eq!(reply.header("content-range"), content_range, "{range}");
        assert_eq!(reply.header("content-length"), body.len().to_string(), "{range}");
        let head = owner.send("HEAD", "/photos/key", &[("range", range)], b"").await;
        assert_eq!((head.status.as_u16(), head.header("content-range")), (206, content_range), "{range}");
    }
    for (target, range, size) in
        [("/photos/key", "bytes=10-", "10"), ("/photos/key", "bytes=-0", "10"), ("/photos/empty", "bytes=0-", "0")]
    {
        let reply = owner.send("GET", target, &[("range", range)], b"").await;
        reply.assert_error(416, "InvalidRange");
        assert_eq!(reply.header("content-range"), format!("bytes */{size}"), "{range}");
    }
}

#[tokio::test]
async fn a_conditional_read_goes_by_the_etag_first_and_then_by_the_time() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let etag = owner.put("/photos/key", b"body").await.assert_ok().header("etag").to_owned();
    let modified = owner.send("HEAD", "/photos/key", &[], b"").await.header("last-modified").to_owned();
    let (same, other) = (etag.as_str(), "\"00000000000000000000000000000000\"");
    let table: [(&[(&str, &str)], u16); 15] = [
        (&[("if-match", same)], 200),
        (&[("if-match", "*")], 200),
        (&[("if-match", other)], 412),
        (&[("if-none-match", same)], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", other)], 200),
        (&[("if-modified-since", PAST)], 200),
        (&[("if-modified-since", &modified)], 304),
        (&[("if-unmodified-since", PAST)], 412),
        (&[("if-unmodified-since", &modified)], 200),
        (&[("if-unmodified-since", FUTURE)], 200),
        (&[("if-match", same), ("if-unmodified-since", PAST)], 200),
        (&[("if-none-match", other), ("if-modified-since", &modified)], 200),
        (&[("if-none-match", same), ("if-modified-since", PAST)], 304),
        (&[("if-match", other), ("if-none-match", other)], 412),
    ];
    for (headers, status) in table {
        for method in ["GET", "HEAD"] {
            let reply = owner.send(method, "/photos/key", headers, b"").await;
            assert_eq!(reply.status.as_u16(), status, "{method} {headers:?}");
            if status == 304 {
                assert_eq!((reply.header("etag"), reply.body.len()), (same, 0));
            }
        }
    }
}

#[tokio::test]
async fn a_copy_holds_its_conditions_against_the_source() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let etag = owner.put("/photos/key", b"body").await.assert_ok().header("etag").to_owned();
    let table = [
        ("x-amz-copy-source-if-match", etag.as_str(), 200),
        ("x-amz-copy-source-if-match", "\"0\"", 412),
        ("x-amz-copy-source-if-none-match", etag.as_str(), 412),
        ("x-amz-copy-source-if-none-match", "\"0\"", 200),
        ("x-amz-copy-source-if-modified-since", PAST, 200),
        ("x-amz-copy-source-if-unmodified-since", PAST, 412),
    ];
    for (header, value, status) in table {
        let headers = [("x-amz-copy-source", "/photos/key"), (header, value)];
        let reply = owner.send("PUT", "/photos/copy", &headers, b"").await;
        assert_eq!(reply.status.as_u16(), status, "{header}: {value}");
    }
}

#[tokio::test]
async fn a_conditional_write_happens_only_when_its_condition_holds() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let absent = [("if-none-match", "*")];
    owner.send("PUT", "/photos/key", &absent, b"first").await.assert_ok();
    owner.send("PUT", "/photos/key", &absent, b"second").await.assert_error(412, "PreconditionFailed");
    let etag = owner.get("/photos/key").await.assert_ok().header("etag").to_owned();
    owner.send("PUT", "/photos/key", &[("if-match", "\"0\"")], b"third").await.assert_error(412, "PreconditionFailed");
    owner.send("PUT", "/photos/key", &[("if-match", &etag)], b"fourth").await.assert_ok();
    owner.send("PUT", "/photos/new", &[("if-match", &etag)], b"fifth").await.assert_error(404, "NoSuchKey");
    assert_eq!(owner.get("/photos/key").await.assert_ok().body, "fourth");
    owner.send("DELETE", "/photos/key", &[("if-match", &etag)], b"").await.assert_error(412, "PreconditionFailed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_writes_that_race_for_an_absent_key_one_wins() {
    let hub = Hub::start().await;
    let writes = (0..8).map(|number| {
        let owner = hub.client("owner");
        async move {
            let body = format!("writer {number}");
            let reply = owner.send("PUT", "/photos/key", &[("if-none-match", "*")], body.as_bytes()).await;
            (reply.status.as_u16(), body)
        }
    });
    let replies = futures::future::join_all(writes).await;
    let won: Vec<_> = replies.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(won.len(), 1, "{replies:?}");
    assert!(replies.iter().all(|(status, _)| [200, 412].contains(status)));
    assert_eq!(hub.client("owner").get("/photos/key").await.assert_ok().text(), won[0].1);
}
