//! Finds installed programs, and checks that they are the right ones.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Finds a program in PATH or in Go's folder, if it is the right one.
///
/// Several programs share names such as `mc`: the output of the arguments `version` must start with `proof`.
pub(crate) fn find(name: &str, version: &[&str], proof: &str) -> Option<PathBuf> {
    search_folders().into_iter().map(|folder| folder.join(name)).find(|path| is(path, version, proof))
}

/// Whether the program exists and its output starts with `proof`.
pub(crate) fn is(path: &Path, version: &[&str], proof: &str) -> bool {
    is_executable(path) && output_of(path, version).is_some_and(|text| text.starts_with(proof))
}

/// The standard output of a program, if it succeeds.
pub(crate) fn output_of(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether the path is an executable file.
pub(crate) fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// The folders of PATH.
pub(crate) fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

pub(crate) fn search_folders() -> Vec<PathBuf> {
    let mut folders = path_folders();
    folders.extend(output_of("go", &["env", "GOPATH"]).map(|path| Path::new(&path).join("bin")));
    folders.extend(env::home_dir().map(|home| home.join("go/bin")));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mc");
        fs::write(&path, format!("#!/bin/sh\necho '{text}'\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        (folder, path)
    }

    #[test]
    fn a_program_that_is_something_else_is_refused() {
        let (_folder, path) = script("GNU Midnight Commander 4.8.29");
        assert!(!is(&path, &["--version"], "mc version"));
    }

    #[test]
    fn a_program_that_says_its_name_is_found() {
        let (_folder, path) = script("mc version DEVELOPMENT");
        assert!(is(&path, &["--version"], "mc version"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(!is(&path, &["--version"], "mc version"));
    }
}
