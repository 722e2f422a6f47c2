//! The configuration file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::load::ConfigError;
use super::sources::{Assignment, Source};
use super::values::Given;

/// The file that is read when none is named, if it exists.
pub(super) const DEFAULT_FILE: &str = "storage-hub.toml";

/// What the file sets, and which file that is; `None` when no file was named and the default one does not exist.
///
/// # Errors
/// When the file cannot be read, is a folder, or is not valid TOML. No message quotes a line of the file, because the
/// line may hold a secret.
pub(super) fn read(named: Option<&Path>) -> Result<Option<(PathBuf, Vec<Assignment>)>, ConfigError> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    if path.is_dir() {
        return Err(ConfigError::Folder(path.to_owned()));
    }
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(ConfigError::NoFile(path.to_owned())),
        Err(error) => return Err(ConfigError::Unreadable { path: path.to_owned(), source: error }),
    };
    let table = DeTable::parse(&text).map_err(|error| ConfigError::Syntax {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| line_of(&text, span.start)),
        problem: error.message().to_owned(),
    })?;
    let mut assignments = Vec::new();
    collect(&text, path, "", table.get_ref(), &mut assignments);
    Ok(Some((path.to_owned(), assignments)))
}

/// Flattens tables into dotted names. A table whose name is a key stays whole: it is a wrong value of that key.
fn collect(text: &str, path: &Path, prefix: &str, table: &DeTable<'_>, assignments: &mut Vec<Assignment>) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        let at = || Source::File { path: path.to_owned(), line: line_of(text, name.span().start) };
        match value.get_ref() {
            DeValue::Table(inner) if super::keys::find(&key).is_none() && !inner.is_empty() => {
                collect(text, path, &format!("{key}."), inner, assignments);
            }
            // An empty section sets nothing.
            DeValue::Table(_) if super::suggestion::is_section(&key) => {}
            DeValue::Array(items) => {
                let items = items.iter().map(|item| scalar(text, item)).collect();
                assignments.push(Assignment { name: key, given: Given::List(items), at: at() });
            }
            DeValue::Table(_) => assignments.push(Assignment { name: key, given: Given::Table, at: at() }),
            _ => assignments.push(Assignment { name: key, given: Given::Text(scalar(text, value)), at: at() }),
        }
    }
}

/// A string without its quotes, anything else as it is written.
fn scalar(text: &str, value: &Spanned<DeValue<'_>>) -> Zeroizing<String> {
    let written = || text.get(value.span()).unwrap_or_default();
    Zeroizing::new(value.get_ref().as_str().unwrap_or_else(written).to_owned())
}

fn line_of(text: &str, position: usize) -> usize {
    text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1
}
