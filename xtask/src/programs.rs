//! Where programs are that may be installed, and whether they are what their name says.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program of this name in PATH or where Go installs programs, if it is the right one.
///
/// Names such as `mc` belong to several programs: what it prints when called with `version` must start with `proof`.
pub(crate) fn find(name: &str, version: &[&str], proof: &str) -> Option<PathBuf> {
    search_folders().into_iter().map(|folder| folder.join(name)).find(|path| is(path, version, proof))
}

/// Whether there is such a program and it prints what starts with `proof`.
pub(crate) fn is(path: &Path, version: &[&str], proof: &str) -> bool {
    is_executable(path) && output_of(path, version).is_some_and(|text| text.starts_with(proof))
}

/// What a program prints on standard output, if it succeeds.
pub(crate) fn output_of(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether the path leads to a file that may be executed.
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
