use anyhow::Context as _;
use storage_hub_core::context::Ports;
use storage_hub_core::domain::{Email, Password};
use storage_hub_core::use_cases::accounts::SignUp;
use storage_hub_core::use_cases::administration::{self, AdministrationError};

use crate::cli::admin::generate_password;
use crate::config::Config;

/// Creates the administrator when there is no account yet. Returns its email address, and its password if that was
/// generated.
pub(super) async fn create_first_admin(
    config: &Config,
    ports: &Ports,
) -> anyhow::Result<Option<(Email, Option<Password>)>> {
    if !administration::is_first_start(ports).await? {
        return Ok(None);
    }
    let email = Email::parse(&config.admin.email).context("admin.email is invalid")?;
    let (password, generated) = match &config.admin.password {
        Some(given) => (Password::parse(given.expose().to_owned()).context("admin.password is invalid")?, None),
        None => {
            let password = generate_password()?;
            (password.clone(), Some(password))
        }
    };
    match administration::create_admin(ports, SignUp { email: email.clone(), password }).await {
        Ok(_) => Ok(Some((email, generated))),
        // Another replica was faster.
        Err(AdministrationError::EmailTaken(_)) => Ok(None),
        // The account is recorded, and the reconciler applies it to the store later.
        Err(AdministrationError::Fault(fault)) if fault.is_temporary() => {
            tracing::warn!("created the administrator, but the store is unavailable; the change is applied later");
            Ok(Some((email, generated)))
        }
        Err(error) => Err(error.into()),
    }
}
