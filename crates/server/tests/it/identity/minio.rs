//! MinIO carries the mark of one hub.

use reqwest::Method;
use storage_hub_core::failpoint::{Failpoint, VARIABLE};
use storage_hub_port_contract::services::{ROOT_PASSWORD, ROOT_USER};

use crate::hub::{Backend, Hub, PASSWORD, unique};
use crate::proxy::{Mode, Proxy};
use crate::s3::{Key, Reply, Request};

fn root() -> Key {
    Key { access: ROOT_USER.to_owned(), secret: ROOT_PASSWORD.to_owned(), session_token: None }
}

fn mark(hub: &Hub) -> String {
    format!("/storage-hub-installation/{}.json", hub.setting("store.policy_prefix"))
}

async fn send(hub: &Hub, request: Request) -> Reply {
    hub.s3.send(Some(&root()), request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_the_mark_or_with_another_is_refused_and_can_be_accepted() {
    for backend in [Backend::SqliteMinio, Backend::PostgresMinio] {
        let Some(mut hub) = Hub::start(backend).await else { continue };
        let person = hub.sign_up("test@example.com").await;
        person.create_bucket(&unique("marked")).await;
        let found = send(&hub, Request::new(Method::GET, mark(&hub))).await;
        assert!(found.succeeded() && found.body.contains("hub_id"), "{found:?}");
        assert!(hub.stop());

        assert!(send(&hub, Request::new(Method::DELETE, mark(&hub))).await.succeeded());
        let message = hub.refused_to_serve(&[]);
        assert!(message.contains("the store does not carry the mark of hub"), "{message}");
        assert!(send(&hub, Request::new(Method::GET, mark(&hub))).await.status == 404, "nothing was changed");

        let (_, id) = found.body.split_once("hub_id\":\"").expect("an id");
        let other = found.body.replace(&id[..8], "00000000");
        assert!(send(&hub, Request::new(Method::PUT, mark(&hub)).body(other)).await.succeeded());
        let message = hub.refused_to_serve(&[]);
        assert!(message.contains("the store belongs to hub 00000000"), "{message}");
        let message = hub.tool_fails(&["reconcile"]);
        assert!(message.contains("the store belongs to hub 00000000"), "{message}");

        let (_, id) = found.body.split_once("store_id\":\"").expect("an id");
        let other = found.body.replace(&id[..8], "00000000");
        assert!(send(&hub, Request::new(Method::PUT, mark(&hub)).body(other)).await.succeeded());
        let message = hub.refused_to_serve(&[]);
        assert!(message.contains("not the store that the records belong to"), "{message}");

        assert!(send(&hub, Request::new(Method::PUT, mark(&hub)).body("{")).await.succeeded());
        let told = hub.tool_fails(&["store", "adopt"]);
        assert!(told.contains("the store cannot be verified"), "{told}");
        assert!(send(&hub, Request::new(Method::DELETE, mark(&hub))).await.succeeded());
        let told = hub.tool_fails(&["store", "adopt"]);
        assert!(told.contains("does not carry the mark") && told.contains("--yes"), "{told}");
        hub.tool_prints(&["store", "adopt", "--yes"]);
        hub.run();
        hub.log_in("test@example.com", PASSWORD).await;
        assert!(hub.tool_prints(&["reconcile", "--check"]).contains("0 differences"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_records_on_a_store_that_a_hub_has_used_are_refused() {
    let Some(mut hub) = Hub::start(Backend::SqliteMinio).await else { return };
    assert!(hub.stop());
    std::fs::remove_dir_all(hub.data()).expect("lost");
    for marked in [true, false] {
        if !marked {
            // As a release that wrote no marks left it.
            assert!(send(&hub, Request::new(Method::DELETE, mark(&hub))).await.succeeded());
        }
        let message = hub.refused_to_serve(&[]);
        assert!(
            message.contains("the records are missing or empty, but the store belongs to an installation"),
            "{message}"
        );
        assert!(!hub.data().exists(), "nothing is made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_ends_after_the_mark_was_written_is_repeated() {
    let Some(mut hub) = Hub::prepared(Backend::SqliteMinio).await else { return };
    for _ in 0..2 {
        hub.environment = vec![(VARIABLE, Failpoint::StartAfterMark.as_str().to_owned())];
        assert!(hub.serve_to_the_end().is_none(), "the failpoint was not reached");
    }
    hub.environment.clear();
    hub.run();
    hub.sign_up("test@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_comes_later_is_verified_before_anything_is_sent_to_it() {
    let Some(mut hub) = Hub::start(Backend::SqliteMinio).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("later");
    person.create_bucket(&bucket).await;
    assert!(hub.stop());
    // Without its buckets and the mark, the store looks like another one.
    for path in [format!("/{bucket}"), mark(&hub)] {
        assert!(send(&hub, Request::new(Method::DELETE, path)).await.succeeded());
    }
    let proxy = Proxy::start(hub.setting("store.endpoint")).await;
    proxy.set(Mode::Refuse);
    hub.set("store.endpoint", &proxy.url());
    hub.run();
    // Served without the store; what is asked of it waits.
    hub.log_in("test@example.com", PASSWORD).await;
    assert_eq!(hub.api.get("/ready").await.status, 503);
    proxy.set(Mode::Pass);
    assert!(hub.has_died().await, "{}", hub.logs());
    assert!(hub.logs().contains("does not carry the mark of hub"), "{}", hub.logs());
    let missing = send(&hub, Request::new(Method::HEAD, format!("/{bucket}"))).await;
    assert_eq!(missing.status, 404, "the bucket was not created on it");
}
