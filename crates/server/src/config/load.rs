use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::sources::{Assignment, Source, environment};
use super::validate::validate;
use super::values::{Given, Mismatch};
use super::{Config, Secret, file, keys, suggestion};

/// What the flags of a command set. They override every other source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// The file that `--config` names.
    pub(crate) file: Option<PathBuf>,
    /// The flag, the key and its value, in the order in which they were given.
    pub(crate) values: Vec<(&'static str, String, Zeroizing<String>)>,
}

/// The configuration, and how it came about.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// The configuration.
    pub(crate) config: Config,
    /// The file that was read.
    pub(crate) file: Option<PathBuf>,
    /// Where the values that are not defaults come from.
    pub(crate) sources: BTreeMap<&'static str, Source>,
    /// What the operator should know although it stops nothing.
    pub(crate) warnings: Vec<String>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A source sets a key that does not exist. The value is not shown: it may be a secret under a misspelt key.
    #[error("{key} ({at}): there is no such key; {hint}")]
    UnknownKey {
        /// The name as the source has it.
        key: String,
        /// The source.
        at: Source,
        /// The key that may have been meant.
        hint: String,
    },
    /// A value cannot be that of its key.
    #[error("{key} ({at}): {problem}")]
    Value {
        /// The key.
        key: &'static str,
        /// The source.
        at: Source,
        /// What is wrong.
        problem: Mismatch,
    },
    /// A value is refused, by itself or beside others.
    #[error("{}: {problem}", place(key, at.as_ref()))]
    Invalid {
        /// The key.
        key: &'static str,
        /// The source, unless it is a default.
        at: Option<Source>,
        /// What is wrong.
        problem: String,
    },
    /// An environment variable with bytes that are not UTF-8.
    #[error("the environment variable {0} must be valid UTF-8")]
    NotUtf8(String),
    /// The file that `--config` names does not exist.
    #[error("the configuration file {} does not exist; name another with --config", .0.display())]
    NoFile(PathBuf),
    /// A folder in place of the file.
    #[error(
        "the configuration file {path} is a folder; name the file in it with --config {path}/storage-hub.toml",
        path = .0.display()
    )]
    Folder(PathBuf),
    /// The file exists and cannot be read.
    #[error("the configuration file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration file {}, line {line}, is not valid TOML: {problem}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// The file of a secret cannot be read.
    #[error("{}: the file {} cannot be read", place(&format!("{key}_file"), at.as_ref()), path.display())]
    SecretFile {
        /// The key of the secret.
        key: &'static str,
        /// The source of the file's name.
        at: Option<Source>,
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A secret is given by value and by file.
    #[error("{0} and {0}_file are both set; set one of them")]
    Both(&'static str),
    /// The data folder cannot be made absolute.
    #[error("data_dir: the current folder cannot be determined")]
    CurrentFolder(#[source] io::Error),
}

fn place(key: &str, at: Option<&Source>) -> String {
    match at {
        Some(at) => format!("{key} ({at})"),
        None => key.to_owned(),
    }
}

/// Reads the configuration of this process.
///
/// # Errors
/// [`ConfigError`], which names the key, its source, and what would be right. No message contains a secret.
pub(crate) fn load(overrides: &Overrides) -> Result<Loaded, ConfigError> {
    let file = file::read(overrides.file.as_deref())?;
    let (variables, mut warnings) = environment(std::env::vars_os())?;
    let flags = overrides.values.iter().map(|(flag, key, value)| Assignment {
        name: key.clone(),
        given: Given::Text(value.clone()),
        at: Source::Flag(flag),
    });
    let (file, values) = file.map_or((None, Vec::new()), |(path, values)| (Some(path), values));

    let (mut config, mut sources) = (Config::default(), BTreeMap::new());
    for Assignment { name, given, at } in values.into_iter().chain(variables).chain(flags) {
        let Some(key) = keys::find(&name) else {
            let hint = suggestion::hint(&name, &at);
            return Err(ConfigError::UnknownKey { key: name, at, hint });
        };
        match (key.set)(&mut config, &given) {
            Ok(()) => sources.insert(key.name, at),
            Err(problem) => return Err(ConfigError::Value { key: key.name, at, problem }),
        };
    }
    // Messages and the banner then say which folder it is, wherever the process was started.
    config.data_dir = std::path::absolute(&config.data_dir).map_err(ConfigError::CurrentFolder)?;
    read_secret_files(&mut config, &sources)?;
    validate(&config).map_err(|(key, problem)| {
        let from_file = || sources.get(format!("{key}_file").as_str());
        let at = sources.get(key).or_else(from_file).cloned();
        ConfigError::Invalid { key, at, problem }
    })?;
    warnings.extend(config.public_url_warnings());
    Ok(Loaded { config, file, sources, warnings })
}

fn read_secret_files(config: &mut Config, sources: &BTreeMap<&'static str, Source>) -> Result<(), ConfigError> {
    let Config { database, store, auth, admin, .. } = config;
    let secrets: [(&'static str, &mut Option<Secret>, &Option<PathBuf>); 5] = [
        ("database.url", &mut database.url, &database.url_file),
        ("store.secret_key", &mut store.secret_key, &store.secret_key_file),
        ("auth.jwt_secret", &mut auth.jwt_secret, &auth.jwt_secret_file),
        ("auth.vault_key", &mut auth.vault_key, &auth.vault_key_file),
        ("admin.password", &mut admin.password, &admin.password_file),
    ];
    for (key, secret, file) in secrets {
        let Some(path) = file else { continue };
        if secret.is_some() {
            return Err(ConfigError::Both(key));
        }
        let at = sources.get(format!("{key}_file").as_str()).cloned();
        *secret = Some(read_secret(path).map_err(|source| ConfigError::SecretFile {
            key,
            at,
            path: path.clone(),
            source,
        })?);
    }
    Ok(())
}

/// The text of the file without the line break at its end, which editors and `echo` add.
fn read_secret(path: &Path) -> io::Result<Secret> {
    let text = Zeroizing::new(fs::read_to_string(path)?);
    Ok(Secret::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests;
