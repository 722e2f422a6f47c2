//! A full disk below the records and the objects: clear refusals, nothing lost, and no restart once there is space.

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::hub::{Hub, Person, unique};
use crate::s3::{Reply, Request};

const MIB: usize = 1024 * 1024;
/// Far above any response on a busy machine: it distinguishes a hang from slowness, and measures nothing.
const BOUND: Duration = Duration::from_secs(60);

async fn send(hub: &Hub, person: &Person, method: Method, path: &str, body: String) -> Reply {
    let started = Instant::now();
    let reply = hub.s3.send(Some(&person.key), Request::new(method, path).body(body)).await;
    assert!(started.elapsed() < BOUND, "{path}: {:?}", started.elapsed());
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_fill_the_disk_are_refused_and_deleting_makes_room() {
    let Some(hub) = Hub::start_on_disk_of(48).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("full");
    person.create_bucket(&bucket).await;
    let body = |number: usize| format!("{number:08}").repeat(MIB / 2);
    let mut stored = 0;
    let refused = loop {
        let reply = send(&hub, &person, Method::PUT, &format!("/{bucket}/{stored}"), body(stored)).await;
        if !reply.succeeded() {
            break reply;
        }
        stored += 1;
        assert!(stored < 12, "more than fits");
    };
    assert!(stored > 2, "{stored}");
    assert_eq!((refused.status, refused.element("Code")), (507, Some("InsufficientStorage")), "{refused:?}");
    // Small objects and parts are refused too: the reserve is for operations that free space.
    let small = send(&hub, &person, Method::PUT, &format!("/{bucket}/small"), "a".repeat(5 * MIB)).await;
    assert_eq!(small.status, 507);
    let begun = send(&hub, &person, Method::POST, &format!("/{bucket}/parts?uploads="), String::new()).await;
    let upload = begun.element("UploadId").expect("an upload").to_owned();
    let path = format!("/{bucket}/parts?partNumber=1&uploadId={upload}");
    assert_eq!(send(&hub, &person, Method::PUT, &path, "a".repeat(5 * MIB)).await.status, 507);

    for number in 0..stored {
        let read = send(&hub, &person, Method::GET, &format!("/{bucket}/{number}"), String::new()).await;
        assert!(read.status == 200 && read.body == body(number), "{number}: {}", read.status);
    }
    person.create_bucket(&unique("another")).await;
    hub.sign_up("other@example.com").await;
    for number in 0..2 {
        assert_eq!(
            send(&hub, &person, Method::DELETE, &format!("/{bucket}/{number}"), String::new()).await.status,
            204
        );
    }
    // The files are deleted after the deletions were answered.
    hub.until("there is room again", || async {
        send(&hub, &person, Method::PUT, &format!("/{bucket}/again"), body(0)).await.succeeded()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_others_have_filled_is_503_and_everything_goes_on_when_there_is_room() {
    let Some(hub) = Hub::start_on_disk_of(32).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("kept");
    person.create_bucket(&bucket).await;
    let key = format!("/{bucket}/key");
    assert!(send(&hub, &person, Method::PUT, &key, "kept".to_owned()).await.succeeded());

    let filler = hub.path_inside("filler");
    let mut file = File::create(&filler).expect("a file on the hub's disk");
    while file.write_all(&[0; 4096]).is_ok() {}
    drop(file);
    assert_eq!(send(&hub, &person, Method::PUT, &format!("/{bucket}/more"), "more".to_owned()).await.status, 507);
    assert_eq!(send(&hub, &person, Method::GET, &key, String::new()).await.body, "kept");
    // SQLite still has some space in its log file.
    let mut made = Vec::new();
    let refused = loop {
        let (name, started) = (unique("made"), Instant::now());
        let answer = person.api.post("/api/buckets", json!({"name": name})).await;
        assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
        if answer.status != 201 {
            break answer;
        }
        made.push(name);
        assert!(made.len() < 1000, "the disk is not full");
    };
    let refused = refused.expect(503);
    assert!(
        !refused.to_string().contains("SQLite") && !refused.to_string().contains("disk"),
        "no internals: {refused}"
    );
    person.api.get("/api/buckets").await.expect(200);
    hub.api.get("/health").await.expect(200);

    std::fs::remove_file(filler).expect("the filler");
    let late = unique("late");
    hub.until("buckets can be made again", || async {
        person.api.post("/api/buckets", json!({"name": late})).await.status == 201
    })
    .await;
    assert!(send(&hub, &person, Method::PUT, &format!("/{bucket}/more"), "more".to_owned()).await.succeeded());
    assert_eq!(send(&hub, &person, Method::GET, &key, String::new()).await.body, "kept");
    for name in made.iter().chain([&bucket]) {
        person.api.get(&format!("/api/buckets/{name}")).await.expect(200);
    }
}
