/// Which migrations a database has had, compared with those that this release knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationState {
    /// Those that are still to be run, in their order.
    pub pending: Vec<String>,
    /// Those that this release does not know: a newer release has run them.
    pub unknown: Vec<String>,
}

/// A database whose tables are those of a newer release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was migrated by a newer release (unknown migrations: {}); run that release or a newer one", .0.join(", "))]
pub struct NewerSchema(Vec<String>);

impl MigrationState {
    /// Compares the versions that were applied with the migrations that are known, each a version and a name.
    #[must_use]
    pub fn compare(known: impl IntoIterator<Item = (String, String)>, applied: &[String]) -> Self {
        let mut known: Vec<_> = known.into_iter().collect();
        known.sort();
        let mut unknown: Vec<_> =
            applied.iter().filter(|version| !known.iter().any(|(known, _)| known == *version)).cloned().collect();
        unknown.sort();
        let pending = known.into_iter().filter(|(version, _)| !applied.contains(version)).map(|(_, name)| name);
        Self { pending: pending.collect(), unknown }
    }

    /// Refuses tables that this release does not know: it could misread them, or write what the newer one forbids.
    ///
    /// # Errors
    /// [`NewerSchema`] with the versions.
    pub fn refuse_newer(&self) -> Result<(), NewerSchema> {
        if self.unknown.is_empty() { Ok(()) } else { Err(NewerSchema(self.unknown.clone())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_and_what_is_unknown_are_told_apart() {
        let known = || ["2", "1"].map(|version| (version.to_owned(), format!("{version}_name")));
        let applied = |versions: &[&str]| versions.iter().map(|version| (*version).to_owned()).collect::<Vec<_>>();
        let state = MigrationState::compare(known(), &applied(&[]));
        assert_eq!(state.pending, ["1_name", "2_name"]);
        assert_eq!(state.refuse_newer(), Ok(()));
        let state = MigrationState::compare(known(), &applied(&["1", "4", "3"]));
        assert_eq!(state, MigrationState { pending: applied(&["2_name"]), unknown: applied(&["3", "4"]) });
        assert!(state.refuse_newer().unwrap_err().to_string().contains("unknown migrations: 3, 4"));
    }
}
