//! The services that tests need. `cargo xtask test` starts them and says by the environment where they are.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;
use std::thread;

/// The URL of a PostgreSQL server on which tests may create databases (`STORAGE_HUB_TEST_POSTGRES`).
///
/// # Panics
/// If it is missing although `STORAGE_HUB_TEST_REQUIRED` is set. Otherwise a missing service is reported on standard error.
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

/// The endpoint of a versitygw server with the same root user (`STORAGE_HUB_TEST_VERSITYGW`).
///
/// # Panics
/// As [`postgres`].
#[must_use]
pub fn versitygw() -> Option<String> {
    find("STORAGE_HUB_TEST_VERSITYGW", "versitygw")
}

/// The root user of the MinIO and versitygw servers of the tests.
pub const ROOT_USER: &str = "storage-hub-root";
/// Its password.
pub const ROOT_PASSWORD: &str = "storage-hub-root-secret";

/// The path of a program that tests run: `aws`, `mc`, `python` (with boto3), `rclone`
/// (`STORAGE_HUB_TEST_AWS` and so on).
///
/// # Panics
/// As [`postgres`].
#[must_use]
pub fn client(name: &str) -> Option<String> {
    find(&format!("STORAGE_HUB_TEST_{}", name.to_uppercase()), name)
}

#[expect(clippy::panic, clippy::disallowed_methods, reason = "this is for tests")]
fn find(variable: &str, what: &str) -> Option<String> {
    match env::var(variable) {
        Ok(found) if !found.is_empty() => Some(found),
        _ if env::var_os("STORAGE_HUB_TEST_REQUIRED").is_some() => panic!("{what} is required: {variable} is not set"),
        _ => {
            skip(what, &format!("{variable} is not set"));
            None
        }
    }
}

/// Tells that a test is skipped for want of something that no installation gives, and has it counted.
///
/// # Panics
/// When it cannot be counted.
#[expect(clippy::panic, clippy::print_stderr, reason = "this is for tests, and a skip must be seen")]
pub fn skip(what: &str, why: &str) {
    eprintln!("SKIPPED: {what} is missing ({why})");
    if let Some(file) = env::var_os("STORAGE_HUB_TEST_SKIPS")
        && let Err(error) = tell_skip(Path::new(&file), what)
    {
        panic!("the skip for want of {what} cannot be counted: {error}");
    }
}

// The output of a test that passes is not shown: `cargo xtask test` counts the lines of this file. A test is named by
// its thread, and the same test in another binary is another one.
fn tell_skip(file: &Path, what: &str) -> io::Result<()> {
    let binary = env::current_exe()?;
    let binary = binary.file_name().unwrap_or_default().display().to_string();
    let thread = thread::current();
    let test = thread.name().unwrap_or("a thread without a name");
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(format!("{binary} {test}\t{what}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skip_names_its_test() {
        let file = env::temp_dir().join(format!("storage-hub-skips-{}", std::process::id()));
        tell_skip(&file, "MinIO").unwrap();
        tell_skip(&file, "PostgreSQL").unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with(" services::tests::a_skip_names_its_test\tMinIO"), "{text}");
    }
}
