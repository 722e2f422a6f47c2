use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use serde_json::{Value, json};

use crate::app::{self, Magazine};

/// Sends a request to a new magazine and returns the status and the body.
async fn ask(request: TestRequest) -> (u16, Value) {
    let magazine = web::Data::new(Magazine::open().unwrap());
    let app = init_service(App::new().app_data(magazine).configure(app::routes)).await;
    let response = call_service(&app, request.to_request()).await;
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&read_body(response).await).unwrap_or_default())
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn as_user(user: &str, path: &str) -> TestRequest {
    get(path).insert_header(("x-user", user))
}

fn titles(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|article| article["title"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn lists_hold_what_the_caller_may_see() {
    assert_eq!(titles(&ask(get("/articles")).await.1), ["Alone", "A Document"]);
    assert_eq!(titles(&ask(as_user("bob", "/articles")).await.1), ["Alone", "A Document"]);
    let (_, all) = ask(as_user("root", "/articles")).await;
    assert_eq!(titles(&all), ["Alone", "A Document", "I'm the parent obj"]);
    let (_, own) = ask(as_user("ann", "/articles?printed_at=3&id=3")).await;
    assert_eq!(titles(&own), ["A Document", "I'm the parent obj"], "an author sees her own, page by page");
}

#[actix_web::test]
async fn a_public_document_with_an_internal_parent_is_blocked() {
    assert_eq!(ask(get("/articles/2")).await.0, 404);
    assert_eq!(ask(get("/articles/1")).await.0, 404);
    assert_eq!(ask(get("/articles/2/checked")).await.0, 401);
    assert_eq!(ask(as_user("bob", "/articles/2/checked")).await.0, 403);
    assert_eq!(ask(as_user("ann", "/articles/2/checked")).await.0, 200);
    for path in ["/articles/2", "/articles/2/checked", "/articles/2/redacted"] {
        let (status, whole) = ask(as_user("root", path)).await;
        assert_eq!((status, &whole["parent"]["title"]), (200, &json!("I'm the parent obj")), "{path}");
    }
    assert_eq!(ask(get("/articles/3")).await.0, 200);
    assert_eq!(ask(get("/articles/4/checked")).await.0, 404);
}

#[actix_web::test]
async fn a_redacted_parent_has_its_grants_left() {
    let (status, shown) = ask(get("/articles/2/redacted")).await;
    assert_eq!((status, &shown["title"]), (200, &json!("A Document")));
    assert_eq!(shown["parent"], json!({"grants": ["admin", "author-ann"]}));
}

#[actix_web::test]
async fn a_new_article_carries_what_is_required_and_its_authors_grant() {
    let post = |body: Value| TestRequest::post().uri("/articles").set_json(body);
    assert_eq!(ask(post(json!({"title": "Draft"}))).await.0, 401);
    let draft = post(json!({"title": "Draft", "grants": ["editors"]})).insert_header(("x-user", "bob"));
    let (status, made) = ask(draft).await;
    assert_eq!((status, &made["grants"]), (201, &json!(["admin", "author-bob", "editors"])));
    let bad = post(json!({"title": "Draft", "grants": "editors"})).insert_header(("x-user", "bob"));
    assert_eq!(ask(bad).await.0, 400);
}
