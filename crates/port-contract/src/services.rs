//! The services that tests need. `cargo xtask test` starts them and says by the environment where they are.

use std::env;

/// The URL of a PostgreSQL server on which tests may create databases (`STORAGE_HUB_TEST_POSTGRES`).
///
/// # Panics
/// When it is missing though `STORAGE_HUB_TEST_REQUIRED` is set; else a missing service is told on standard error.
#[must_use]
pub fn postgres() -> Option<String> {
    find("STORAGE_HUB_TEST_POSTGRES", "PostgreSQL")
}

/// The endpoint (`http://127.0.0.1:PORT`) of a MinIO server whose root user is `ROOT_USER` with `ROOT_PASSWORD`
/// (`STORAGE_HUB_TEST_MINIO`).
///
/// # Panics
/// As [`postgres`].
#[must_use]
pub fn minio() -> Option<String> {
    find("STORAGE_HUB_TEST_MINIO", "MinIO")
}

/// The root user of the MinIO server of the tests.
pub const ROOT_USER: &str = "storage-hub-root";
/// Its password.
pub const ROOT_PASSWORD: &str = "storage-hub-root-secret";

#[allow(clippy::panic, clippy::print_stderr, reason = "this is for tests, and a skip must be seen")]
fn find(variable: &str, what: &str) -> Option<String> {
    match env::var(variable) {
        Ok(url) if !url.is_empty() => Some(url),
        _ if env::var_os("STORAGE_HUB_TEST_REQUIRED").is_some() => panic!("{what} is required: {variable} is not set"),
        _ => {
            eprintln!("SKIPPED: {what} is not there ({variable} is not set)");
            None
        }
    }
}
