//! Errors of a request name the field and the rule.

use actix_web::test::TestRequest;
use serde_json::json;
use storage_hub_core::domain::{BucketNameError, CursorError, EmailError, PageLimitError, PasswordError};

use crate::harness::{Hub, Parts, bearer};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn sign_up(body: impl Into<actix_web::web::Bytes>) -> TestRequest {
    TestRequest::post().uri("/api/users/signup").insert_header(JSON).set_payload(body)
}

#[actix_web::test]
async fn a_body_must_be_an_object_with_the_fields() {
    let hub = Hub::new().await;
    let deep = "[".repeat(10_000);
    let table: [(&[u8], &str, &str); 16] = [
        (b"", "Malformed JSON", "the request body is empty; send a JSON object"),
        (
            b"{",
            "Malformed JSON",
            "the request body is not valid JSON: EOF while parsing an object at line 1 column 1; send a JSON object",
        ),
        (
            b"{\"email\":\"\xff\"}",
            "Malformed JSON",
            "the request body is not valid JSON: invalid unicode code point at line 1 column 11; send a JSON object",
        ),
        (
            b"email=a&password=b",
            "Malformed JSON",
            "the request body is not valid JSON: expected value at line 1 column 1; send a JSON object",
        ),
        (
            b"{} {}",
            "Malformed JSON",
            "the request body is not valid JSON: trailing characters at line 1 column 4; send a JSON object",
        ),
        (
            deep.as_bytes(),
            "Malformed JSON",
            "the request body is not valid JSON: recursion limit exceeded at line 1 column 128; send a JSON object",
        ),
        (b"null", "Validation failed", "the request body must be a JSON object, got null"),
        (b"[]", "Validation failed", "the request body must be a JSON object, got an array"),
        (b"\"text\"", "Validation failed", "the request body must be a JSON object, got a string"),
        (b"1", "Validation failed", "the request body must be a JSON object, got a number"),
        (b"true", "Validation failed", "the request body must be a JSON object, got a boolean"),
        (
            b"{}",
            "Validation failed",
            "`email` is missing; send it as a string; `password` is missing; send it as a string",
        ),
        (br#"{"email":"a@example.com"}"#, "Validation failed", "`password` is missing; send it as a string"),
        (br#"{"email":null,"password":"password123"}"#, "Validation failed", "`email` must be a string, got null"),
        (
            br#"{"email":"a@example.com","password":12345678}"#,
            "Validation failed",
            "`password` must be a string, got a number",
        ),
        (
            br#"{"email":{"$ne":""},"password":"password123"}"#,
            "Validation failed",
            "`email` must be a string, got an object",
        ),
    ];
    for (body, error, message) in table {
        hub.send(sign_up(body.to_vec())).await.assert_error(400, error, message);
    }
}

#[actix_web::test]
async fn a_body_of_another_content_type_is_refused() {
    let hub = Hub::new().await;
    let body = r#"{"email":"a@example.com","password":"password123"}"#;
    let bare = TestRequest::post().uri("/api/users/signup").set_payload(body);
    let message = "Content-Type is missing; send application/json";
    hub.send(bare).await.assert_error(400, "Invalid content type", message);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json"] {
        let request = TestRequest::post().uri("/api/users/signup").insert_header(("Content-Type", kind));
        let message = format!("Content-Type is {kind}; send application/json");
        hub.send(request.set_payload(body)).await.assert_error(400, "Invalid content type", &message);
    }
    for kind in ["Application/JSON", "application/json;charset=UTF-8", "application/json; charset=\"utf-8\"; x=y"] {
        let request = TestRequest::post().uri("/api/users/login").insert_header(("Content-Type", kind));
        assert_eq!(hub.send(request.set_payload(body)).await.status, 401, "{kind}");
    }
}

#[actix_web::test]
async fn a_compressed_body_is_refused_and_a_byte_order_mark_is_accepted() {
    let hub = Hub::new().await;
    let body = r#"{"email":"a@example.com","password":"password123"}"#;
    let message = "Content-Encoding `gzip` is not supported; send the request body uncompressed";
    let request = sign_up(body).insert_header(("Content-Encoding", "gzip"));
    hub.send(request).await.assert_error(415, "Unsupported content encoding", message);
    assert_eq!(hub.send(sign_up(body).insert_header(("Content-Encoding", "identity"))).await.status, 201);
    let marked = ["\u{feff}", &body.replace("a@", "b@")].concat();
    assert_eq!(hub.send(sign_up(marked)).await.status, 201);
    let message = "the request body is empty; send a JSON object";
    hub.send(sign_up("\u{feff} \n")).await.assert_error(400, "Malformed JSON", message);
}

#[actix_web::test]
async fn invalid_emails_and_passwords_are_refused_with_the_rule() {
    let hub = Hub::new().await;
    let long = format!("a@{}.de", "b".repeat(250));
    let email = EmailError::Malformed.to_string();
    let table = [
        (json!({"email": "", "password": "password123"}), email.clone()),
        (json!({"email": "name", "password": "password123"}), email.clone()),
        (json!({"email": "a b@example.com", "password": "password123"}), email.clone()),
        (json!({"email": long, "password": "password123"}), EmailError::TooLong(255).to_string()),
        (json!({"email": "a@b.cd", "password": "1234567"}), PasswordError::TooShort.to_string()),
        (json!({"email": "a@b.cd", "password": "p".repeat(73)}), PasswordError::TooLong.to_string()),
        (json!({"email": "a@b.cd", "password": "ü".repeat(37)}), PasswordError::TooLong.to_string()),
        (json!({"email": "a@b.cd", "password": "1234567\0"}), PasswordError::Nul.to_string()),
        (json!({"email": " a@b.cd ", "password": "password123"}), EmailError::SurroundingSpace.to_string()),
        (json!({"email": "name", "password": "short"}), format!("{email}; {}", PasswordError::TooShort)),
    ];
    for (body, message) in table {
        let request = TestRequest::post().uri("/api/users/signup").set_json(body);
        hub.send(request).await.assert_error(400, "Validation failed", &message);
    }
    let longest = json!({"email": "a@b.cd", "password": "ü".repeat(36)});
    assert_eq!(hub.send(TestRequest::post().uri("/api/users/signup").set_json(longest)).await.status, 201);
}

#[actix_web::test]
async fn unknown_fields_are_ignored_and_the_last_of_two_counts() {
    let hub = Hub::new().await;
    let body = r#"{"email":"x","admin":true,"email":"a@example.com","password":"password123"}"#;
    let reply = hub.send(sign_up(body)).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["data"]["email"]), (201, &json!("a@example.com")));
}

