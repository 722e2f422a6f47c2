//! Kills the process at random moments while clients work with it.
//!
//! `cargo xtask faults` runs this for longer: `STORAGE_HUB_TEST_KILLS` is the number of kills, `STORAGE_HUB_TEST_SEED`
//! repeats the choices of a run.

#![expect(clippy::print_stdout, reason = "prints the amount of work of a long run")]

mod life;
pub(crate) mod random;

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use crate::hub::{Backend, Hub};
use life::{Life, Place, Tally};
use random::Random;

const CLIENTS: u64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kills_of_the_embedded_hub() {
    kill_at_random(Backend::SqliteEmbedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kills_of_the_hub_on_postgresql_and_minio() {
    kill_at_random(Backend::PostgresMinio).await;
}

async fn kill_at_random(backend: Backend) {
    let kills = from_environment("STORAGE_HUB_TEST_KILLS").unwrap_or(15);
    let seed = from_environment("STORAGE_HUB_TEST_SEED").unwrap_or_else(random::seed);
    println!("{backend:?}: {kills} kills, STORAGE_HUB_TEST_SEED={seed}");
    let times = [("reconcile.lease_seconds", "1"), ("reconcile.verify_seconds", "1")];
    let Some(mut hub) = Hub::start_with(backend, &times).await else { return };
    let mut random = Random::new(seed);
    let place = Arc::new(Place::of(&hub));
    let lives: Vec<_> = (1..=CLIENTS).map(|n| tokio::spawn(Life::new(place.clone(), seed ^ n).live())).collect();

    let mut done = 0;
    while done < kills {
        // Only the moment is random. Now and then the hub lives longer than a lease, so that the tasks of a dead process
        // can be taken over.
        let life = if random.below(4) == 0 { 2500 } else { 700 };
        tokio::time::sleep(Duration::from_millis(random.below(life))).await;
        hub.kill();
        done += 1;
        if done < kills && random.below(5) == 0 {
            kill_while_starting(&hub, random.below(150)).await;
            done += 1;
        }
        hub.run();
        place.is_now(&hub);
    }
    place.close();
    let mut tally = Tally::default();
    for life in lives {
        tally.add(life.await.expect("a client's own faults are violations, not panics"));
    }
    println!("{backend:?}: {done} kills, {tally}");
    assert!(tally.violations.is_empty(), "STORAGE_HUB_TEST_SEED={seed}: {:#?}", tally.violations);
    assert!(tally.acknowledged() > 0, "nobody did anything");
    hub.until("no difference between records and store", || async {
        hub.tool(&["reconcile", "--check"]).status.success()
    })
    .await;
}

async fn kill_while_starting(hub: &Hub, after: u64) {
    let mut command = hub.command(&["serve"]);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
    tokio::time::sleep(Duration::from_millis(after)).await;
    process.kill().expect("killed");
    process.wait().expect("ended");
}

/// A number from an environment variable of the tests.
pub(crate) fn from_environment(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {value:?}")))
}
