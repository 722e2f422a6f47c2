//! Readiness: whether database and store respond.

use actix_web::test::TestRequest;

use crate::harness::{Hub, Parts};

#[actix_web::test]
async fn it_is_ready_when_database_and_store_respond() {
    let reply = Hub::new().await.send(TestRequest::get().uri("/ready")).await;
    assert_eq!((reply.status.as_u16(), reply.json()["status"].as_str()), (200, Some("READY")));
}

#[actix_web::test]
async fn an_unavailable_store_makes_it_unready_and_not_unhealthy() {
    let parts = Parts::new();
    parts.store.set_available(false);
    let hub = parts.serve().await;
    let reply = hub.send(TestRequest::get().uri("/ready")).await;
    reply.assert_error(503, "Not ready", "The store does not respond");
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(hub.send(TestRequest::get().uri("/health")).await.status, 200);
}

#[actix_web::test]
async fn it_is_not_ready_once_it_must_end_and_says_why() {
    let parts = Parts::new();
    let unready = parts.options.unready.clone();
    let hub = parts.serve().await;
    let ready = || hub.send(TestRequest::get().uri("/ready"));
    assert_eq!(ready().await.status, 200);
    unready.set("The reason").unwrap();
    ready().await.assert_error(503, "Not ready", "The reason");
    assert_eq!(hub.send(TestRequest::get().uri("/health")).await.status, 200);
}

#[actix_web::test]
async fn frequent_probes_do_not_load_the_store() {
    let parts = Parts::new();
    let store = parts.store.clone();
    let hub = parts.serve().await;
    let probes = (0..200).map(|_| hub.send(TestRequest::get().uri("/ready")));
    let replies = futures::future::join_all(probes).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    // One call suffices, but a slow machine may take longer than the second for which a result is reused.
    assert!(store.total_calls() < 20, "{}", store.total_calls());
}
