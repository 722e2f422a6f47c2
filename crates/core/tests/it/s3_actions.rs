use std::fmt::Write as _;
use std::{env, fs};

use storage_hub_core::s3_action::{Rule, S3Action};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/s3-actions.txt");

/// `UPDATE_GOLDEN=1 cargo test` rewrites the file.
#[test]
fn the_table_of_access_levels_and_actions_is_the_committed_one() {
    let mut table = String::new();
    for action in S3Action::ALL {
        let who = match action.rule() {
            Rule::Access(access) => access.as_str(),
            Rule::SignedIn => "every user",
            Rule::Hub => "the hub",
        };
        let denied = if action.denied_on_minio() { "denied on MinIO" } else { "" };
        writeln!(table, "{}", format!("{who:<12}{action:<35}{denied}").trim_end()).unwrap();
    }
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(GOLDEN, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(GOLDEN).unwrap(), table);
}
