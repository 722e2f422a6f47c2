//! The hub with the embedded store, killed at random moments under load: everything acknowledged is there and complete.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::future::join_all;
use reqwest::Method;

use crate::hub::{Backend, Hub, Person, unique};
use crate::s3::{Key, Reply, Request, S3};

const WORKERS: usize = 4;
/// Number of keys per worker: few, so that most writes replace an object.
const KEYS: usize = 12;
const MIB: usize = 1024 * 1024;

/// The content at each key, as far as the store has acknowledged it.
pub(crate) type Objects = HashMap<String, Option<String>>;

/// A worker's objects, and its last request if that got no response: a key and its intended content.
pub(crate) struct Left {
    objects: Objects,
    /// How many writes were acknowledged.
    written: usize,
    pub(crate) unanswered: Option<(String, Option<String>)>,
}

#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) s3: S3,
    pub(crate) key: Key,
    pub(crate) bucket: String,
    pub(crate) number: usize,
    pub(crate) acknowledged: Arc<AtomicUsize>,
    /// Tells it to stop.
    pub(crate) stop: Arc<AtomicBool>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_moment_loses_nothing_acknowledged_and_leaves_nothing_torn() {
    let kills = std::env::var("STORAGE_HUB_TEST_KILLS").ok().map_or(10, |kills| kills.parse().expect("a number"));
    let Some(mut hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let person = hub.sign_up("test@example.com").await;
    // Every other worker writes into a bucket that keeps versions.
    let buckets = [unique("kills"), unique("kills-of-versions")];
    for bucket in &buckets {
        person.create_bucket(bucket).await;
    }
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let enable = Request::new(Method::PUT, format!("/{}?versioning=", buckets[1])).body(versioning.to_owned());
    assert_eq!(hub.s3.send(Some(&person.key), enable).await.status, 200);
    let mut written = 0;
    let mut objects: Vec<Objects> = vec![Objects::new(); WORKERS];
    let (mut answers, mut unanswered) = (0, [0; 2]);
    for kill in 0..kills {
        let mut random = Random::new(kill);
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let load = objects.drain(..).enumerate().map(|(number, objects)| {
            let acknowledged = acknowledged.clone();
            let (s3, key, bucket) = (hub.s3.clone(), person.key.clone(), buckets[number % 2].clone());
            let worker = Worker { s3, key, bucket, number, acknowledged, stop: Arc::default() };
            tokio::spawn(worker.work(objects, Random::new(kill * 100 + 1 + number as u64)))
        });
        let load: Vec<_> = load.collect();
        let moment = 3 + random.below(40);
        while acknowledged.load(Ordering::SeqCst) < moment {
            assert!(!load.iter().any(tokio::task::JoinHandle::is_finished), "a worker ended: {}", hub.logs());
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        hub.kill();
        let left: Vec<Left> = join_all(load).await.into_iter().map(|left| left.expect("a worker")).collect();
        answers += acknowledged.load(Ordering::SeqCst);

        hub.run();
        for (number, left) in left.into_iter().enumerate() {
            written += left.written * (number % 2);
            let (found, done) = verify(&hub, &person, &buckets[number % 2], left).await;
            objects.push(found);
            if let Some(done) = done {
                unanswered[usize::from(done)] += 1;
            }
        }
        let (versions, latest) = count_versions(&hub, &person, &buckets[1]).await;
        let unknown = WORKERS * usize::try_from(kill + 1).expect("a small number");
        assert!((written..=written + unknown).contains(&versions), "{versions} versions of {written} writes");
        assert!(latest, "a key has no latest version, or two");
        // Nobody writes now. A kill between a commit that released a blob and the deletion of the file leaves the file.
        hub.kill();
        let checked = hub.tool(&["store", "check"]);
        let text = String::from_utf8_lossy(&checked.stdout);
        let mut faults = text.lines().filter(|line| !line.ends_with("faults in the object store"));
        assert!(faults.all(|line| line.starts_with("orphan: no object has the file ")), "after kill {kill}: {text}");
        if !checked.status.success() {
            assert!(hub.tool_prints(&["store", "check", "--repair"]).contains("0 faults"), "after kill {kill}");
        }
        hub.run();
    }
    let there: usize = objects.iter().map(|objects| objects.values().flatten().count()).sum();
    let [undone, done] = unanswered;
    println!(
        "{kills} kills: {answers} acknowledged, all there ({there} objects at the end); \
         {done} unanswered were done and {undone} were not"
    );
    let report = hub.tool_prints(&["reconcile", "--check"]);
    assert!(report.contains("0 differences"), "{report}");
}

impl Worker {
    /// Puts, deletes and uploads in parts until there is no answer, or it is told to stop.
    pub(crate) async fn work(self, mut objects: Objects, mut random: Random) -> Left {
        let mut written = 0;
        while !self.stop.load(Ordering::SeqCst) {
            let name = format!("{}-{}", self.number, random.below(KEYS));
            let (after, answered) = match random.below(8) {
                0 | 1 => (None, self.delete(&name).await),
                2 | 3 => {
                    let parts = if random.below(8) == 0 {
                        vec![random.text(5 * MIB, 1), random.text(1, 999)]
                    } else {
                        vec![random.text(1, 99_999)]
                    };
                    (Some(parts.concat()), self.upload(&name, &parts).await)
                }
                _ => {
                    let body = random.text(0, 199_999);
                    (Some(body.clone()), self.put(&name, body).await)
                }
            };
            if answered.is_none() {
                return Left { objects, written, unanswered: Some((name, after)) };
            }
            written += usize::from(after.is_some());
            objects.insert(name, after);
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        Left { objects, written, unanswered: None }
    }

    async fn send(&self, method: Method, name: &str, query: &str, body: String) -> Option<Reply> {
        let request = Request::new(method, format!("/{}/{name}{query}", self.bucket)).body(body);
        let reply = self.s3.try_send(&self.key, request).await?;
        assert!(reply.succeeded(), "{name}{query}: {reply:?}");
        Some(reply)
    }

    async fn put(&self, name: &str, body: String) -> Option<Reply> {
        self.send(Method::PUT, name, "", body).await
    }

    async fn delete(&self, name: &str) -> Option<Reply> {
        self.send(Method::DELETE, name, "", String::new()).await
    }

    async fn upload(&self, name: &str, parts: &[String]) -> Option<Reply> {
        let begun = self.send(Method::POST, name, "?uploads=", String::new()).await?;
        let id = begun.element("UploadId").expect("an id").to_owned();
        let mut list = String::new();
        for (number, part) in (1..).zip(parts) {
            let query = format!("?partNumber={number}&uploadId={id}");
            let etag = self.send(Method::PUT, name, &query, part.clone()).await?.etag;
            list.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
        }
        let body = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
        self.send(Method::POST, name, &format!("?uploadId={id}"), body).await
    }
}

/// How many versions a bucket has, without delete markers, and whether each key has one latest version.
async fn count_versions(hub: &Hub, person: &Person, bucket: &str) -> (usize, bool) {
    let (mut versions, mut latest, mut after) = (0, HashMap::<String, usize>::new(), String::new());
    loop {
        let list = Request::new(Method::GET, format!("/{bucket}?versions=&max-keys=1000{after}"));
        let reply = hub.s3.send(Some(&person.key), list).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        for piece in reply.body.split("<Key>").skip(1) {
            let key = piece.split_once("</Key>").expect("a key").0.to_owned();
            *latest.entry(key).or_default() += usize::from(piece.contains("<IsLatest>true</IsLatest>"));
        }
        versions += reply.body.matches("<Version>").count();
        let Some(key) = reply.element("NextKeyMarker") else { break };
        let id = reply.element("NextVersionIdMarker").expect("a version");
        after = format!("&key-marker={key}&version-id-marker={id}");
    }
    (versions, latest.values().all(|count| *count == 1))
}

/// Reads every object. Returns what exists, and whether the request without a response was applied.
async fn verify(hub: &Hub, person: &Person, bucket: &str, left: Left) -> (Objects, Option<bool>) {
    let mut done = None;
    let mut objects = left.objects;
    if let Some((name, _)) = &left.unanswered {
        objects.entry(name.clone()).or_insert(None);
    }
    for (name, object) in &mut objects {
        let reply = hub.s3.send(Some(&person.key), Request::new(Method::GET, format!("/{bucket}/{name}"))).await;
        let found = match reply.status {
            200 => Some(reply.body),
            404 => None,
            _ => panic!("{name}: {reply:?}"),
        };
        if found == *object {
            if left.unanswered.as_ref().is_some_and(|(unanswered, after)| unanswered == name && *after != found) {
                done = Some(false);
            }
            continue;
        }
        let shown =
            |body: &Option<String>| body.as_ref().map_or("nothing".to_owned(), |body| format!("{} bytes", body.len()));
        match &left.unanswered {
            Some((unanswered, after)) if unanswered == name && *after == found => done = Some(true),
            _ => panic!("{name}: {} is there, {} was acknowledged", shown(&found), shown(object)),
        }
        *object = found;
    }
    (objects, done)
}

/// A pseudo-random sequence; the same for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }

    /// Unique text of `least` bytes and up to `more` more.
    fn text(&mut self, least: usize, more: usize) -> String {
        let length = least + self.below(more + 1);
        let word = format!("{:016x}", self.0);
        word.chars().cycle().take(length).collect()
    }
}
