//! Who may do what, by real signed requests: the same table for every store.

use reqwest::Method;
use serde_json::json;
use storage_hub_adapter_minio::s3_client::S3Client;
use storage_hub_core::domain::SecretKey;
use storage_hub_s3_client::{Connection, ConnectionOptions, Identity};

use crate::hub::{Backend, Hub, unique};
use crate::s3::{Key, Reply, Request, S3};

const WHO: [&str; 5] = ["owner", "stranger", "admin", "anonymous", "disabled"];

/// Each operation, and who of [`WHO`] may perform it on the owner's bucket.
const TABLE: [(&str, [bool; 5]); 17] = [
    ("list buckets", [true, true, true, false, false]),
    ("list", [true, false, true, false, false]),
    ("get", [true, false, true, false, false]),
    ("head", [true, false, true, false, false]),
    ("put", [true, false, true, false, false]),
    ("delete", [true, false, true, false, false]),
    ("delete many", [true, false, true, false, false]),
    ("multipart", [true, false, true, false, false]),
    ("presigned get", [true, false, true, false, false]),
    ("presigned put", [true, false, true, false, false]),
    ("copy from it", [true, false, true, false, false]),
    ("copy a part from it", [true, false, true, false, false]),
    ("delete bucket", [false; 5]),
    ("make bucket", [false; 5]),
    ("put policy", [false; 5]),
    ("make a key", [false; 5]),
    ("change own secret", [false; 5]),
];

/// Where the hub serves S3 itself, this differs: everybody with a key creates buckets.
const IN_PROCESS: [(&str, [bool; 5]); 1] = [("make bucket", [true, true, true, false, false])];

struct Cast {
    s3: S3,
    bucket: String,
    keys: [Option<Key>; 5],
    /// A bucket of each person, to copy into.
    own: [String; 5],
    /// A bucket that only the administrator also reads and writes.
    root: Option<Key>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_gives_everyone_what_the_table_says() {
    for backend in Backend::ALL {
        let Some(hub) = Hub::start(backend).await else { continue };
        let cast = Cast::gather(&hub).await;
        for (operation, expected) in TABLE {
            let other = IN_PROCESS.iter().find(|(other, _)| backend.serves_s3() && *other == operation);
            let expected = other.map_or(expected, |(_, expected)| *expected);
            for (number, who) in WHO.iter().enumerate() {
                let reply = cast.attempt(operation, number).await;
                let got = reply.succeeded();
                assert_eq!(got, expected[number], "{backend:?}: {operation} by {who}: {reply:?}");
                if !got {
                    let refused = matches!(reply.status, 400 | 401 | 403 | 404 | 405 | 409 | 501);
                    assert!(refused, "{backend:?}: {operation} by {who}: {reply:?}");
                }
            }
        }
        cast.nobody_lost_or_gained_anything().await;
    }
}

impl Cast {
    async fn gather(hub: &Hub) -> Self {
        let owner = hub.sign_up("owner@example.com").await;
        let stranger = hub.sign_up("stranger@example.com").await;
        let disabled = hub.sign_up("disabled@example.com").await;
        let admin = hub.admin().await;
        let bucket = unique("owned");
        owner.create_bucket(&bucket).await;
        let mut own = Vec::new();
        for person in [&owner, &stranger, &admin, &disabled] {
            let name = unique("own");
            person.create_bucket(&name).await;
            own.push(name);
        }
        let [owners, strangers, admins, disableds] = <[String; 4]>::try_from(own).expect("four");
        let s3 = hub.s3.clone();
        let kept = s3.send(Some(&owner.key), Request::new(Method::PUT, format!("/{bucket}/kept")).body("kept")).await;
        assert!(kept.succeeded(), "{kept:?}");
        assert!(hub.tool_prints(&["admin", "disable", "disabled@example.com"]).contains("disabled"));
        let root = (!hub.backend.serves_s3()).then(|| Key {
            access: storage_hub_port_contract::services::ROOT_USER.to_owned(),
            secret: storage_hub_port_contract::services::ROOT_PASSWORD.to_owned(),
            session_token: None,
        });
        let keys = [Some(owner.key), Some(stranger.key), Some(admin.key), None, Some(disabled.key)];
        // Nobody copies into the stranger's bucket.
        let own = [owners, strangers.clone(), admins, strangers, disableds];
        Self { s3, bucket, keys, own, root }
    }

    fn key(&self, who: usize) -> Option<&Key> {
        self.keys[who].as_ref()
    }

    async fn send(&self, who: usize, request: Request) -> Reply {
        self.s3.send(self.key(who), request).await
    }

