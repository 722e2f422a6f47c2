use std::fs;
use std::io::ErrorKind;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::cargo::workspace;

/// The files that git tracks or would add.
pub(super) struct Tree {
    /// Ordered like in git.
    pub(super) files: Vec<File>,
}

/// A file and its content.
pub(super) struct File {
    /// Relative to the top folder, separated by `/`.
    pub(super) path: String,
    /// Empty if the file is not text.
    pub(super) text: String,
}

impl Tree {
    /// Reads the files of the workspace.
    pub(super) fn read() -> Result<Self> {
        let mut git = Command::new("git");
        git.current_dir(workspace()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let output = git.output().context("cannot run git")?;
        ensure!(output.status.success(), "git ls-files failed:\n{}", String::from_utf8_lossy(&output.stderr));
        let list = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
        let mut files = Vec::new();
        for path in list.split_terminator('\0') {
            match fs::read(workspace().join(path)) {
                Ok(bytes) => {
                    files.push(File { path: path.to_owned(), text: String::from_utf8(bytes).unwrap_or_default() });
                }
                // The deletion is not committed yet.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot read {path}")),
            }
        }
        Ok(Self { files })
    }

    /// A tree for tests.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { files: files.iter().map(file).collect() }
    }
}

impl File {
    /// The part after the last slash.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether its name has one of these extensions.
    pub(super) fn has_extension(&self, extensions: &[&str]) -> bool {
        self.name().rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }
}
