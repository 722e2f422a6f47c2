//! Where values come from, besides the file.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::load::ConfigError;
use super::suggestion;
use super::values::Given;

/// What the names of all environment variables of the hub begin with.
const PREFIX: &str = "STORAGE_HUB_";
/// Variables with this prefix belong to the tests.
const TEST_PREFIX: &str = "STORAGE_HUB_TEST_";

/// The place that a value was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A line of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A flag, such as `--set`.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// One value that a source gives.
pub(super) struct Assignment {
    /// The dotted name of the key, which need not exist.
    pub(super) name: String,
    /// The value.
    pub(super) given: Given,
    /// The source.
    pub(super) at: Source,
}

/// What the environment sets, and warnings about variables that look like a misspelt key.
///
/// A variable without `__` is not a key, except `STORAGE_HUB_DATA_DIR`: Kubernetes sets `STORAGE_HUB_PORT` and the like
/// for a service that is called `storage-hub`, and these must not stop a start.
///
/// # Errors
/// When the value of a key is not UTF-8.
pub(super) fn environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<(Vec<Assignment>, Vec<String>), ConfigError> {
    let (mut assignments, mut warnings) = (Vec::new(), Vec::new());
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        let upper = name.to_ascii_uppercase();
        let Some(rest) = upper.strip_prefix(PREFIX).filter(|_| !upper.starts_with(TEST_PREFIX)) else { continue };
        if !rest.contains("__") && rest != "DATA_DIR" {
            warnings.extend(suggestion::variable_near(rest).map(|near| {
                format!("the environment variable {name} was ignored: it is not a key; did you mean {near}?")
            }));
            continue;
        }
        let at = Source::Environment(name.to_owned());
        let value = value.into_string().map_err(|_| ConfigError::NotUtf8(name.to_owned()))?;
        let key = rest.to_ascii_lowercase().replace("__", ".");
        assignments.push(Assignment { name: key, given: Given::Text(Zeroizing::new(value)), at });
    }
    // The order of the environment is arbitrary; messages should not be.
    assignments.sort_by(|a, b| a.name.cmp(&b.name));
    warnings.sort();
    Ok((assignments, warnings))
}

/// The environment variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}