#[actix_web::test]
async fn an_invalid_bucket_name_is_refused_alike_by_every_operation() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    let table = [
        ("ab", BucketNameError::Length(2)),
        ("My-bucket", BucketNameError::Character('M')),
        ("-bucket", BucketNameError::Ends),
        ("my..bucket", BucketNameError::Dots),
        ("192.168.5.4", BucketNameError::IpAddress),
        ("xn--bucket", BucketNameError::ReservedPrefix("xn--")),
        ("bucket-s3alias", BucketNameError::ReservedSuffix("-s3alias")),
        ("minio", BucketNameError::Reserved("minio")),
    ];
    for (name, rule) in table {
        let message = &rule.to_string();
        let path = format!("/api/buckets/{name}");
        let body = TestRequest::delete().uri("/api/buckets").insert_header(bearer(&token));
        let replies = [
            hub.create_bucket(&token, name).await,
            hub.send(body.set_json(json!({"name": name}))).await,
            hub.delete(&path, &token).await,
            hub.get(&path, &token).await,
            hub.get(&format!("{path}/policy"), &token).await,
        ];
        for reply in replies {
            reply.assert_error(400, "Validation failed", message);
        }
    }
}

#[actix_web::test]
async fn a_name_in_a_path_may_be_percent_encoded() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    hub.create_bucket(&token, "my-bucket").await;
    assert_eq!(hub.get("/api/buckets/m%79%2dbucket", &token).await.status, 200);
    for name in ["%ff%fe%fd", "my%2Fbucket", "my%", "my%zzbucket", "%00%00%00", "my%20bucket", "..%2f..%2fetc"] {
        let reply = hub.get(&format!("/api/buckets/{name}"), &token).await;
        assert_eq!(reply.status, 400, "{name}");
        assert!(reply.error().2.contains("bucket name"), "{name}");
    }
}

#[actix_web::test]
async fn invalid_pages_are_refused() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    let limit = PageLimitError.to_string();
    let limit = limit.as_str();
    let cursor = CursorError.to_string();
    let cursor = cursor.as_str();
    let table = [
        ("limit=0", limit),
        ("limit=1001", limit),
        ("limit=-1", limit),
        ("limit=%2B5", limit),
        ("limit=1.5", limit),
        ("limit=99999999999999999999", limit),
        ("limit=many", limit),
        ("limit=", limit),
        ("limit=%ff", limit),
        ("cursor=", cursor),
        ("cursor=my-bucket", cursor),
        ("cursor=v1.NO", cursor),
        ("limit=1&limit=2", "`limit` was given more than once"),
        ("cursor=v1.abc&cursor=v1.abc", "`cursor` was given more than once"),
    ];
    for (query, message) in table {
        let reply = hub.get(&format!("/api/buckets?{query}"), &token).await;
        reply.assert_error(400, "Validation failed", message);
    }
    for query in ["limit=1", "limit=1000", "cursor=v1.abc", "other=1&other=2", "&&&"] {
        assert_eq!(hub.get(&format!("/api/buckets?{query}"), &token).await.status, 200, "{query}");
    }
}

#[actix_web::test]
async fn a_body_over_the_limit_is_refused() {
    let mut parts = Parts::new();
    parts.options.body_limit = 100;
    let hub = parts.serve().await;
    let message = "the request body must not be larger than 100 bytes";
    for length in [101, 100_000] {
        hub.send(sign_up(vec![b' '; length])).await.assert_error(413, "Request too large", message);
    }
    let mut body = br#"{"email":"a@example.com","password":"password123"}"#.to_vec();
    body.resize(100, b' ');
    assert_eq!(hub.send(sign_up(body)).await.status, 201);
}

#[actix_web::test]
async fn an_invalid_password_is_answered_like_a_wrong_one_at_login() {
    let hub = Hub::new().await;
    hub.user("a@example.com").await;
    for email in ["a@example.com", "unknown@example.com"] {
        for password in ["", "short", "nul\0nul\0nul", &"p".repeat(100), "of nobody"] {
            let reply = hub.log_in(email, password).await;
            reply.assert_error(401, "Invalid credentials", "Check email and password");
            assert_eq!(reply.header("www-authenticate"), None);
        }
    }
    hub.log_in("no email", "password123").await.assert_error(
        400,
        "Validation failed",
        &EmailError::Malformed.to_string(),
    );
}
