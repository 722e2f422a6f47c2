use std::fmt::Write as _;
use std::{env, fs};

use storage_hub_core::s3_action::{Rule, S3Action};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/s3-actions.txt");

/// `UPDATE_GOLDEN=1 cargo test` rewrites the file.
#[test]
fn the_table_of_access_levels_and_actions_is_the_committed_one() {
    let mut table = format!("{:<39}{:<12}{:<10}MinIO\n", "action", "endpoint", "public");
    for action in S3Action::ALL {
        let who = match action.rule() {
            Rule::Access(access) => access.as_str(),
            Rule::SignedIn => "every user",
            Rule::Owner => "owner",
            Rule::Hub => "the hub",
        };
        // On MinIO, `public` gives the same, to anonymous requests alone.
        let public = if action.is_given_by_public() { "public" } else { "" };
        let on_minio = if action.denied_on_minio() { "the hub" } else { who };
        writeln!(table, "{}", format!("{:<39}{who:<12}{public:<10}{on_minio}", action.iam_name()).trim_end()).unwrap();
    }
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(GOLDEN, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(GOLDEN).unwrap(), table);
}
