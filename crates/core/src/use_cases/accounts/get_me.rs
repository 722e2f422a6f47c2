use super::AccountError;
use crate::context::Ports;
use crate::domain::User;
use crate::use_cases::admission::Actor;

/// The user who asks.
///
/// # Errors
/// [`AccountError::Session`]; [`AccountError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn get_me(ports: &Ports, actor: &Actor) -> Result<User, AccountError> {
    Ok(actor.find_user(ports).await?.into_user())
}
