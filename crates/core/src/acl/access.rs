use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an entry allows to those who hold its grant: each level includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// See it.
    Read,
    /// Change what is in it.
    Write,
    /// Change its settings.
    Manage,
}

/// A word that names no level of access.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no access level; use read, write or manage")]
pub struct UnknownAccess(pub String);

impl Access {
    /// Every level, the least first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Manage];

    /// The level as the word that the API, the tables and the policies use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Manage => "manage",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Access {
    type Err = UnknownAccess;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or_else(|| UnknownAccess(text.to_owned()))
    }
}
