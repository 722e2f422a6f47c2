//! Sequences of requests about what a bucket keeps over time: versions, tags, locks, lifecycle rules and uploads in parts. They
//! are sent to every kind of S3 endpoint; the golden file `sequences/answers.txt` states each answer, side by side, and why
//! they differ. (`cases` compares single requests.)
//!
//! The requests are in `sequences/*.txt`; [`table`] describes their form. `UPDATE_GOLDEN=1` writes the golden file.

mod answer;
mod differences;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reqwest::Method;
use storage_hub_port_contract::services::{self, ROOT_PASSWORD, ROOT_USER};

use crate::hub::{Backend, Hub, unique};
use crate::s3::{Key, Request, S3};
use answer::Answer;
use table::{Group, Names};

/// What the requests are sent to.
struct Target {
    name: &'static str,
    s3: S3,
    key: Key,
    /// Keeps the server running.
    _hub: Option<Hub>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_answers_as_the_golden_file_says() {
    let Some(targets) = targets().await else { return };
    let groups = table::read(&folder());
    let mut answers: BTreeMap<&str, Vec<Vec<Answer>>> = BTreeMap::new();
    for target in &targets {
        let mut all = Vec::new();
        for group in &groups {
            all.push(run(target, group).await);
        }
        answers.insert(target.name, all);
    }
    let found = differences::golden(&groups, &answers);
    let golden = folder().join("answers.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &found).expect("written");
    }
    differences::assert_same(&std::fs::read_to_string(&golden).expect("a file"), &found);
    let unexplained = differences::unexplained(&groups, &answers);
    assert!(unexplained.is_empty(), "differences without a reason:\n{}", unexplained.join("\n"));
}

/// Every endpoint; `None` (and a SKIPPED line) if a service is missing.
async fn targets() -> Option<Vec<Target>> {
    let minio = services::minio()?;
    let hub = Hub::start(Backend::SqliteEmbedded).await?;
    let owner = hub.sign_up("owner@example.com").await;
    let root = Key { access: ROOT_USER.to_owned(), secret: ROOT_PASSWORD.to_owned(), session_token: None };
    Some(vec![
        Target { name: "embedded", s3: hub.s3.clone(), key: owner.key.clone(), _hub: Some(hub) },
        Target { name: "MinIO", s3: S3::new(minio), key: root, _hub: None },
    ])
}

/// Sends the requests of a group, in buckets of its own.
async fn run(target: &Target, group: &Group) -> Vec<Answer> {
    let mut names = Names::new(&[("b", unique("case")), ("c", unique("other"))]);
    for bucket in ["b", "c"] {
        let path = format!("/{}", names.get(bucket));
        let made = target.s3.send(Some(&target.key), Request::new(Method::PUT, path)).await;
        assert!(made.succeeded(), "{}: {made:?}", target.name);
    }
    let mut answers = Vec::new();
    for case in &group.cases {
        let request = case.request(&names);
        let key = (!case.anonymous).then_some(&target.key);
        let reply = target.s3.send_whole(key, request).await;
        for save in &case.saves {
            let value = save.place.find(&reply).unwrap_or_default();
            names.set(&save.name, value);
        }
        answers.push(Answer::of(&reply, &names));
    }
    answers
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sequences")
}
