//! A client of a hub that is killed again and again, which knows what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::random::Random;
use crate::http::{Answer, Api};
use crate::hub::{Hub, PASSWORD, unique};
use crate::s3::{Key, Reply, Request, S3};

/// Time after which a request without a response counts as lost.
const PATIENCE: Duration = Duration::from_secs(120);
const MOST_BUCKETS: usize = 6;
const MOST_ACTS: u64 = 40;

/// The current addresses of the hub.
pub(super) struct Place {
    now: RwLock<(Api, S3)>,
    closed: AtomicBool,
}

impl Place {
    pub(super) fn of(hub: &Hub) -> Self {
        Self { now: RwLock::new((hub.api.clone(), hub.s3.clone())), closed: AtomicBool::new(false) }
    }

    pub(super) fn is_now(&self, hub: &Hub) {
        *self.now.write().expect("nobody panicked") = (hub.api.clone(), hub.s3.clone());
    }

    /// Lets every client finish its current operation.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    fn get(&self) -> (Api, S3) {
        self.now.read().expect("nobody panicked").clone()
    }
}

/// The result of a run.
#[derive(Default)]
pub(super) struct Tally {
    done: BTreeMap<&'static str, u64>,
    broken: u64,
    unavailable: u64,
    pub(super) violations: Vec<String>,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        for (what, count) in other.done {
            *self.done.entry(what).or_default() += count;
        }
        self.broken += other.broken;
        self.unavailable += other.unavailable;
        self.violations.extend(other.violations);
    }

    /// Number of acknowledged changes.
    pub(super) fn acknowledged(&self) -> u64 {
        self.done.iter().filter(|(what, _)| **what != "looks").map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changes acknowledged {:?}, ", self.acknowledged(), self.done)?;
        write!(f, "{} connections broken, {} answers of 503, ", self.broken, self.unavailable)?;
        write!(f, "{} violations", self.violations.len())
    }
}

/// An account, as far as its user knows.
struct Account {
    email: String,
    password: String,
    token: Option<String>,
    key: Key,
    buckets: BTreeSet<String>,
}

/// A client that creates accounts and uses them, one operation after the other.
pub(super) struct Life {
    place: std::sync::Arc<Place>,
    random: Random,
    tally: Tally,
}

impl Life {
    pub(super) fn new(place: std::sync::Arc<Place>, seed: u64) -> Self {
        Self { place, random: Random::new(seed), tally: Tally::default() }
    }

    pub(super) async fn live(mut self) -> Tally {
        let mut before = Vec::new();
        while !self.place.closed.load(Ordering::SeqCst) {
            let Some(mut account) = self.sign_up().await else { continue };
            for _ in 0..self.random.below(MOST_ACTS) {
                if self.place.closed.load(Ordering::SeqCst) {
                    break;
                }
                self.act(&mut account).await;
            }
            self.look(&account).await;
            before.push(account);
        }
        for account in &before {
            self.look(account).await;
        }
        self.tally
    }

    async fn act(&mut self, account: &mut Account) {
        match self.random.below(10) {
            0..=4 if account.buckets.len() < MOST_BUCKETS => self.create(account).await,
            0..=6 => self.delete(account).await,
            7 => self.rotate(account).await,
            8 => self.change_password(account).await,
            _ => self.look(account).await,
        }
    }

    async fn sign_up(&mut self) -> Option<Account> {
        let email = format!("{}@example.com", unique("life"));
        let body = json!({"email": email, "password": PASSWORD});
        let (answer, _) = self.persist(None, Method::POST, "/api/users/signup", Some(body)).await?;
        self.expect("sign-up", &answer, &[201])?;
        let key = Key { access: String::new(), secret: String::new(), session_token: None };
        let (password, buckets) = (PASSWORD.to_owned(), BTreeSet::new());
        let mut account = Account { email, password, token: None, key, buckets };
        account.token = Some(self.log_in(&account.email, &account.password).await?);
        let (answer, _) = self.persist(Some(&account), Method::GET, "/api/users/me/credentials", None).await?;
        self.expect("credentials", &answer, &[200])?;
        account.key = Key::from_answer(&answer.body);
        Some(account)
    }

    async fn log_in(&mut self, email: &str, password: &str) -> Option<String> {
        let body = json!({"email": email, "password": password});
        let (answer, _) = self.persist(None, Method::POST, "/api/users/login", Some(body)).await?;
        (answer.status == 200).then(|| answer.body["data"]["token"].as_str().expect("a token").to_owned())
    }

    async fn create(&mut self, account: &mut Account) {
        let name = unique("life");
        let body = Some(json!({"name": name}));
        let Some((answer, _)) = self.persist(Some(account), Method::POST, "/api/buckets", body).await else { return };
        if self.expect("creation", &answer, &[201]).is_some() {
            account.buckets.insert(name);
        }
    }

    async fn delete(&mut self, account: &mut Account) {
        let Some(name) = account.buckets.pop_first() else { return };
        let path = format!("/api/buckets/{name}");
        let Some((answer, broken)) = self.persist(Some(account), Method::DELETE, &path, None).await else { return };
        // If the first request was applied but its response was lost, the repeat finds it done.
        self.expect("deletion", &answer, if broken { &[200, 404] } else { &[200] });
    }

