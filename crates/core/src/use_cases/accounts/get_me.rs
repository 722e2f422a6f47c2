use super::AccountError;
use crate::context::Ports;
use crate::domain::User;
use crate::use_cases::admission::Actor;

/// Gets the caller's account.
///
/// # Errors
/// [`AccountError::Session`]; [`AccountError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn get_me(ports: &Ports, actor: &Actor) -> Result<User, AccountError> {
    Ok(actor.find_user(ports).await?.into_user())
}
