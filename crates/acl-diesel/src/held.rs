use storage_hub_core::acl::{Grant, Subject};

/// The subject's grants, in the form that each database accepts as one bound value.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    #[cfg(feature = "postgres")]
    pub(crate) words: Vec<String>,
    #[cfg(feature = "sqlite")]
    pub(crate) json: String,
}

impl Held {
    pub(crate) fn by(subject: &Subject) -> Self {
        let words: Vec<String> = subject.grants().iter().map(Grant::as_str).map(str::to_owned).collect();
        Self {
            #[cfg(feature = "sqlite")]
            json: serde_json::Value::from(words.clone()).to_string(),
            #[cfg(feature = "postgres")]
            words,
        }
    }
}
