//! The application on the in-memory adapters of core.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{MessageBody as _, to_bytes};
use actix_web::dev::Service as _;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, init_service};
use futures::future::LocalBoxFuture;
use serde_json::{Value, json};
use storage_hub_adapter_http::{AppState, HttpOptions, app};
use storage_hub_core::context::{Enforcement, Ports, Settings};
use storage_hub_core::domain::{BucketId, BucketName, BucketRef, Email};
use storage_hub_core::policy::PolicyPrefix;
use storage_hub_core::testing::{
    InMemoryRecords, InMemoryStore, ManualClock, PlainHasher, PlainTokens, PlainVault, SequentialIds,
};
use storage_hub_core::use_cases::administration;
use tokio::runtime::Handle;

/// The bucket of this name. The store in memory goes by names, so that any id will do.
pub(crate) fn at(name: &str) -> BucketRef {
    BucketRef { id: BucketId::new(uuid::Uuid::nil()), name: BucketName::parse(name).unwrap() }
}

pub(crate) const PASSWORD: &str = "password123";

/// The parts of a hub, which a test can replace before it starts the hub.
pub(crate) struct Parts {
    pub(crate) ports: Ports,
    pub(crate) store: Arc<InMemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) options: HttpOptions,
}

impl Parts {
    pub(crate) fn new() -> Self {
        let (records, store) = (Arc::new(InMemoryRecords::new()), Arc::new(InMemoryStore::new()));
        let clock = Arc::new(ManualClock::default());
        let prefix = PolicyPrefix::parse("hub").unwrap();
        let ports = Ports {
            unit_of_work: records.clone(),
            directory: records,
            store: store.clone(),
            enforcement: Enforcement::Policies(store.clone()),
            passwords: Arc::new(PlainHasher::default()),
            tokens: Arc::new(PlainTokens::default()),
            vault: Arc::new(PlainVault::default()),
            clock: clock.clone(),
            ids: Arc::new(SequentialIds::default()),
            settings: Arc::new(Settings::new(prefix, "http://s3.test:9000".into(), "us-east-1".into())),
            progress: Arc::default(),
            decisions: Arc::default(),
        };
        Self { ports, store, clock, options: HttpOptions::default() }
    }

    pub(crate) async fn serve(self) -> Hub {
        let Self { ports, store, clock, options } = self;
        let state = AppState::new(ports.clone(), options, Handle::current());
        let service = Rc::new(init_service(app(state)).await);
        let call = Rc::new(move |request: TestRequest| -> LocalBoxFuture<'static, Reply> {
            let service = service.clone();
            Box::pin(async move {
                let (status, headers, body) = match service.call(request.to_request()).await {
                    Ok(response) => {
                        let (status, headers) = (response.status(), response.headers().clone());
                        (status, headers, to_bytes(response.into_body().boxed()).await.unwrap())
                    }
                    Err(error) => panic!("the application failed: {error}"),
                };
                Reply { status, headers, body: body.to_vec() }
            })
        });
        Hub { ports, store, clock, call }
    }
}

type Call = Rc<dyn Fn(TestRequest) -> LocalBoxFuture<'static, Reply>>;

/// A running application with its in-memory adapters.
#[derive(Clone)]
pub(crate) struct Hub {
    pub(crate) ports: Ports,
    pub(crate) store: Arc<InMemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    call: Call,
}

impl Hub {
    pub(crate) async fn new() -> Self {
        Parts::new().serve().await
    }

    pub(crate) fn send(&self, request: TestRequest) -> LocalBoxFuture<'static, Reply> {
        (self.call)(request)
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(TestRequest::get().uri(path).insert_header(bearer(token))).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Reply {
        self.send(TestRequest::post().uri(path).insert_header(bearer(token)).set_json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Reply {
        self.send(TestRequest::delete().uri(path).insert_header(bearer(token))).await
    }

    pub(crate) async fn sign_up(&self, email: &str) -> Reply {
        let body = json!({"email": email, "password": PASSWORD});
        self.send(TestRequest::post().uri("/api/users/signup").set_json(body)).await
    }

    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Reply {
        let body = json!({"email": email, "password": password});
        self.send(TestRequest::post().uri("/api/users/login").set_json(body)).await
    }

    /// Creates an account and returns a token of it.
    pub(crate) async fn user(&self, email: &str) -> String {
        assert_eq!(self.sign_up(email).await.status, StatusCode::CREATED);
        self.token(email, PASSWORD).await
    }

    pub(crate) async fn token(&self, email: &str, password: &str) -> String {
        let reply = self.log_in(email, password).await;
        reply.json()["data"]["token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn admin(&self, email: &str) -> String {
        let token = self.user(email).await;
        administration::promote(&self.ports, &Email::parse(email).unwrap()).await.unwrap();
        token
    }

    pub(crate) async fn disable(&self, email: &str) {
        administration::disable(&self.ports, &Email::parse(email).unwrap()).await.unwrap();
    }

    pub(crate) async fn create_bucket(&self, token: &str, name: &str) -> Reply {
        self.post("/api/buckets", token, json!({"name": name})).await
    }

    /// Advances the clock.
    pub(crate) fn wait(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(minutes * 60));
    }
}

pub(crate) fn bearer(token: &str) -> (&'static str, String) {
    ("Authorization", format!("Bearer {token}"))
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status, `error` and `message` of an error, whose body must have nothing else.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let json = self.json();
        let text = |field: &str| json[field].as_str().unwrap().to_owned();
        assert_eq!(json["success"], false);
        assert_eq!(json.as_object().unwrap().len(), 3, "{json}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        (self.status.as_u16(), text("error"), text("message"))
    }

    pub(crate) fn assert_error(&self, status: u16, error: &str, message: &str) {
        assert_eq!(self.error(), (status, error.to_owned(), message.to_owned()));
    }
}
