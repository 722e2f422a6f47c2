//! What the log says of requests, and what it does not say.

use std::io;
use std::sync::{Arc, Mutex};

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::harness::{Hub, Reply, bearer};

const PASSWORD: &str = "the password of the log's test";

/// What all tests of this binary log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn begin() -> Self {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE);
        subscriber.with_writer(log.clone()).init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The fields of the one line that says this about a request.
    fn line(&self, message: &str, request: &str) -> Value {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["fields"].clone());
        let mut lines = lines.filter(|fields| fields["message"] == message && fields["request_id"] == request);
        let found = lines.next().unwrap();
        assert_eq!(lines.next(), None);
        found
    }
}

async fn send(hub: &Hub, id: &'static str, request: TestRequest) -> Reply {
    hub.send(request.insert_header(("X-Request-Id", id))).await
}

#[actix_web::test]
async fn the_log_has_a_line_per_request_and_no_secret() {
    let log = Log::begin();
    let hub = Hub::new().await;
    let credentials = json!({"email": "a@example.com", "password": PASSWORD});
    let post = |path: &str, body: &Value| TestRequest::post().uri(path).set_json(body);

    send(&hub, "log-1", post("/api/users/signup", &credentials)).await;
    let reply = send(&hub, "log-2", post("/api/users/login", &credentials)).await.json();
    let token = reply["data"]["token"].as_str().unwrap();
    let get = |path: &str| TestRequest::get().uri(path).insert_header(bearer(token));
    let secret = send(&hub, "log-3", get("/api/users/me/credentials")).await.json()["data"]["secretKey"].clone();
    send(&hub, "log-4", get("/api/buckets/my-bucket?key=secret-of-a-query")).await;
    hub.store.set_available(false);
    let create = post("/api/buckets", &json!({"name": "my-bucket"})).insert_header(bearer(token));
    send(&hub, "log-5", create).await;

    let table = [
        ("log-1", "POST", "/api/users/signup", 201),
        ("log-2", "POST", "/api/users/login", 200),
        ("log-3", "GET", "/api/users/me/credentials", 200),
        ("log-4", "GET", "/api/buckets/{name}", 404),
        ("log-5", "POST", "/api/buckets", 503),
    ];
    for (id, method, route, status) in table {
        let line = log.line("answered", id);
        assert_eq!(line["method"], method);
        assert_eq!(line["route"], route);
        assert_eq!(line["status"], status);
        assert!(line["duration_ms"].as_f64().unwrap() > 0.0);
    }
    let id = reply["data"]["user"]["id"].clone();
    assert_eq!(log.line("answered", "log-5")["user"], id);
    assert_eq!(log.line("answered", "log-1").get("user"), None);

    let chain = log.line("a request failed", "log-5")["error"].as_str().unwrap().to_owned();
    assert!(chain.contains("the store was taken away"), "{chain}");

    let text = log.text();
    for secret in [PASSWORD, secret.as_str().unwrap(), "secret-of-a-query", "Bearer", &format!("{token}\"")] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}
