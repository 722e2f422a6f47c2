//! Who may have an account, how it is found, and how much it may have: with the real binary.

use reqwest::Method;
use serde_json::json;

use crate::hub::{Backend, Hub, PASSWORD, unique};
use crate::s3::Request;

#[tokio::test(flavor = "multi_thread")]
async fn where_sign_up_is_closed_administrators_add_accounts() {
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &[("auth.sign_up", "closed")]).await else { return };
    let body = json!({"email": "new@example.com", "password": PASSWORD});
    let refused = hub.api.post("/api/users/signup", body).await.expect(403);
    assert_eq!(refused["error"], "Sign-up closed");

    let added = hub.tool_prints(&["admin", "add-user", "new@example.com"]);
    let password = added.lines().find_map(|line| line.strip_prefix("password: ")).expect("a password");
    let person = hub.log_in("new@example.com", password).await;
    assert_eq!(person.api.get("/api/users/me").await.expect(200)["data"]["grants"], json!([]));
    assert!(hub.tool_fails(&["admin", "add-user", "new@example.com"]).contains("already"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_of_the_operator_show_every_account_and_bucket() {
    for backend in Backend::ALL {
        let Some(hub) = Hub::start(backend).await else { continue };
        let person = hub.sign_up("owner@example.com").await;
        let bucket = unique("listed");
        person.create_bucket(&bucket).await;
        hub.tool_prints(&["admin", "disable", "owner@example.com"]);

        let users = hub.tool_prints(&["admin", "list"]);
        let row = users.lines().find(|line| line.starts_with("owner@example.com\t")).expect("a row");
        assert_eq!(row.split('\t').collect::<Vec<_>>()[1..4], ["user", "disabled", "1"], "{users}");
        assert!(users.lines().any(|line| line.contains("\tadmin\tenabled\t0\t")), "{users}");
        let buckets = hub.tool_prints(&["admin", "buckets"]);
        assert!(buckets.contains(&format!("{bucket}\towner@example.com\tactive\t")), "{buckets}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_can_be_neither_demoted_nor_disabled() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let admin = hub.admin().await;
    for command in ["demote", "disable"] {
        let refused = hub.tool_fails(&["admin", command, &admin.email]);
        assert!(refused.contains("last enabled administrator"), "{refused}");
    }
    hub.tool_prints(&["admin", "create", "second@example.com"]);
    hub.tool_prints(&["admin", "demote", &admin.email]);
    assert_eq!(admin.api.get("/api/users/me").await.expect(200)["data"]["grants"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_owns_no_more_buckets_than_the_maximum_though_requests_race() {
    for backend in Backend::ALL {
        let limits = [("limits.enabled", "true"), ("limits.buckets_per_user", "3")];
        let Some(hub) = Hub::start_with(backend, &limits).await else { continue };
        let person = hub.sign_up("owner@example.com").await;
        let names: Vec<_> = (0..8).map(|_| unique("counted")).collect();
        let creations = names.iter().map(|name| person.api.post("/api/buckets", json!({"name": name})));
        let answers = futures::future::join_all(creations).await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| status.as_u16() == 201).count(), 3, "{statuses:?}");
        let refused = person.api.post("/api/buckets", json!({"name": unique("refused")})).await.expect(403);
        assert_eq!(refused["error"], "Bucket limit reached");
        let owned = person.api.get("/api/buckets").await.expect(200);
        assert_eq!(owned["data"].as_array().expect("a list").len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_and_one_password_are_the_same_in_every_spelling() {
    for backend in [Backend::SqliteEmbedded, Backend::PostgresMinio] {
        let Some(hub) = Hub::start(backend).await else { continue };
        let sign_up =
            |email: &str| hub.api.post("/api/users/signup", json!({"email": email, "password": "contrase\u{f1}a"}));
        sign_up("x@b\u{fc}cher.example").await.expect(201);
        hub.log_in("x@xn--bcher-kva.example", "contrasen\u{303}a").await;
        let taken = sign_up("X@XN--BCHER-KVA.example").await.expect(409);
        assert_eq!(taken["error"], "User already exists");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn list_buckets_of_s3_comes_in_pages() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let (person, other) = (hub.sign_up("owner@example.com").await, hub.sign_up("other@example.com").await);
    for name in ["page-a", "page-b", "page-c"] {
        person.create_bucket(name).await;
    }
    other.create_bucket("page-bb").await;
    let admin = hub.admin().await;
    for (key, expected) in [
        (&person.key, [&["page-a", "page-b"][..], &["page-c"]]),
        (&admin.key, [&["page-a", "page-b"][..], &["page-bb", "page-c"]]),
    ] {
        let mut token = String::new();
        for page in expected {
            let path = format!("/?max-buckets=2&prefix=page-{token}");
            let reply = hub.s3.send(Some(key), Request::new(Method::GET, path)).await;
            let names: Vec<_> = reply.body.split("<Name>").skip(1).filter_map(|rest| rest.split("</").next()).collect();
            assert_eq!(names, page, "{}", reply.body);
            token = reply
                .element("ContinuationToken")
                .map(|token| format!("&continuation-token={token}"))
                .unwrap_or_default();
        }
        assert_eq!(token, "", "the last page has no token");
    }
}
