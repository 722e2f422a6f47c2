/// The reason of an error, for logs.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// A request would not have reached exactly the bucket and key that it is about. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The path or the query of the finished URL is another one.
    #[error("the URL of the request does not name exactly the bucket and the key that it must name")]
    Url,
    /// The copy source is another one.
    #[error("the copy source of the request does not name exactly the bucket and the key that it must name")]
    CopySource,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The request would not have reached its target. Nothing was sent.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The endpoint did not answer, or not in time. The request may have had its effect.
    #[error("the store is not available")]
    Unavailable(#[source] Source),
    /// The request could not be written or signed. Nothing was sent.
    #[error("the request cannot be sent")]
    Unsendable(#[source] Source),
}

impl ClientError {
    /// Removes the URL, because its query may name policies and users, which do not belong into a log.
    pub(crate) fn unavailable(error: reqwest::Error) -> Self {
        Self::Unavailable(error.without_url().into())
    }
}
