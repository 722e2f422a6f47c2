use std::fmt;

/// Numbers of tests by their outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Totals {
    /// Counts tests that passed.
    pub(crate) fn passed(tests: usize) -> Self {
        Self { passed: tests, ..Self::default() }
    }

    /// Counts tests that were skipped.
    pub(crate) fn skipped(tests: usize) -> Self {
        Self { skipped: tests, ..Self::default() }
    }

    /// Adds both.
    pub(crate) fn plus(self, other: Self) -> Self {
        let Self { passed, failed, skipped } = other;
        Self { passed: self.passed + passed, failed: self.failed + failed, skipped: self.skipped + skipped }
    }

    /// Adds the numbers of a line, if it is the summary of a test binary.
    pub(super) fn read_line(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else { return };
        let Some((_, counts)) = rest.split_once(". ") else { return };
        for count in counts.split(';') {
            match count.trim().split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse::<usize>().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse::<usize>().unwrap_or(0),
                Some((number, "ignored")) => self.skipped += number.parse::<usize>().unwrap_or(0),
                _ => {}
            }
        }
    }

    /// Takes tests that returned early out of those that passed.
    pub(super) fn count_skipped(&mut self, tests: usize) {
        self.passed = self.passed.saturating_sub(tests);
        self.skipped += tests;
    }
}

/// The line that CI reads.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summaries_of_all_binaries_add_up() {
        let mut totals = Totals::default();
        totals.read_line(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.1s\n",
        );
        totals.read_line("test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out\n");
        totals.read_line("test a_test_result ... ok\n");
        assert_eq!(totals, Totals { passed: 14, failed: 4, skipped: 1 });
    }

    #[test]
    fn what_runs_beside_the_tests_is_counted_with_them() {
        let totals = Totals { passed: 5, failed: 1, skipped: 0 }.plus(Totals::passed(2)).plus(Totals::skipped(3));
        assert_eq!(totals.to_string(), "7 passed, 1 failed, 3 skipped");
    }

    #[test]
    fn a_test_that_skipped_itself_has_not_passed() {
        let mut totals = Totals { passed: 5, failed: 1, skipped: 0 };
        totals.count_skipped(2);
        assert_eq!(totals.to_string(), "3 passed, 1 failed, 2 skipped");
    }
}
