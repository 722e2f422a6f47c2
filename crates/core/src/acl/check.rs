use serde_json::Value;

use super::engine::{Engine, Record};
use super::explain::Evidence;
use super::{AclOptions, Explanation, Subject, walk};

/// The refusal of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Refusal {
    /// The caller is not signed in, and the document is not public.
    #[error("not signed in; sign in first")]
    Unauthenticated,
    /// The caller is signed in and lacks access.
    #[error("access denied; none of your grants allows it")]
    Forbidden,
}

impl Refusal {
    /// The refusal for this subject: by whether it is anonymous.
    #[must_use]
    pub const fn of(subject: &Subject) -> Self {
        if subject.is_anonymous() { Self::Unauthenticated } else { Self::Forbidden }
    }

    /// The HTTP status: 401 or 403.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
        }
    }
}

impl AclOptions {
    /// Checks that the subject may read the whole document, including all nested objects.
    ///
    /// The walk does not recurse: it takes time in proportion to the size of the document, and no stack. It allocates
    /// nothing when the document has no nested objects and the subject has up to 64 grants.
    ///
    /// # Errors
    /// [`Refusal`] when the subject lacks a grant, when a list of grants is not an array of strings, when the document
    /// has no grants of its own (unless [`root_must_have_grants`](super::AclOptionsBuilder::root_must_have_grants) is
    /// off), and when it has none anywhere.
    pub fn check(&self, subject: &Subject, document: &Value) -> Result<(), Refusal> {
        self.decide(subject, document, ()).0
    }

    /// Decides like [`Self::check`] and returns the reasons.
    #[must_use]
    pub fn explain(&self, subject: &Subject, document: &Value) -> Explanation {
        let (outcome, evidence) = self.decide(subject, document, Evidence::default());
        evidence.into_explanation(outcome, self.nesting, subject)
    }

    fn decide<'d, R: Record<'d>>(&self, subject: &Subject, document: &'d Value, record: R) -> (Result<(), Refusal>, R) {
        let mut engine = Engine::new(subject, self.nesting, record);
        walk::levels(self, document, &mut engine);
        (engine.outcome(), engine.record)
    }
}
