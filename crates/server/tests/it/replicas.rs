//! Several processes on one database and one store.

#![expect(clippy::print_stdout, reason = "prints the amount of work of a long run")]

mod late;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::http::{Answer, Api};
use crate::hub::{Backend, Hub, Person, unique};
use crate::kills::from_environment;
use crate::kills::random::{Random, seed};
use crate::s3::Request;

const USERS: usize = 4;
const CLIENTS: usize = 8;
const NAMES: u64 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_agree_on_every_bucket() {
    agree(Backend::PostgresMinio, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_agree_on_every_bucket() {
    agree(Backend::PostgresMinio, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_of_a_gateway_agree_on_every_bucket() {
    agree(Backend::PostgresGateway, 2).await;
}

/// State that all clients share.
struct Contest {
    apis: Vec<Api>,
    /// Contested names and their owners.
    contested: Vec<String>,
    /// A bucket per user that is never empty.
    full: Vec<String>,
    owners: Mutex<BTreeMap<String, usize>>,
    counts: Mutex<BTreeMap<String, u64>>,
    violations: Mutex<Vec<String>>,
    deadline: Instant,
}

async fn agree(backend: Backend, processes: usize) {
    let seconds = from_environment("STORAGE_HUB_TEST_SECONDS").unwrap_or(5);
    let Some(hub) = Hub::start(backend).await else { return };
    let replicas: Vec<_> = (1..processes).map(|_| hub.replica(Vec::new())).collect();
    let mut people = Vec::new();
    let full: Vec<_> = (0..USERS).map(|_| unique("full")).collect();
    for bucket in &full {
        let person = hub.sign_up(&format!("{}@example.com", unique("replica"))).await;
        person.create_bucket(bucket).await;
        let put = Request::new(Method::PUT, format!("/{bucket}/key")).body("x");
        assert!(hub.s3.send(Some(&person.key), put).await.succeeded());
        people.push(Arc::new(person));
    }
    let contest = Arc::new(Contest {
        apis: std::iter::once(&hub).chain(&replicas).map(|hub| hub.api.clone()).collect(),
        contested: (0..NAMES).map(|_| unique("contested")).collect(),
        full,
        owners: Mutex::default(),
        counts: Mutex::default(),
        violations: Mutex::default(),
        deadline: Instant::now() + Duration::from_secs(seconds),
    });
    let seed = seed();
    let clients = (0..CLIENTS).map(|number| {
        let (contest, person) = (contest.clone(), people[number % USERS].clone());
        tokio::spawn(async move { contest.take_part(number, &person, Random::new(seed ^ number as u64)).await })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("a client ends well");
    }

    let counts = contest.counts.lock().expect("nobody panicked").clone();
    println!("{processes} processes, {seconds} s: {counts:?}");
    let violations = contest.violations.lock().expect("nobody panicked").clone();
    assert!(violations.is_empty(), "{violations:#?}\n{}", failures(&hub, &counts));
    let owners = contest.owners.lock().expect("nobody panicked").clone();
    for (name, owner) in owners {
        people[owner].api.get(&format!("/api/buckets/{name}")).await.expect(200);
    }
    assert!(counts.get("create 201").is_some_and(|count| *count > 0), "{counts:?}");
    hub.until("no policy entry is lost", || async { hub.tool(&["reconcile", "--check"]).status.success() }).await;
}

/// The warnings of all processes, which share a log.
fn failures(hub: &Hub, counts: &BTreeMap<String, u64>) -> String {
    let logs = hub.logs();
    let told: Vec<_> = logs.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).take(20).collect();
    format!("{counts:?}\n{}", told.join("\n"))
}

impl Contest {
    /// Only the first client of each user competes for the contested names; two clients share each user's own names.
    async fn take_part(&self, number: usize, person: &Person, mut random: Random) {
        let user = number % USERS;
        while Instant::now() < self.deadline {
            let index = random.below(self.apis.len() as u64) as usize;
            let api = self.apis[index].with_token(person.api.token.as_deref().expect("logged in"));
            let pick = random.below(NAMES) as usize;
            let own = format!("own-{user}-{pick}-{}", &self.contested[0][10..]);
            match random.below(10) {
                0..=3 if number < USERS => self.fight(&api, user, &self.contested[pick].clone()).await,
                0..=4 => drop(self.ask(&api, Method::POST, &own, &[201, 409]).await),
                5..=7 => drop(self.ask(&api, Method::DELETE, &own, &[200, 404]).await),
                8 => drop(self.ask(&api, Method::DELETE, &self.full[user], &[409]).await),
                _ => self.rotate(&api).await,
            }
        }
    }

    async fn fight(&self, api: &Api, user: usize, name: &str) {
        let owner = self.owners.lock().expect("nobody panicked").get(name).copied();
        if owner == Some(user) {
            // From now on anybody may take the name.
            self.owners.lock().expect("nobody panicked").remove(name);
            self.ask(api, Method::DELETE, name, &[200]).await;
        } else if self.ask(api, Method::POST, name, &[201, 409]).await == 201 {
            let before = self.owners.lock().expect("nobody panicked").insert(name.to_owned(), user);
            if let Some(before) = before {
                self.violation(format!("{name} is user {before}'s and user {user}'s"));
            }
        }
    }

    async fn rotate(&self, api: &Api) {
        let answer = api.post("/api/users/me/credentials/rotate", json!({})).await;
        self.count("rotate", &answer, &[200]);
    }

    async fn ask(&self, api: &Api, method: Method, name: &str, expected: &[u16]) -> u16 {
        let what = if method == Method::POST { "create" } else { "delete" };
        let answer = match method {
            Method::POST => api.post("/api/buckets", json!({"name": name})).await,
            _ => api.delete(&format!("/api/buckets/{name}")).await,
        };
        self.count(what, &answer, expected)
    }

    fn count(&self, what: &str, answer: &Answer, expected: &[u16]) -> u16 {
        let status = answer.status.as_u16();
        *self.counts.lock().expect("nobody panicked").entry(format!("{what} {status}")).or_default() += 1;
        if !expected.contains(&status) && status != 429 {
            self.violation(format!("{what}: {status} instead of {expected:?}: {}", answer.body));
        }
        status
    }

    fn violation(&self, what: String) {
        self.violations.lock().expect("nobody panicked").push(what);
    }
}
