//! HTML forms (`POST` policy): the fields, then the file.
//!
//! ```text
//! FormReader ──▶ FormFields ──▶ FormClaim (who signed the policy)
//!     │              └────────▶ PostObject (what the policy allows, and what is stored)
//!     └────────▶ the file, as it arrives ──▶ BodyVerifier (PostObject::verifier)
//! ```
//!
//! Nothing of the file is held in memory, and at most 64 KiB of what comes before it.

mod answer;
mod file_scanner;
mod part_head;
mod policy;
mod post_object;
mod reader;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use policy::PostPolicy;
pub use post_object::{PostObject, SuccessAction};
pub use reader::{FormEvent, FormReader};

/// The fields of a form that come before its file, each of which is there once. Names are in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormFields {
    fields: BTreeMap<String, String>,
    /// The last segment of the name that the client gives for the file.
    file_name: String,
}

impl FormFields {
    /// The value of a field, whose name is in lower case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// All fields, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The name of the file, without folders.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file_name
    }
}
