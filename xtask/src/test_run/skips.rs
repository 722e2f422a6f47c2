use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context as _, Result};

use crate::cargo::workspace;

/// The file in which tests record that they were skipped. Each line has the test binary, the test and the missing program,
/// separated by tabs.
///
/// It is in the target folder, so that a run that is killed leaves nothing outside of it.
pub(super) struct SkipFile(PathBuf);

impl SkipFile {
    /// The environment variable with its path.
    pub(super) const VARIABLE: &str = "STORAGE_HUB_TEST_SKIPS";

    pub(super) fn create() -> Result<Self> {
        let folder = workspace().join("target/xtask");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("skips-{}", process::id()));
        File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn read(&self) -> Result<Skips> {
        Ok(Skips::parse(&fs::read_to_string(&self.0)?))
    }
}

impl Drop for SkipFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            eprintln!("warning: cannot remove {}: {error}", self.0.display());
        }
    }
}

/// Skipped tests, by what was missing.
pub(super) struct Skips(BTreeMap<String, BTreeSet<String>>);

impl Skips {
    fn parse(text: &str) -> Self {
        let mut by_want: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (test, want) in text.lines().filter_map(|line| line.rsplit_once('\t')) {
            by_want.entry(want.to_owned()).or_default().insert(test.to_owned());
        }
        Self(by_want)
    }

    /// The number of skipped tests, each counted once.
    pub(super) fn tests(&self) -> usize {
        self.0.values().flatten().collect::<BTreeSet<_>>().len()
    }

    /// A line for each thing that was missing.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(want, tests)| format!("{} tests need {want}", tests.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_needs_two_programs_is_skipped_once() {
        let skips = Skips::parse("it-1\ta::b\tMinIO\nit-1\ta::b\tMinIO\nit-1\ta::b\tPostgreSQL\nit-2\ta::b\tMinIO\n");
        assert_eq!(skips.tests(), 2);
        let lines: Vec<_> = skips.lines().collect();
        assert_eq!(lines, ["2 tests need MinIO", "1 tests need PostgreSQL"]);
    }
}
