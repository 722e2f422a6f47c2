//! Answers about what cannot be configured here. Tools read these settings of every bucket and object, and take the answer
//! for "none". `docs/s3-compatibility.md` contains the table, and a test compares the two.

use storage_hub_s3_protocol::error::{ErrorCode, S3Error};
use storage_hub_s3_protocol::operation_name::OperationName;

use crate::access::{Needed, needed};

/// The answer to one operation, whatever bucket or object it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedAnswer {
    pub(crate) operation: OperationName,
    /// Whether it is about an object, which must exist.
    pub(crate) of_object: bool,
    pub(crate) answer: Fixed,
}

/// What is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fixed {
    /// 200 with this element: its name and what it contains.
    Element(&'static str, &'static str),
    /// An error.
    Error(ErrorCode),
}

const fn of_bucket(operation: OperationName, answer: Fixed) -> FixedAnswer {
    FixedAnswer { operation, of_object: false, answer }
}

const fn of_object(operation: OperationName, answer: Fixed) -> FixedAnswer {
    FixedAnswer { operation, of_object: true, answer }
}

/// The owner has all rights. What others have is told by the hub, in its own words.
const OWNER_ONLY: &str = "<Owner><ID>storage-hub</ID><DisplayName>storage-hub</DisplayName></Owner><AccessControlList>\
    <Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">\
    <ID>storage-hub</ID><DisplayName>storage-hub</DisplayName></Grantee><Permission>FULL_CONTROL</Permission></Grant>\
    </AccessControlList>";

/// Every fixed answer.
pub(crate) const FIXED_ANSWERS: &[FixedAnswer] = &[
    of_bucket(OperationName::GetBucketAcl, Fixed::Element("AccessControlPolicy", OWNER_ONLY)),
    of_bucket(
        OperationName::GetBucketEncryption,
        Fixed::Error(ErrorCode::ServerSideEncryptionConfigurationNotFoundError),
    ),
    of_bucket(OperationName::GetBucketWebsite, Fixed::Error(ErrorCode::NoSuchWebsiteConfiguration)),
    of_bucket(OperationName::GetBucketReplication, Fixed::Error(ErrorCode::ReplicationConfigurationNotFoundError)),
    of_bucket(OperationName::GetBucketLogging, Fixed::Element("BucketLoggingStatus", "")),
    of_bucket(OperationName::GetBucketNotificationConfiguration, Fixed::Element("NotificationConfiguration", "")),
    of_bucket(
        OperationName::GetBucketRequestPayment,
        Fixed::Element("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"),
    ),
    of_bucket(OperationName::GetBucketAccelerateConfiguration, Fixed::Element("AccelerateConfiguration", "")),
    of_object(OperationName::GetObjectAcl, Fixed::Element("AccessControlPolicy", OWNER_ONLY)),
];

/// The fixed answer to an operation; `None` if it has none.
pub(crate) fn find(operation: OperationName) -> Option<&'static FixedAnswer> {
    FIXED_ANSWERS.iter().find(|fixed| fixed.operation == operation)
}

impl Fixed {
    /// The document of a successful answer.
    ///
    /// # Errors
    /// The error that is the answer.
    pub(crate) fn document(self) -> Result<String, S3Error> {
        match self {
            Self::Element(name, content) => Ok(format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <{name} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</{name}>"
            )),
            Self::Error(code) => Err(S3Error::new(code)),
        }
    }
}

/// The table in `docs/s3-compatibility.md`.
#[must_use]
pub fn fixed_answers_table() -> String {
    let mut table = "| operation | needs | status | code or element |\n|---|---|---|---|\n".to_owned();
    for FixedAnswer { operation, answer, .. } in FIXED_ANSWERS {
        let action = match needed(*operation, false) {
            Needed::Service(action) | Needed::Bucket(action) => action.iam_name(),
            Needed::NotImplemented => "",
        };
        let (status, what) = match answer {
            Fixed::Element(name, _) => (200, *name),
            Fixed::Error(code) => (code.status().as_u16(), code.name()),
        };
        table.push_str(&format!("| `{}` | `{action}` | {status} | `{what}` |\n", operation.as_str()));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_with_a_fixed_answer_needs_an_action() {
        for fixed in FIXED_ANSWERS {
            assert!(matches!(needed(fixed.operation, false), Needed::Bucket(_)), "{}", fixed.operation.as_str());
        }
    }

    #[test]
    fn the_documentation_contains_the_table() {
        let documentation = include_str!("../../../docs/s3-compatibility.md");
        let table = fixed_answers_table();
        assert!(documentation.contains(&table), "docs/s3-compatibility.md must contain this table:\n{table}");
    }
}
