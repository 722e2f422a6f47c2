//! Uploads by HTML forms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use crate::client::Reply;
use crate::hub::Hub;

/// Posts a form of the owner with this policy to `photos`, signed by version 2.
async fn post(hub: &Hub, user: &str, policy: &str, fields: &[(&str, &str)], file: &str) -> Reply {
    let policy = BASE64.encode(policy);
    let mut mac = Hmac::<Sha1>::new_from_slice(format!("secret-of-the-{user}").as_bytes()).unwrap();
    mac.update(policy.as_bytes());
    let signature = BASE64.encode(mac.finalize().into_bytes());
    let key = format!("user_{user}");
    let signed = [("AWSAccessKeyId", key.as_str()), ("policy", &policy), ("signature", &signature)];
    send(hub, &[fields, &signed].concat(), file).await
}

async fn send(hub: &Hub, fields: &[(&str, &str)], file: &str) -> Reply {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str(&format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"me.txt\"\r\n\r\n{file}\r\n--b--\r\n"
    ));
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    hub.anonymous().send_plain("POST", "/photos", &headers, body.as_bytes()).await
}

const POLICY: &str = r#"{"expiration": "2099-01-01T00:00:00Z", "conditions": [{"bucket": "photos"},
    ["starts-with", "$key", "in/"], ["content-length-range", 2, 10]]}"#;

#[tokio::test]
async fn a_signed_form_stores_its_file() {
    let hub = Hub::start().await;
    let stored = post(&hub, "owner", POLICY, &[("key", "in/${filename}")], "body").await;
    assert_eq!(stored.status, 204, "{}", stored.text());
    assert_eq!(hub.client("owner").get("/photos/in/me.txt").await.assert_ok().body, "body");
}

#[tokio::test]
async fn a_form_is_held_to_its_policy_and_to_what_its_signer_may_do() {
    let hub = Hub::start().await;
    let key = [("key", "in/key")];
    post(&hub, "owner", POLICY, &[("key", "elsewhere")], "body").await.assert_error(403, "AccessDenied");
    post(&hub, "owner", &POLICY.replace("2099", "2019"), &key, "body").await.assert_error(403, "AccessDenied");
    post(&hub, "owner", POLICY, &key, "a").await.assert_error(400, "EntityTooSmall");
    post(&hub, "owner", POLICY, &key, "more than ten bytes").await.assert_error(400, "EntityTooLarge");
    post(&hub, "reader", POLICY, &key, "body").await.assert_error(403, "AccessDenied");
    post(&hub, "stranger", POLICY, &key, "body").await.assert_error(403, "AccessDenied");
    post(&hub, "gone", POLICY, &key, "body").await.assert_error(403, "InvalidAccessKeyId");
    send(&hub, &key, "body").await.assert_error(403, "AccessDenied");
    let wrong = [("key", "in/key"), ("AWSAccessKeyId", "user_owner"), ("policy", "e30="), ("signature", "AAAA")];
    send(&hub, &wrong, "body").await.assert_error(403, "SignatureDoesNotMatch");
    hub.client("owner").get("/photos/in/key").await.assert_error(404, "NoSuchKey");
}
