//! The versioning configuration of a bucket.

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::xml::{self, XmlWriter};

/// Whether a bucket keeps versions. A bucket that never had versioning has no state, and can never return to having none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VersioningState {
    /// Every write creates a version with an id of its own.
    #[default]
    Enabled,
    /// Existing versions stay; writes replace the version `null`.
    Suspended,
}

impl VersioningState {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Suspended => "Suspended",
        }
    }

    /// Reads the document of `PutBucketVersioning`.
    ///
    /// # Errors
    /// `MalformedXML`; `NotImplemented` for `MfaDelete` and for what other servers have added.
    pub fn parse(document: &[u8]) -> S3Result<Self> {
        let root = xml::parse(document, 100)?;
        root.expect_name("VersioningConfiguration")?;
        if let Some(mfa) = root.text_of("MfaDelete")?
            && mfa.trim() != "Disabled"
        {
            return Err(not_implemented("MFA delete is not implemented."));
        }
        let unknown = root.children().iter().find(|child| !matches!(child.name(), "Status" | "MfaDelete"));
        if let Some(unknown) = unknown {
            return Err(not_implemented(format!("The element `{}` is not implemented.", unknown.name())));
        }
        Self::read(root.text_of("Status")?)?.ok_or_else(wrong_status)
    }

    /// Reads the document of the answer to `GetBucketVersioning`. `None`: the bucket never had versioning.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub fn parse_answer(document: &[u8]) -> S3Result<Option<Self>> {
        let root = xml::parse(document, 100)?;
        root.expect_name("VersioningConfiguration")?;
        Self::read(root.text_of("Status")?)
    }

    fn read(status: Option<&str>) -> S3Result<Option<Self>> {
        match status.map(str::trim) {
            None | Some("") => Ok(None),
            Some("Enabled") => Ok(Some(Self::Enabled)),
            Some("Suspended") => Ok(Some(Self::Suspended)),
            Some(_) => Err(wrong_status()),
        }
    }

    /// Writes the document of a state.
    #[must_use]
    pub fn to_document(state: Option<Self>) -> String {
        XmlWriter::answer("VersioningConfiguration", |document| document.opt_text("Status", state.map(Self::name)))
    }
}

fn wrong_status() -> S3Error {
    S3Error::with_message(ErrorCode::MalformedXML, "The `Status` must be Enabled or Suspended.")
}

fn not_implemented(message: impl Into<std::borrow::Cow<'static, str>>) -> S3Error {
    S3Error::with_message(ErrorCode::NotImplemented, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_and_everything_else_refused() {
        let read = |content: &str| {
            let document = format!("<VersioningConfiguration>{content}</VersioningConfiguration>");
            VersioningState::parse(document.as_bytes()).map_err(|error| error.code_of_sentence())
        };
        assert_eq!(read("<Status>Enabled</Status>"), Ok(VersioningState::Enabled));
        assert_eq!(read("<Status>Suspended</Status><MfaDelete>Disabled</MfaDelete>"), Ok(VersioningState::Suspended));
        assert_eq!(read("<Status>enabled</Status>"), Err(ErrorCode::MalformedXML));
        assert_eq!(read("<Status/>"), Err(ErrorCode::MalformedXML));
        assert_eq!(read(""), Err(ErrorCode::MalformedXML));
        assert_eq!(read("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"), Err(ErrorCode::NotImplemented));
        let folders = "<Status>Enabled</Status><ExcludeFolders>true</ExcludeFolders>";
        assert_eq!(read(folders), Err(ErrorCode::NotImplemented));
    }

    #[test]
    fn a_bucket_without_versioning_has_no_state() {
        for state in [None, Some(VersioningState::Enabled), Some(VersioningState::Suspended)] {
            let document = VersioningState::to_document(state);
            assert_eq!(VersioningState::parse_answer(document.as_bytes()).unwrap(), state);
        }
    }
}
