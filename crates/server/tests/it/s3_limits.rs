//! Rate limits of wrong signatures at the embedded S3 endpoint, and the expiry of multipart uploads.

use reqwest::Method;

use crate::hub::{Backend, Hub};
use crate::s3::{Key, Request};

async fn get(hub: &Hub, key: &Key, from: &str) -> (u16, String) {
    let request = Request::new(Method::GET, "/guarded/key").header("x-forwarded-for", from);
    let reply = hub.s3.send(Some(key), request).await;
    (reply.status, reply.element("Code").unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_wrongly_is_slowed_down_and_nobody_else() {
    let settings = [
        ("limits.enabled", "true"),
        ("limits.s3_attempts_per_minute", "3"),
        ("limits.s3_failures_per_minute", "6"),
        ("api.trusted_proxies", "[\"127.0.0.0/8\"]"),
    ];
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &settings).await else { return };
    let (person, other) = (hub.sign_up("test@example.com").await, hub.sign_up("else@example.com").await);
    person.create_bucket("guarded").await;
    assert_eq!(hub.s3.send(Some(&person.key), Request::new(Method::PUT, "/guarded/key")).await.status, 200);
    let wrong = Key { secret: "not the secret of anybody".to_owned(), ..person.key.clone() };
    let (evil, good) = ("203.0.113.7", "198.51.100.7");

    let slowed = (503, "SlowDown".to_owned());
    for _ in 0..4 {
        assert_eq!(get(&hub, &wrong, evil).await, (403, "SignatureDoesNotMatch".to_owned()));
    }
    assert_eq!(get(&hub, &wrong, evil).await, slowed);
    assert_eq!(get(&hub, &person.key, evil).await, slowed, "the signature is not looked at");
    assert_eq!(get(&hub, &person.key, good).await.0, 200);
    // A key that was used correctly from the same address is not limited.
    assert_eq!(get(&hub, &other.key, evil).await.0, 403);
    for number in 0..3 {
        let nobody = Key { access: format!("nobody{number}"), ..wrong.clone() };
        assert_eq!(get(&hub, &nobody, evil).await, (403, "InvalidAccessKeyId".to_owned()));
    }
    let nobody = Key { access: "nobody-more".to_owned(), ..wrong.clone() };
    assert_eq!(get(&hub, &nobody, evil).await, slowed);
    assert_eq!(get(&hub, &other.key, evil).await.0, 403, "it may not read the bucket, and is answered");
    assert_eq!(get(&hub, &nobody, good).await, (403, "InvalidAccessKeyId".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_slows_down_says_for_how_long() {
    let settings = [("limits.enabled", "true"), ("limits.s3_attempts_per_minute", "1")];
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &settings).await else { return };
    let authorization = "AWS4-HMAC-SHA256 Credential=nobody/20261122/us-east-1/s3/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature=0";
    let now = time::OffsetDateTime::now_utc();
    let date = format!("{:04}{:02}{:02}", now.year(), u8::from(now.month()), now.day());
    let ask = async || {
        let request = hub.api.client.get(format!("{}/guarded/key", hub.s3.url));
        let request = request.header("x-amz-date", format!("{date}T{:02}{:02}00Z", now.hour(), now.minute()));
        let authorization = authorization.replace("20261122", &date);
        let request = request.header("authorization", authorization).header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        request.send().await.expect("an answer")
    };
    assert_eq!(ask().await.status(), 403);
    assert_eq!(ask().await.status(), 403);
    let slowed = ask().await;
    assert_eq!(slowed.status(), 503);
    let seconds: u64 = slowed.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(slowed.text().await.expect("text").contains("<Code>SlowDown</Code>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_head_contains_goes_round_the_limits() {
    let settings = [("limits.enabled", "true"), ("limits.s3_failures_per_minute", "6")];
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &settings).await else { return };
    let now = time::OffsetDateTime::now_utc();
    let date = format!("{:04}{:02}{:02}", now.year(), u8::from(now.month()), now.day());
    let authorization = |key: &str, signed: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/{date}/us-east-1/s3/aws4_request, SignedHeaders={signed}, Signature=0"
        )
    };
    let ask = async |authorizations: &[String]| {
        let mut request = hub.api.client.get(format!("{}/guarded/key", hub.s3.url));
        request = request.header("x-amz-date", format!("{date}T{:02}{:02}00Z", now.hour(), now.minute()));
        request = request.header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        for authorization in authorizations {
            request = request.header("authorization", authorization.as_bytes());
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    let plain = "host;x-amz-content-sha256;x-amz-date";
    let odd = format!("{plain};é");
    for number in 0..20 {
        let key = format!("made-up-{number}");
        // A signature that is not the only one proves nothing, and one that cannot be read is none.
        let valid = authorization(&key, plain);
        assert_eq!(ask(&[valid.clone(), valid.clone()]).await, 400);
        assert_eq!(ask(&[authorization(&key, &odd)]).await, 400);
        assert_eq!(ask(&[valid.replace("HMAC-SHA256", "ANY")]).await, 400);
        assert_eq!(ask(&[valid.replace("/s3/", "/sts/")]).await, 400);
    }
    let mut refused = 0;
    for number in 0..20 {
        // As long as a head may be: such keys are nobody's, and are not remembered one by one.
        let key = format!("made-up-{number}{}", "x".repeat(if number % 2 == 0 { 50_000 } else { 0 }));
        match ask(&[authorization(&key, plain)]).await {
            403 => refused += 1,
            status => assert_eq!(status, 503),
        }
    }
    assert!((6..12).contains(&refused), "{refused}");
    let mut admitted = 0;
    for number in 0..20 {
        admitted += u32::from(ask(&[authorization(&format!("made-up-{number}"), plain)]).await != 503);
    }
    // One more each ten seconds.
    assert!(admitted < 10, "{admitted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_not_finished_in_time_is_gone() {
    let settings = [("s3.upload_expiry_seconds", "1")];
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &settings).await else { return };
    let person = hub.sign_up("test@example.com").await;
    person.create_bucket("uploads").await;
    let send = async |method: Method, path: String| hub.s3.send(Some(&person.key), Request::new(method, path)).await;
    let begun = send(Method::POST, "/uploads/key?uploads".to_owned()).await;
    let id = begun.element("UploadId").expect("an id").to_owned();
    assert_eq!(send(Method::PUT, format!("/uploads/key?partNumber=1&uploadId={id}")).await.status, 200);
    hub.until("the upload is gone", || async {
        let listed = send(Method::GET, "/uploads?uploads".to_owned()).await;
        assert_eq!(listed.status, 200);
        listed.element("UploadId").is_none()
    })
    .await;
    assert_eq!(send(Method::PUT, format!("/uploads/key?partNumber=2&uploadId={id}")).await.status, 404);
}
