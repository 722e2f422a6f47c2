//! The log line of a request, and the secrets that it must not have.

use std::io;
use std::sync::{Arc, Mutex};

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::harness::{Hub, Parts, Reply, bearer};

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
        let mut lines = lines.filter(|fields| fields["message"] == message && fields["request.id"] == request);
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
    let mut parts = Parts::new();
    parts.options.proxies.trusted = vec!["10.0.0.0/8".parse().unwrap()];
    let hub = parts.serve().await;
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
    let proxied = post("/api/users/login", &json!({"email": "a@example.com", "password": "wrong password"}));
    let proxied = proxied.peer_addr("10.0.0.1:4711".parse().unwrap());
    send(&hub, "log-6", proxied.insert_header(("X-Forwarded-For", "203.0.113.7"))).await;
    send(&hub, "log-7", get("/wp-login.php?key=secret-of-a-query")).await;

    let table = [
        ("log-1", "POST", "/api/users/signup", 201),
        ("log-2", "POST", "/api/users/login", 200),
        ("log-3", "GET", "/api/users/me/credentials", 200),
        ("log-4", "GET", "/api/buckets/my-bucket", 404),
        ("log-5", "POST", "/api/buckets", 503),
        ("log-6", "POST", "/api/users/login", 401),
        ("log-7", "GET", "/wp-login.php", 404),
    ];
    for (id, method, path, status) in table {
        let line = log.line("answered a request", id);
        assert_eq!(line["http.request.method"], method);
        assert_eq!(line["url.path"], path);
        assert_eq!(line["http.response.status_code"], status);
        let duration = line["duration_ms"].as_f64().unwrap();
        assert!(duration.to_string().len() < 9, "{duration} has too many digits");
    }
    assert_eq!(log.line("answered a request", "log-4")["http.route"], "/api/buckets/{name}");
    assert_eq!(log.line("answered a request", "log-7").get("http.route"), None);
    assert_eq!(log.line("answered a request", "log-6")["client.address"], "203.0.113.7");
    let id = reply["data"]["user"]["id"].clone();
    assert_eq!(log.line("answered a request", "log-5")["user.id"], id);
    assert_eq!(log.line("answered a request", "log-1").get("user.id"), None);

    let chain = log.line("request log-5 failed", "log-5")["error"].as_str().unwrap().to_owned();
    assert!(chain.contains("the store was taken away"), "{chain}");

    let text = log.text();
    for secret in [PASSWORD, secret.as_str().unwrap(), "secret-of-a-query", "Bearer", &format!("{token}\"")] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}
