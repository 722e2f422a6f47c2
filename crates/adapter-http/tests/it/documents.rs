//! The OpenAPI document and the page that shows it.

use actix_web::test::TestRequest;
use serde_json::Value;
use storage_hub_core::domain::{BucketName, Cursor, Password};

use crate::harness::{Hub, Parts};

#[test]
fn the_committed_document_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let generated = format!("{}\n", storage_hub_adapter_http::openapi().to_pretty_json().unwrap());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == generated, "openapi.json is not what the code says; UPDATE_GOLDEN=1 writes it anew");
}

#[test]
fn it_is_openapi_3_1_and_every_operation_says_what_it_takes_and_answers() {
    let document = serde_json::to_value(storage_hub_adapter_http::openapi()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.values().all(|response| has_schema(&response["content"])), "{method} {path}");
            let open = ["/", "/health", "/ready", "/api/users/signup", "/api/users/login"].contains(&path.as_str());
            assert_eq!(operation.get("security").is_none(), open, "{method} {path}");
            let takes_body = operation.get("requestBody").is_some();
            assert_eq!(takes_body, responses.contains_key("413"), "{method} {path}");
        }
    }
}

fn has_schema(content: &Value) -> bool {
    content["application/json"]["schema"]["$ref"].is_string()
}

#[test]
fn limits_in_the_document_are_those_of_the_code() {
    let document = serde_json::to_value(storage_hub_adapter_http::openapi()).unwrap();
    let schemas = &document["components"]["schemas"];
    let name = &schemas["CreateBucketRequest"]["properties"]["name"];
    assert_eq!((&name["minLength"], &name["maxLength"]), (&Value::from(3), &Value::from(63)));
    let example = name["examples"][0].as_str().unwrap();
    assert!(BucketName::parse(example).is_ok());
    let password = &schemas["SignUpRequest"]["properties"]["password"];
    let limits: Vec<_> = password["anyOf"].as_array().unwrap().iter().map(|one| one["maxLength"].as_u64()).collect();
    assert_eq!(limits, [Some(72), Some(18)]);
    assert!(Password::parse("\u{1F600}".repeat(18)).is_ok());
    let parameters = &document["paths"]["/api/buckets"]["get"]["parameters"];
    let cursor = parameters.as_array().unwrap().iter().find(|one| one["name"] == "cursor").unwrap();
    assert!(Cursor::parse(cursor["schema"]["examples"][0].as_str().unwrap()).is_ok());
}

#[actix_web::test]
async fn the_document_is_served() {
    let reply = Hub::new().await.send(TestRequest::get().uri("/openapi.json")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json(), serde_json::to_value(storage_hub_adapter_http::openapi()).unwrap());
}

#[actix_web::test]
async fn the_page_needs_nothing_from_elsewhere() {
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
async fn without_the_page_the_document_is_still_there() {
    let mut parts = Parts::new();
    parts.options.docs = false;
    let hub = parts.serve().await;
    assert_eq!(hub.send(TestRequest::get().uri("/docs/")).await.error().0, 404);
    assert_eq!(hub.send(TestRequest::get().uri("/openapi.json")).await.status, 200);
}
