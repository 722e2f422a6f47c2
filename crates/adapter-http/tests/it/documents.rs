//! The OpenAPI document and the page that shows it.

use actix_web::test::TestRequest;
use serde_json::Value;
use storage_hub_core::domain::{BucketName, Cursor};

use crate::harness::{Hub, Parts};

#[test]
fn the_committed_document_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let generated = format!("{}\n", storage_hub_adapter_http::openapi().to_pretty_json().unwrap());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == generated, "openapi.json is not what the code says; UPDATE_GOLDEN=1 writes it");
}

#[test]
fn the_document_is_openapi_3_1_and_describes_every_operation() {
    let document = serde_json::to_value(storage_hub_adapter_http::openapi()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            for (status, response) in responses {
                assert!(status == "302" || has_schema(&response["content"]), "{method} {path} {status}");
                assert!(response["headers"]["X-Request-Id"].is_object(), "{method} {path} {status}");
                let retries = ["429", "503"].contains(&status.as_str());
                assert_eq!(response["headers"].get("Retry-After").is_some(), retries, "{method} {path} {status}");
            }
            let open = ["/", "/health", "/ready", "/api/settings", "/api/users/signup", "/api/users/login"]
                .contains(&path.as_str());
            assert_eq!(operation["security"].as_array().unwrap().is_empty(), open, "{method} {path}");
            let challenged =
                responses.get("401").is_some_and(|response| response["headers"].get("WWW-Authenticate").is_some());
            assert_eq!(challenged, !open, "{method} {path}");
            assert!(["summary", "description"].iter().all(|text| operation[*text].is_string()), "{method} {path}");
            let takes_body = operation.get("requestBody").is_some();
            assert_eq!(takes_body, responses.contains_key("413"), "{method} {path}");
        }
    }
}

fn has_schema(content: &Value) -> bool {
    content["application/json"]["schema"]["$ref"].is_string()
}

#[test]
fn limits_in_the_document_are_those_of_the_domain() {
    let document = serde_json::to_value(storage_hub_adapter_http::openapi()).unwrap();
    let schemas = &document["components"]["schemas"];
    for (name, schema) in schemas.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("Request")) {
        let (fields, required) = (schema["properties"].as_object().unwrap(), schema["required"].as_array().unwrap());
        assert_eq!(fields.len(), required.len(), "{name} has optional fields");
    }
    let name = &schemas["CreateBucketRequest"]["properties"]["name"];
    assert_eq!((&name["minLength"], &name["maxLength"]), (&Value::from(3), &Value::from(63)));
    let example = name["examples"][0].as_str().unwrap();
    assert!(BucketName::parse(example).is_ok());
    let password = &schemas["SignUpRequest"]["properties"]["password"];
    assert_eq!((&password["minLength"], &password["maxLength"]), (&Value::from(8), &Value::from(72)));
    assert!(password["description"].as_str().unwrap().contains("72 bytes"), "{password}");
    let parameters = &document["paths"]["/api/buckets"]["get"]["parameters"];
    let cursor = parameters.as_array().unwrap().iter().find(|one| one["name"] == "cursor").unwrap();
    assert!(Cursor::parse(cursor["schema"]["examples"][0].as_str().unwrap()).is_ok());
}

#[test]
fn every_schema_has_success_and_errors_list_their_names() {
    let document = serde_json::to_value(storage_hub_adapter_http::openapi()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas.iter().filter(|(name, _)| name.ends_with("Answer") || name.ends_with("Error")) {
        let expected = serde_json::json!([name.ends_with("Answer")]);
        assert_eq!(schema["properties"]["success"]["enum"], expected, "{name}");
        assert!(schema["required"].as_array().unwrap().contains(&"success".into()), "{name}");
    }
    let names = |schema: &str| schemas[schema]["properties"]["error"]["enum"].clone();
    assert_eq!(
        names("ConflictError"),
        serde_json::json!(["Bucket name already taken", "Bucket not empty", "User already exists"])
    );
    assert_eq!(names("NotFoundError"), serde_json::json!(["Bucket not found"]));
    assert_eq!(schemas["GetBucketPolicyAnswer"]["properties"]["policy"]["additionalProperties"], true);
    let text = document.to_string();
    assert!(!text.contains("(?!"), "Go and Rust have no look-ahead");
    assert!(!schemas.keys().any(|name| name.ends_with("Response") || name.ends_with("Data")));
}

#[actix_web::test]
async fn the_document_is_served_and_compressed_if_the_client_accepts_it() {
    let hub = Hub::new().await;
    let request = TestRequest::get().uri("/openapi.json").insert_header(("Accept-Encoding", "gzip"));
    let compressed = hub.send(request).await;
    assert_eq!((compressed.status.as_u16(), compressed.header("content-encoding")), (200, Some("gzip")));
    let reply = hub.send(TestRequest::get().uri("/openapi.json")).await;
    assert!(compressed.body.len() * 4 < reply.body.len(), "{} of {}", compressed.body.len(), reply.body.len());
    assert_eq!((reply.status.as_u16(), reply.header("content-encoding")), (200, None));
    assert_eq!(reply.json(), serde_json::to_value(storage_hub_adapter_http::openapi()).unwrap());
}

#[actix_web::test]
async fn the_page_loads_nothing_from_other_hosts() {
    let hub = Hub::new().await;
    let page = |file: &str| TestRequest::get().uri(&format!("/docs/{file}"));
    let reply = hub.send(page("")).await;
    assert_eq!(reply.status, 200);
    let html = String::from_utf8(reply.body.clone()).unwrap();
    assert!(!html.contains("://"), "{html}");
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    for file in html.split('"').filter_map(|text| text.strip_prefix("./")) {
        assert_eq!(hub.send(page(file)).await.status, 200, "{file}");
    }
    let reply = hub.send(page("swagger-initializer.js")).await;
    let script = String::from_utf8(reply.body).unwrap();
    assert!(script.contains("\"/openapi.json\"") && script.contains("\"validatorUrl\": \"none\""), "{script}");

    assert_eq!(hub.send(page("no-such-file.js")).await.error().0, 404);
    let reply = hub.send(TestRequest::get().uri("/docs")).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (308, Some("/docs/")));
}

#[actix_web::test]
async fn without_the_page_the_document_is_still_served() {
    let mut parts = Parts::new();
    parts.options.docs = false;
    let hub = parts.serve().await;
    assert_eq!(hub.send(TestRequest::get().uri("/docs/")).await.error().0, 404);
    assert_eq!(hub.send(TestRequest::get().uri("/openapi.json")).await.status, 200);
}
