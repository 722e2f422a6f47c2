use serde_json::Value;

use super::engine::{Engine, Record};
use super::explain::Evidence;
use super::{AclOptions, Explanation, Subject, walk};

/// How a check refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Refusal {
    /// Nobody is signed in, and the document is not public.
    #[error("unauthenticated: sign in first")]
    Unauthenticated,
    /// Somebody is signed in, and may not.
    #[error("forbidden: none of your grants allows it")]
    Forbidden,
}

impl Refusal {
    /// How this subject is refused.
    #[must_use]
    pub const fn of(subject: &Subject) -> Self {
        if subject.is_anonymous() { Self::Unauthenticated } else { Self::Forbidden }
    }

    /// 401 or 403.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
        }
    }
}

impl AclOptions {
    /// Whether the subject may have the whole document, with all that is nested in it.
    ///
    /// Goes through the document without recursion and without changing it: depth and size cost time in proportion,
    /// and no stack. A document without nested objects costs no allocation, up to 64 grants of the subject.
    ///
    /// # Errors
    /// [`Refusal`] when the subject lacks a grant, when a list of grants is not an array of strings, when the document
    /// has no grants of its own (unless [`root_must_have_grants`](super::AclOptionsBuilder::root_must_have_grants) is
    /// off), and when it has none anywhere.
    pub fn check(&self, subject: &Subject, document: &Value) -> Result<(), Refusal> {
        self.decide(subject, document, ()).0
    }

    /// The decision of [`Self::check`] with its reasons.
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
