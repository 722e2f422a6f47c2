//! The examples of the reference document, sent as its clients send them, and the first steps of a user.

use reqwest::Method;
use serde_json::{Value, json};

use crate::hub::{Backend, Hub, PASSWORD, unique};

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_reference_document_work_in_their_order() {
    for backend in Backend::ALL {
        let Some(hub) = Hub::start(backend).await else { continue };
        let bucket = unique("my-test-bucket");
        let person = json!({"email": "test@example.com", "password": "password123"});

        let health = hub.api.get("/health").await.expect(200);
        assert_eq!(health["success"], true);
        assert!(hub.api.get("/").await.expect(200).to_string().contains("/api/buckets"));

        let signed_up = hub.api.post("/api/users/signup", person.clone()).await.expect(201);
        assert_eq!(signed_up["success"], true);
        assert_eq!(signed_up["message"], "User created successfully");
        let user = &signed_up["data"];
        assert_eq!(keys(user), ["createdAt", "email", "id", "minioAccessKey"]);
        assert_eq!(user["email"], "test@example.com");
        assert!(user["minioAccessKey"].as_str().is_some_and(|key| key.starts_with("user_")));
        assert!(user["createdAt"].as_str().is_some_and(|at| at.len() == 24 && at.ends_with('Z')));

        let logged_in = hub.api.post("/api/users/login", person.clone()).await.expect(200);
        assert_eq!(logged_in["message"], "Login successful");
        assert_eq!(&logged_in["data"]["user"], user);
        let api = hub.api.with_token(logged_in["data"]["token"].as_str().expect("a token"));

        let made = api.post("/api/buckets", json!({"name": bucket})).await.expect(201);
        assert_eq!(made["message"], format!("Bucket '{bucket}' created successfully"));
        assert_eq!(made["data"]["name"], *bucket);
        assert_eq!(made["data"]["userId"], user["id"]);

        let listed = api.get("/api/buckets").await.expect(200);
        assert_eq!(listed["data"], json!([made["data"]]));

        let policy = api.get(&format!("/api/buckets/{bucket}/policy")).await.expect(200);
        assert_eq!(policy["bucket"], *bucket);
        let access_key = user["minioAccessKey"].as_str().expect("text");
        assert!(policy["policy"].to_string().contains(access_key), "{policy}");

        let deleted = api.call(Method::DELETE, "/api/buckets", Some(json!({"name": bucket}))).await.expect(200);
        assert_eq!(deleted, json!({"success": true, "message": format!("Bucket '{bucket}' deleted successfully")}));
        assert_eq!(api.get("/api/buckets").await.expect(200)["data"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_four_named_errors_are_literal() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let error = |error: &str, message: &str| json!({"success": false, "error": error, "message": message});
    let person = hub.sign_up("test@example.com").await;
    let again = json!({"email": "TEST@Example.com", "password": PASSWORD});
    assert_eq!(
        hub.api.post("/api/users/signup", again).await.expect(409),
        error("User already exists", "Email is already registered")
    );
    let bucket = unique("taken");
    person.create_bucket(&bucket).await;
    let other = hub.sign_up("other@example.com").await;
    assert_eq!(
        other.api.post("/api/buckets", json!({"name": bucket})).await.expect(409),
        error("Bucket name already taken", "Choose a different bucket name")
    );
    for email in ["test@example.com", "nobody@example.com"] {
        let wrong = json!({"email": email, "password": "another password"});
        assert_eq!(
            hub.api.post("/api/users/login", wrong).await.expect(401),
            error("Invalid credentials", "Check email and password")
        );
    }
    assert_eq!(
        hub.api.get("/api/buckets").await.expect(401),
        error("Access token required", "Include Authorization header")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_change_ends_every_token_issued_before() {
    for backend in Backend::ALL {
        let Some(hub) = Hub::start(backend).await else { continue };
        let person = hub.sign_up("test@example.com").await;
        let change = json!({"currentPassword": PASSWORD, "newPassword": "another password"});
        let answer = person.api.post("/api/users/me/password", change).await.expect(200);
        person.api.get("/api/users/me").await.expect(401);
        let new = person.api.with_token(answer["data"]["token"].as_str().expect("a token"));
        assert_eq!(new.get("/api/users/me").await.expect(200)["data"]["email"], person.email);
        let old = json!({"email": person.email, "password": PASSWORD});
        hub.api.post("/api/users/login", old).await.expect(401);
        hub.log_in(&person.email, "another password").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_one_another_by_their_cursor() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let person = hub.sign_up("test@example.com").await;
    for number in 0..5 {
        person.create_bucket(&format!("page-bucket-{number}")).await;
    }
    let mut names = Vec::new();
    let mut path = "/api/buckets?limit=2".to_owned();
    loop {
        let page = person.api.get(&path).await.expect(200);
        let rows = page["data"].as_array().expect("rows");
        names.extend(rows.iter().filter_map(|row| row["name"].as_str().map(str::to_owned)));
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("/api/buckets?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(names, (0..5).map(|number| format!("page-bucket-{number}")).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_docs_page_and_the_openapi_document_are_served() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let document = hub.api.get("/openapi.json").await.expect(200);
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let page = hub.api.get("/docs/").await.expect(200);
    assert!(page.as_str().is_some_and(|page| page.contains("swagger-ui")), "{page}");
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().map(|fields| fields.keys().map(String::as_str).collect()).unwrap_or_default()
}