    async fn rotate(&mut self, account: &mut Account) {
        let path = "/api/users/me/credentials/rotate";
        let Some((answer, _)) = self.persist(Some(account), Method::POST, path, None).await else { return };
        if self.expect("rotation", &answer, &[200]).is_none() {
            return;
        }
        let old = std::mem::replace(&mut account.key, Key::from_answer(&answer.body));
        if let Some(reply) = self.ask_store(&old).await
            && (reply.status != 403 || is_empty_list(&reply))
        {
            self.violation(format!("{}: a rotated secret still works: {reply:?}", account.email));
        }
    }

    async fn change_password(&mut self, account: &mut Account) {
        let new = unique("password");
        let body = json!({"currentPassword": account.password, "newPassword": new});
        let path = "/api/users/me/password";
        let Some((answer, broken)) = self.persist(Some(account), Method::POST, path, Some(body)).await else { return };
        self.expect("password change", &answer, if broken { &[200, 401] } else { &[200] });
        if answer.status == 200 {
            self.log_in_after(account, &new).await;
            return;
        }
        // A rotation without a response may or may not have been applied: exactly one of the two secrets works.
        if !self.log_in_after(account, &new).await {
            let old = account.password.clone();
            self.log_in_after(account, &old).await;
        }
    }

    async fn log_in_after(&mut self, account: &mut Account, new: &str) -> bool {
        let (email, old) = (account.email.clone(), account.password.clone());
        let token = self.log_in(&email, new).await;
        let other = if old == new { None } else { self.log_in(&email, &old).await };
        match (token, other) {
            (Some(token), None) => {
                new.clone_into(&mut account.password);
                account.token = Some(token);
                true
            }
            (None, Some(_)) => false,
            (token, _) => {
                self.violation(format!("{email}: of two passwords {} work", if token.is_some() { 2 } else { 0 }));
                false
            }
        }
    }

    /// Checks that records and store contain what was acknowledged, and nothing else.
    async fn look(&mut self, account: &Account) {
        let Some((answer, _)) = self.persist(Some(account), Method::GET, "/api/buckets", None).await else { return };
        if self.expect("list", &answer, &[200]).is_none() {
            return;
        }
        let listed: BTreeSet<_> = answer.body["data"].as_array().into_iter().flatten().map(name_of).collect();
        if listed != account.buckets {
            self.violation(format!("{}: buckets {listed:?} instead of {:?}", account.email, account.buckets));
        }
        let Some(reply) = self.ask_store(&account.key).await else { return };
        let shown = reply.body.split("<Name>").skip(1).filter_map(|rest| rest.split_once('<'));
        let shown: BTreeSet<_> = shown.map(|(name, _)| name.to_owned()).collect();
        if (reply.status != 200 && !is_empty_list(&reply)) || shown != account.buckets {
            let email = &account.email;
            self.violation(format!("{email}: the store shows {reply:?} instead of {:?}", account.buckets));
        }
    }

    async fn ask_store(&mut self, key: &Key) -> Option<Reply> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(reply) = self.place.get().1.try_send(key, Request::new(Method::GET, "/")).await
                && reply.status < 500
            {
                return Some(reply);
            }
            pause().await;
        }
        self.violation("the store does not answer".to_owned());
        None
    }

    /// Repeats a request until there is a response. Returns whether an attempt had none.
    async fn persist(
        &mut self,
        account: Option<&Account>,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Option<(Answer, bool)> {
        let deadline = Instant::now() + PATIENCE;
        let mut unanswered = false;
        while Instant::now() < deadline {
            let (mut api, _) = self.place.get();
            api.token = account.and_then(|account| account.token.clone());
            match api.try_call(method.clone(), path, body.clone()).await {
                // The request may have been applied.
                Ok(answer) if answer.status == 503 => self.tally.unavailable += 1,
                // The request was not processed.
                Ok(answer) if answer.status == 429 => {
                    pause().await;
                    continue;
                }
                Ok(answer) => return Some((answer, unanswered)),
                Err(_) => self.tally.broken += 1,
            }
            unanswered = true;
            pause().await;
        }
        self.violation(format!("{method} {path} is never answered"));
        None
    }

    fn expect(&mut self, what: &'static str, answer: &Answer, statuses: &[u16]) -> Option<()> {
        if statuses.contains(&answer.status.as_u16()) {
            let what = if matches!(what, "list" | "credentials") { "looks" } else { what };
            *self.tally.done.entry(what).or_default() += 1;
            return Some(());
        }
        self.violation(format!("{what}: {} {}", answer.status, answer.body));
        None
    }

    fn violation(&mut self, what: String) {
        self.tally.violations.push(what);
    }
}

fn name_of(bucket: &Value) -> String {
    bucket["name"].as_str().unwrap_or_default().to_owned()
}

/// MinIO accepts the signature, but its user may list nothing.
fn is_empty_list(reply: &Reply) -> bool {
    reply.status == 403 && reply.element("Code") == Some("AccessDenied")
}

/// Waits before the next attempt, because the hub may be starting.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
