//! The process dies at each step of each operation that writes: nothing is lost or incomplete, and a repeat succeeds.

#![expect(clippy::print_stdout, reason = "prints the amount of work of a run")]

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use storage_hub_core::failpoint::{Failpoint, VARIABLE};

use crate::http::Api;
use crate::hub::{Backend, Hub, PASSWORD, unique};
use crate::s3::{Key, Request};

const NEW_PASSWORD: &str = "another password";

/// An operation that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    SignUp,
    Create,
    Delete,
    Rotate,
    ChangePassword,
}

impl Operation {
    const ALL: [Self; 5] = [Self::SignUp, Self::Create, Self::Delete, Self::Rotate, Self::ChangePassword];

    /// Whether the operation reaches the failpoint with MinIO, and with the embedded store.
    fn passes(self, point: Failpoint) -> (bool, bool) {
        use Failpoint as F;
        let kept_policies = match point {
            F::SignUpBeforeCommit | F::SignUpAfterCommit => return both(self == Self::SignUp),
            F::CreateBeforeCommit
            | F::CreateAfterCommit
            | F::CreateBeforeBucket
            | F::CreateAfterBucket
            | F::CreateAfterPolicy
            | F::CreateAfterTransition => return both(self == Self::Create),
            F::DeleteBeforeCommit
            | F::DeleteAfterCommit
            | F::DeleteBeforeBucket
            | F::DeleteAfterBucket
            | F::ReleaseBeforeCommit
            | F::ReleaseAfterCommit => return both(self == Self::Delete),
            F::RotateBeforeCommit | F::RotateAfterCommit => return both(self == Self::Rotate),
            F::PasswordBeforeCommit | F::PasswordAfterCommit => return both(self == Self::ChangePassword),
            // No request of the REST API reaches these: `embedded_crashes` and `backup` do.
            F::WriteAfterPermit
            | F::BlobBeforeCommit
            | F::BlobAfterCommit
            | F::BlobBeforeRelease
            | F::BackupAfterIndex => return both(false),
            // No request reaches these: `identity` does.
            F::StartAnnounced | F::StartInIndex | F::StartInRecords | F::StartAfterMark => return both(false),
            F::AnswerBefore => return both(true),
            F::AnswerAfter | F::AnswerNoted => return both(matches!(self, Self::SignUp | Self::Create)),
            F::DeleteAfterTransition => self == Self::Delete,
            F::ShardBeforePolicy | F::ShardAfterPolicy | F::ShardAfterCommit => {
                matches!(self, Self::SignUp | Self::Create | Self::Delete)
            }
            F::PrincipalBeforeWrite | F::PrincipalAfterWrite | F::PrincipalBeforeCommit | F::PrincipalAfterCommit => {
                matches!(self, Self::SignUp | Self::Rotate)
            }
        };
        (kept_policies, false)
    }
}

fn both(passes: bool) -> (bool, bool) {
    (passes, passes)
}

