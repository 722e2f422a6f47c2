use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A level of access that an entry gives to the holders of its grant. Each level includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Read the resource.
    Read,
    /// Change the contents of the resource.
    Write,
    /// Change the settings of the resource.
    Manage,
}

/// An unknown name of a level of access.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("access level must be `read`, `write` or `manage`, got `{0}`")]
pub struct UnknownAccess(pub String);

impl Access {
    /// All levels, the lowest first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Manage];

    /// The name of the level in the API, the tables and the policies.
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