    async fn attempt(&self, operation: &str, who: usize) -> Reply {
        let bucket = &self.bucket;
        let on = |method: Method, rest: &str| Request::new(method, format!("/{bucket}{rest}"));
        let by = WHO[who];
        match operation {
            "list buckets" => {
                let reply = self.send(who, Request::new(Method::GET, "/")).await;
                let sees = reply.body.contains(&format!("<Name>{bucket}</Name>"));
                assert_eq!(sees, matches!(by, "owner" | "admin"), "{by}: {reply:?}");
                reply
            }
            "list" => self.send(who, on(Method::GET, "?list-type=2")).await,
            "get" => {
                let reply = self.send(who, on(Method::GET, "/kept")).await;
                assert_eq!(reply.body == "kept", reply.succeeded());
                reply
            }
            "head" => self.send(who, on(Method::HEAD, "/kept")).await,
            "put" => self.send(who, on(Method::PUT, &format!("/put-by-{by}")).body("x")).await,
            "delete" => {
                let there = self.send(0, on(Method::PUT, &format!("/of-{by}")).body("x")).await;
                assert!(there.succeeded());
                self.send(who, on(Method::DELETE, &format!("/of-{by}"))).await
            }
            "delete many" => {
                let body = "<Delete><Object><Key>not-there</Key></Object></Delete>";
                let request = on(Method::POST, "?delete=").body(body).header("content-md5", md5_of(body));
                let reply = self.send(who, request).await;
                // The response body contains the refusal of a single key.
                if reply.body.contains("<Error>") { Reply { status: 403, ..reply } } else { reply }
            }
            "multipart" => self.multipart(who, by).await,
            "presigned get" => self.s3.send_presigned(self.key(who), on(Method::GET, "/kept")).await,
            "presigned put" => {
                let request = on(Method::PUT, &format!("/presigned-by-{by}")).body("x");
                self.s3.send_presigned(self.key(who), request).await
            }
            "copy from it" => {
                let request = Request::new(Method::PUT, format!("/{}/copied", self.own[who]));
                self.send(who, request.header("x-amz-copy-source", format!("/{bucket}/kept"))).await
            }
            "copy a part from it" => self.copy_part(who).await,
            "delete bucket" => self.send(who, on(Method::DELETE, "")).await,
            "make bucket" => self.send(who, Request::new(Method::PUT, format!("/{}", unique("made")))).await,
            "put policy" => {
                let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/*")});
                let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
                self.send(who, on(Method::PUT, "?policy=").body(policy.to_string())).await
            }
            "make a key" => self.as_client(who).make_service_account().await.expect("an answer").into(),
            "change own secret" => {
                let new = SecretKey::parse("a-secret-of-ones-own").expect("a secret");
                self.as_client(who).change_own_secret(&new).await.expect("an answer").into()
            }
            other => panic!("no such operation: {other}"),
        }
    }

    async fn multipart(&self, who: usize, by: &str) -> Reply {
        let key = format!("/{}/multipart-by-{by}", self.bucket);
        let begun = self.send(who, Request::new(Method::POST, format!("{key}?uploads="))).await;
        let Some(id) = begun.element("UploadId") else { return begun };
        let part = Request::new(Method::PUT, format!("{key}?partNumber=1&uploadId={id}")).body("part");
        let part = self.send(who, part).await;
        assert!(part.succeeded(), "{part:?}");
        let body = format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
            part.etag
        );
        self.send(who, Request::new(Method::POST, format!("{key}?uploadId={id}")).body(body)).await
    }

    async fn copy_part(&self, who: usize) -> Reply {
        let key = format!("/{}/copied-parts", self.own[who]);
        let begun = self.send(who, Request::new(Method::POST, format!("{key}?uploads="))).await;
        let Some(id) = begun.element("UploadId").map(str::to_owned) else { return begun };
        let part = Request::new(Method::PUT, format!("{key}?partNumber=1&uploadId={id}"));
        let reply = self.send(who, part.header("x-amz-copy-source", format!("/{}/kept", self.bucket))).await;
        let ended = self.send(who, Request::new(Method::DELETE, format!("{key}?uploadId={id}"))).await;
        assert!(ended.succeeded(), "{ended:?}");
        reply
    }

    /// A client that signs with the person's key.
    fn as_client(&self, who: usize) -> S3Client {
        let endpoint = self.s3.url.parse().expect("a URL");
        let connection = Connection::new(&ConnectionOptions::new(endpoint)).expect("a connection");
        let identity =
            self.key(who).map_or(Identity::Anonymous, |key| Identity::key(key.access.as_str(), key.secret.as_str()));
        S3Client::new(connection, identity)
    }

    async fn nobody_lost_or_gained_anything(&self) {
        let kept = self.send(0, Request::new(Method::GET, format!("/{}/kept", self.bucket))).await;
        assert_eq!(kept.body, "kept");
        if let Some(root) = &self.root {
            let policy = self.s3.send(Some(root), Request::new(Method::GET, format!("/{}?policy=", self.bucket))).await;
            assert!(
                !policy.body.contains('*') || !policy.body.contains("\"Principal\":{\"AWS\":[\"*\"]}"),
                "{policy:?}"
            );
        }
        let anonymous = self.send(3, Request::new(Method::GET, format!("/{}/kept", self.bucket))).await;
        assert!(!anonymous.succeeded());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_ends_the_old_secret_and_temporary_credentials_at_once() {
    for backend in Backend::ALL {
        let Some(hub) = Hub::start(backend).await else { continue };
        let owner = hub.sign_up("owner@example.com").await;
        let bucket = unique("owned");
        owner.create_bucket(&bucket).await;
        let list = || Request::new(Method::GET, format!("/{bucket}?list-type=2"));
        let temporary = assume_role(&hub.s3, &owner.key).await;
        assert!(hub.s3.send(Some(&owner.key), list()).await.succeeded());
        match &temporary {
            Ok(temporary) => assert!(hub.s3.send(Some(temporary), list()).await.succeeded()),
            // The hub's own endpoint does not issue temporary credentials.
            Err(reply) => {
                assert!(backend.serves_s3());
                assert!(!reply.succeeded() && reply.status < 500 || reply.status == 501, "{reply:?}");
            }
        }

        let answer = owner.api.post("/api/users/me/credentials/rotate", json!({})).await.expect(200);
        let new = Key::from_answer(&answer);
        assert_eq!(new.access, owner.key.access);
        assert_eq!(hub.s3.send(Some(&owner.key), list()).await.status, 403);
        assert!(hub.s3.send(Some(&new), list()).await.succeeded());
        if let Ok(temporary) = &temporary {
            assert_eq!(hub.s3.send(Some(temporary), list()).await.status, 403);
        }
        let now = owner.api.get("/api/users/me/credentials").await.expect(200);
        assert_eq!(Key::from_answer(&now).secret, new.secret);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_the_store_that_the_hub_did_not_make_goes_to_nobody_but_the_admin_reaches_it() {
    for backend in [Backend::SqliteMinio, Backend::PostgresMinio] {
        let Some(hub) = Hub::start(backend).await else { continue };
        let root = Key {
            access: storage_hub_port_contract::services::ROOT_USER.to_owned(),
            secret: storage_hub_port_contract::services::ROOT_PASSWORD.to_owned(),
            session_token: None,
        };
        let foreign = unique("foreign");
        let made = hub.s3.send(Some(&root), Request::new(Method::PUT, format!("/{foreign}"))).await;
        assert!(made.succeeded(), "{made:?}");
        let put = || Request::new(Method::PUT, format!("/{foreign}/key")).body("x");
        assert!(hub.s3.send(Some(&root), put()).await.succeeded());

        let stranger = hub.sign_up("stranger@example.com").await;
        let refused = stranger.api.post("/api/buckets", json!({"name": foreign})).await.expect(409);
        assert_eq!(refused["error"], "Bucket name already taken");
        assert_eq!(hub.s3.send(Some(&stranger.key), put()).await.status, 403);
        let admin = hub.admin().await;
        assert!(hub.s3.send(Some(&admin.key), put()).await.succeeded());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_owner_of_a_name_shares_nothing_with_the_last() {
    for backend in Backend::ALL {
        let Some(hub) = Hub::start(backend).await else { continue };
        let (first, second) = (hub.sign_up("first@example.com").await, hub.sign_up("second@example.com").await);
        let bucket = unique("handed-on");
        let path = format!("/api/buckets/{bucket}");
        let put = || Request::new(Method::PUT, format!("/{bucket}/key")).body("x");
        let remove = || Request::new(Method::DELETE, format!("/{bucket}/key"));

        first.create_bucket(&bucket).await;
        assert!(hub.s3.send(Some(&first.key), put()).await.succeeded());
        let full = first.api.delete(&path).await.expect(409);
        assert_eq!(full["success"], false);
        assert!(hub.s3.send(Some(&first.key), remove()).await.succeeded(), "a full bucket stays its owner's");
        first.api.delete(&path).await.expect(200);

        second.create_bucket(&bucket).await;
        assert!(!hub.s3.send(Some(&first.key), put()).await.succeeded());
        assert!(hub.s3.send(Some(&second.key), put()).await.succeeded());
        first.api.get(&path).await.expect(404);
    }
}

/// Requests that write to `bucket`, of which a client can hold back the last byte.
fn writes(bucket: &str) -> [(&'static str, Request); 3] {
    let put = Request::new(Method::PUT, format!("/{bucket}/index.html"));
    let chunked = Request { signed_payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", ..put.clone() };
    let chunked = chunked.header("x-amz-decoded-content-length", "4").header("x-amz-trailer", "x-amz-checksum-crc32");
    let delete = "<Delete><Object><Key>index.html</Key></Object></Delete>";
    [
        ("put", put.body("evil")),
        ("chunked put", chunked.body("4\r\nevil\r\n0\r\nx-amz-checksum-crc32:jfsxUg==\r\n\r\n")),
        (
            "delete many",
            Request::new(Method::POST, format!("/{bucket}?delete=")).body(delete).header("content-md5", md5_of(delete)),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_begun_by_the_last_owner_of_a_name_does_not_reach_the_next() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let (first, second) = (hub.sign_up("first@example.com").await, hub.sign_up("second@example.com").await);
    for number in 0..3 {
        let bucket = unique("handed-on");
        first.create_bucket(&bucket).await;
        let (operation, request) = writes(&bucket)[number].clone();
        let begun = hub.s3.begin(&first.key, request).await;
        first.api.delete(&format!("/api/buckets/{bucket}")).await.expect(200);
        second.create_bucket(&bucket).await;
        let at = |method: Method| Request::new(method, format!("/{bucket}/index.html"));
        assert!(hub.s3.send(Some(&second.key), at(Method::PUT).body("good")).await.succeeded());
        let reply = begun.finish().await;
        assert!(matches!(reply.status, 403 | 404), "{operation}: {reply:?}");
        assert_eq!(hub.s3.send(Some(&second.key), at(Method::GET)).await.body, "good", "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_begun_before_its_key_was_rotated_or_its_user_disabled_is_refused() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    for end in ["rotated", "disabled"] {
        for number in 0..3 {
            let email = format!("{end}{number}@example.com");
            let owner = hub.sign_up(&email).await;
            let bucket = unique("written-late");
            owner.create_bucket(&bucket).await;
            let at = |method: Method| Request::new(method, format!("/{bucket}/index.html"));
            assert!(hub.s3.send(Some(&owner.key), at(Method::PUT).body("good")).await.succeeded());
            let (operation, request) = writes(&bucket)[number].clone();
            let begun = hub.s3.begin(&owner.key, request).await;
            if end == "rotated" {
                owner.api.post("/api/users/me/credentials/rotate", json!({})).await.expect(200);
            } else {
                hub.tool_prints(&["admin", "disable", &email]);
            }
            assert_eq!(begun.finish().await.status, 403, "{operation}, {end}");
            let admin = hub.admin().await;
            assert_eq!(hub.s3.send(Some(&admin.key), at(Method::GET)).await.body, "good", "{operation}, {end}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_a_thousand_buckets_reaches_each_of_them() {
    let Some(hub) = Hub::start(Backend::PostgresMinio).await else { return };
    let owner = hub.sign_up("owner@example.com").await;
    let prefix = unique("b")[..10].to_owned();
    let names: Vec<String> = (0..1000).map(|number| format!("{prefix}-a-bucket-of-many-{number}")).collect();
    for batch in names.chunks(16) {
        let made = batch.iter().map(|name| owner.create_bucket(name));
        join_all(made).await;
    }
    let (s3, key) = (&hub.s3, &owner.key);
    for batch in names.chunks(16) {
        let listed = batch.iter().map(|name| async move {
            let reply = s3.send(Some(key), Request::new(Method::GET, format!("/{name}?list-type=2"))).await;
            assert!(reply.succeeded(), "{name}: {reply:?}");
        });
        join_all(listed).await;
    }
    let all = owner.api.get("/api/buckets").await.expect(200);
    assert_eq!(all["data"].as_array().map(Vec::len), Some(1000));
}

async fn join_all(futures: impl Iterator<Item = impl Future<Output = ()>>) {
    futures::future::join_all(futures).await;
}

/// Calls `AssumeRole` with a key.
async fn assume_role(s3: &S3, key: &Key) -> Result<Key, Reply> {
    let body = "Action=AssumeRole&Version=2011-06-15&DurationSeconds=3600";
    let request = Request { service: "sts", ..Request::new(Method::POST, "/").body(body) };
    let reply = s3.send(Some(key), request.header("content-type", "application/x-www-form-urlencoded")).await;
    let field = |name: &str| reply.element(name).map(str::to_owned);
    match (field("AccessKeyId"), field("SecretAccessKey"), field("SessionToken")) {
        (Some(access), Some(secret), Some(token)) => Ok(Key { access, secret, session_token: Some(token) }),
        _ => Err(reply),
    }
}

pub(crate) fn md5_of(body: &str) -> String {
    use base64::Engine as _;
    use md5::{Digest as _, Md5};
    base64::engine::general_purpose::STANDARD.encode(Md5::digest(body.as_bytes()))
}