/// A user of a hub that dies at failpoints.
struct Victim {
    email: String,
    password: &'static str,
    token: String,
    key: Key,
    /// A bucket that no operation changes.
    kept: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_hub_survives_its_end_at_every_step() {
    every_step(Backend::SqliteEmbedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_on_postgresql_and_minio_survives_its_end_at_every_step() {
    every_step(Backend::PostgresMinio).await;
}

async fn every_step(backend: Backend) {
    // The verification of tasks that were taken over must not interfere with later steps.
    let times = [("reconcile.lease_seconds", "1"), ("reconcile.verify_seconds", "3600")];
    let Some(mut hub) = Hub::start_with(backend, &times).await else { return };
    let mut reached: BTreeMap<Failpoint, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for operation in Operation::ALL {
        for &point in Failpoint::ALL {
            let (with_policies, embedded) = operation.passes(point);
            let passes = if backend == Backend::SqliteEmbedded { embedded } else { with_policies };
            if passes {
                let victim = Victim::prepare(&hub).await;
                if operation != Operation::Delete {
                    kept.push(victim.kept.clone());
                }
                step(&mut hub, operation, point, victim).await;
                *reached.entry(point).or_default() += 1;
            }
        }
    }
    println!("{backend:?}: {} ends at {} failpoints", reached.values().sum::<usize>(), reached.len());
    if backend == Backend::PostgresMinio {
        let elsewhere = |point: Failpoint| {
            ["write.", "blob.", "backup.", "start."].iter().any(|area| point.as_str().starts_with(area))
        };
        let missed: Vec<_> =
            Failpoint::ALL.iter().filter(|point| !reached.contains_key(point) && !elsewhere(**point)).collect();
        assert!(missed.is_empty(), "no operation reaches {missed:?}");
    }
    // Everything that was acknowledged is there at the end.
    let admin = hub.admin().await;
    for bucket in kept {
        admin.api.get(&format!("/api/buckets/{bucket}")).await.expect(200);
    }
}

/// Lets the process die at a failpoint of an operation, restarts it, and repeats the operation.
async fn step(hub: &mut Hub, operation: Operation, point: Failpoint, mut victim: Victim) {
    let context = format!("{:?}, {operation:?}, {}", hub.backend, point.as_str());
    hub.kill();
    hub.environment = vec![(VARIABLE, point.as_str().to_owned())];
    hub.run();
    let subject = match operation {
        Operation::SignUp => format!("{}@example.com", unique("new")),
        Operation::Delete => victim.kept.clone(),
        _ => unique("bucket"),
    };
    if operation == Operation::Delete {
        victim.kept = String::new();
    }
    let first = attempt(&victim.api(hub), operation, &subject).await;
    assert!(hub.has_died().await, "{context}: never reached, and answered {first:?}");
    hub.environment.clear();
    hub.run();

    let answered = first.is_ok();
    let again = attempt(&victim.api(hub), operation, &subject).await.expect("the hub answers");
    let status = again.status.as_u16();
    match operation {
        // A creation whose response was recorded is refused, like any repeat of an answered creation.
        Operation::SignUp | Operation::Create if answered && point == Failpoint::AnswerNoted => {
            assert_eq!(status, 409, "{context}: {}", again.body);
        }
        Operation::SignUp | Operation::Create => assert_eq!(status, 201, "{context}: {}", again.body),
        Operation::Rotate => assert_eq!(status, 200, "{context}: {}", again.body),
        // A bucket that is already deleted is a success too.
        Operation::Delete => assert!(matches!(status, 200 | 404), "{context}: {status} {}", again.body),
        // The token may have become invalid together with the old password.
        Operation::ChangePassword => assert!(matches!(status, 200 | 401), "{context}: {status} {}", again.body),
    }
    if operation == Operation::ChangePassword {
        victim.password = NEW_PASSWORD;
    }
    if operation == Operation::Rotate {
        let old = std::mem::replace(&mut victim.key, Key::from_answer(&again.body));
        let listed = hub.s3.send(Some(&old), Request::new(Method::GET, "/")).await;
        assert_eq!(listed.status, 403, "{context}: the old secret still works");
    }
    match operation {
        Operation::SignUp => {
            let person = hub.log_in(&subject, PASSWORD).await;
            person.create_bucket(&unique("first")).await;
        }
        Operation::Create => victim.owns(hub, &subject, &context).await,
        Operation::Delete => victim.deleted(hub, &subject, &context).await,
        Operation::Rotate | Operation::ChangePassword => {}
    }
    victim.is_whole(hub, &context).await;
    hub.until(&format!("no difference after {context}"), || async {
        hub.tool(&["reconcile", "--check"]).status.success()
    })
    .await;
}

async fn attempt(api: &Api, operation: Operation, subject: &str) -> reqwest::Result<crate::http::Answer> {
    let (method, path, body): (Method, String, Option<Value>) = match operation {
        Operation::SignUp => {
            (Method::POST, "/api/users/signup".into(), Some(json!({"email": subject, "password": PASSWORD})))
        }
        Operation::Create => (Method::POST, "/api/buckets".into(), Some(json!({"name": subject}))),
        Operation::Delete => (Method::DELETE, format!("/api/buckets/{subject}"), None),
        Operation::Rotate => (Method::POST, "/api/users/me/credentials/rotate".into(), None),
        Operation::ChangePassword => {
            let body = json!({"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD});
            (Method::POST, "/api/users/me/password".into(), Some(body))
        }
    };
    api.try_call(method, &path, body).await
}

impl Victim {
    async fn prepare(hub: &Hub) -> Self {
        let person = hub.sign_up(&format!("{}@example.com", unique("victim"))).await;
        let kept = unique("kept");
        person.create_bucket(&kept).await;
        let token = person.api.token.clone().expect("logged in");
        Self { email: person.email, password: PASSWORD, token, key: person.key, kept }
    }

    fn api(&self, hub: &Hub) -> Api {
        hub.api.with_token(&self.token)
    }

    /// Checks that everything that the user had is there, in the records and in the store.
    async fn is_whole(&self, hub: &Hub, context: &str) {
        let log_in = |password: &str| {
            let body = json!({"email": self.email, "password": password});
            let api = hub.api.clone();
            async move { api.post("/api/users/login", body).await.status.as_u16() }
        };
        let works = [log_in(PASSWORD).await, log_in(NEW_PASSWORD).await];
        let expected = if self.password == PASSWORD { [200, 401] } else { [401, 200] };
        assert_eq!(works, expected, "{context}: which passwords work");
        let person = hub.log_in(&self.email, self.password).await;
        assert_eq!(person.key.secret, self.key.secret, "{context}");
        if self.kept.is_empty() {
            return;
        }
        self.owns(hub, &self.kept, context).await;
    }

    async fn owns(&self, hub: &Hub, bucket: &str, context: &str) {
        let person = hub.log_in(&self.email, self.password).await;
        person.api.get(&format!("/api/buckets/{bucket}")).await.expect(200);
        let path = format!("/{bucket}/key");
        let put = hub.s3.send(Some(&self.key), Request::new(Method::PUT, &path).body("x")).await;
        assert!(put.succeeded(), "{context}: {put:?}");
        let removed = hub.s3.send(Some(&self.key), Request::new(Method::DELETE, &path)).await;
        assert!(removed.succeeded(), "{context}: {removed:?}");
    }

    /// Checks that nothing is left of a deleted bucket, and that another user can take its name after the response.
    async fn deleted(&self, hub: &Hub, bucket: &str, context: &str) {
        let person = hub.log_in(&self.email, self.password).await;
        hub.until(&format!("{context}: the name is free"), || async {
            let made = person.api.post("/api/buckets", json!({"name": bucket})).await;
            assert!(matches!(made.status.as_u16(), 201 | 409), "{context}: {}", made.body);
            made.status == 201
        })
        .await;
        person.api.delete(&format!("/api/buckets/{bucket}")).await.expect(200);
        let left = hub.s3.send(Some(&self.key), Request::new(Method::GET, format!("/{bucket}"))).await;
        assert!(matches!(left.status, 403 | 404), "{context}: {left:?}");
    }
}
