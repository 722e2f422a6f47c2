//! The traces that a hub sends to a collector, in builds that can.

mod collector;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use storage_hub_port_contract::services;

use crate::hub::{ADMIN_PASSWORD, Backend, Hub, PASSWORD};
use crate::s3::{Key, Request};
use collector::{Collector, Span};

/// What a busy machine may take: a hang is told from slowness, nothing is measured.
const BOUND: Duration = Duration::from_secs(60);
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Whether the hub can send traces; if not, the test is reported as skipped.
fn built_in() -> bool {
    let built_in = cfg!(feature = "otlp");
    if !built_in {
        services::skip("the feature otlp of the server", "build with --features storage-hub-server/otlp");
    }
    built_in
}

async fn start(collector: &str) -> Hub {
    let settings = [("traces.otlp_endpoint", collector), ("traces.service_name", "the hub of a test")];
    Hub::start_with(Backend::SqliteEmbedded, &settings).await.expect("nothing else is needed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_span_of_the_trace_that_it_names_and_holds_no_secret() {
    if !built_in() {
        return;
    }
    let collector = Collector::start().await;
    let mut hub = start(&collector.url).await;
    let person = hub.sign_up("test@example.com").await;
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let token = person.api.token.clone().expect("logged in");
    let made = hub.api.client.post(format!("{}/api/buckets", hub.api.url)).bearer_auth(&token);
    let made = made.header("traceparent", &parent).json(&json!({"name": "traced"})).send().await.expect("an answer");
    assert_eq!(made.status(), 201);
    let id = made.headers()["x-request-id"].to_str().expect("text").to_owned();
    let put = Request::new(Method::PUT, "/traced/key").header("traceparent", &parent).body("x");
    assert_eq!(hub.s3.send(Some(&person.key), put).await.status, 200);
    let presigned = Request::new(Method::GET, "/traced/key");
    assert_eq!(hub.s3.send_presigned(Some(&person.key), presigned).await.status, 200);
    let wrong = Key { secret: "not the secret of anybody".to_owned(), ..person.key.clone() };
    assert_eq!(hub.s3.send(Some(&wrong), Request::new(Method::HEAD, "/traced/key")).await.status, 403);
    hub.api.get("/made/up").await.expect(404);
    // The remaining spans are sent when the process stops.
    assert!(hub.stop());

    let spans = collector.spans();
    // A use case within a request has a span of the same name, which is not of this kind.
    let find = |name: &str| -> &Span {
        let mut found = spans.iter().filter(|span| span.name == name && span.kind == Span::SERVER);
        let first = found.next().unwrap_or_else(|| panic!("no {name} in {spans:?}"));
        assert!(found.next().is_none(), "{name} was sent twice");
        first
    };
    let create = find("create_bucket");
    assert_eq!((create.trace.as_str(), create.parent.as_str()), (TRACE, PARENT));
    assert_eq!(create.attribute("request.id"), Some(id.as_str()));
    assert_eq!(create.attribute("http.route"), Some("/api/buckets"));
    assert_eq!(create.kind, Span::SERVER);
    let put = find("PutObject");
    assert_eq!((put.trace.as_str(), put.parent.as_str()), (TRACE, PARENT));
    let get = find("GetObject");
    assert!(get.trace != TRACE && get.parent.is_empty(), "{get:?}");
    // The spans of what a request waits for are below that of its use case, even in the task that writes.
    let within = |name: &str, parent: &Span| -> &Span {
        let found = spans.iter().find(|span| span.name == name && span.parent == parent.id);
        found.unwrap_or_else(|| panic!("no {name} in {parent:?}: {spans:?}"))
    };
    let use_case = within("create_bucket", create);
    assert_eq!(use_case.attribute("bucket.name"), Some("traced"));
    within("store_call", within("task", use_case));
    assert_eq!(find("log_in").attribute("http.request.method"), Some("POST"));
    let sent = collector.text();
    assert!(sent.contains("the hub of a test"));
    let signature = "X-Amz-Signature";
    for secret in [PASSWORD, ADMIN_PASSWORD, &token, &person.key.secret, &wrong.secret, signature, "test@example.com"] {
        assert!(!sent.contains(secret), "{secret} was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_or_hangs_is_in_no_requests_way() {
    if !built_in() {
        return;
    }
    let hanging = Collector::start_hanging().await;
    let away = Collector::address_of_nobody().await;
    for url in [hanging, away] {
        let mut hub = start(&url).await;
        let person = hub.sign_up("test@example.com").await;
        // More spans than the queue can hold.
        let started = Instant::now();
        for _ in 0..30 {
            let requests = (0..100).map(|_| person.api.get("/api/users/me"));
            for answer in futures::future::join_all(requests).await {
                answer.expect(200);
            }
        }
        assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
        let stopping = Instant::now();
        assert!(hub.stop());
        assert!(stopping.elapsed() < BOUND, "{:?}", stopping.elapsed());
        let logs = hub.logs();
        assert!(logs.matches("collector").count() <= 3, "the log is full of it: {logs}");
    }
}
