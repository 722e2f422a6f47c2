use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use storage_hub_adapter_crypto::OsIdSource;
use storage_hub_core::domain::{Email, Password, User};
use storage_hub_core::ports::IdSource as _;
use storage_hub_core::use_cases::accounts::SignUp;
use storage_hub_core::use_cases::administration;

use super::output::print_line;
use super::release_name::{self, ReleasedBucket};
use crate::config::Config;
use crate::wiring::{Purpose, assemble};

/// Make admins, disable and enable accounts, reset passwords, release names
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    #[command(flatten)]
    Account(AccountCommand),
    /// Let anybody take the name of a deleted bucket before its reservation ends
    ///
    /// Until then the store may complete requests that it admitted before the deletion, in the next bucket of the name.
    ReleaseName(ReleasedBucket),
}

/// What concerns one account.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account that is an admin
    Create(WithPassword),
    /// Make an account an admin
    Promote(Who),
    /// Keep an account from doing anything; its tokens and temporary credentials end
    Disable(Who),
    /// Let a disabled account do what it could do again
    Enable(Who),
    /// Set an account's password; its tokens end
    ResetPassword(WithPassword),
}

/// An account.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// The email of the account
    email: String,
}

/// An account and a password for it.
#[derive(Debug, Args)]
pub(crate) struct WithPassword {
    #[command(flatten)]
    who: Who,
    /// Read the password from the first line of standard input; generated and printed when not given
    #[arg(long)]
    password_stdin: bool,
}

/// Does what an administrator asks for.
pub(crate) async fn run(config: &Config, command: AdminCommand) -> anyhow::Result<ExitCode> {
    match command {
        AdminCommand::Account(command) => administer(config, command).await,
        AdminCommand::ReleaseName(released) => release_name::run(config, &released).await,
    }
}

async fn administer(config: &Config, command: AccountCommand) -> anyhow::Result<ExitCode> {
    // Bad input is refused before anything is opened.
    let (AccountCommand::Create(WithPassword { who, .. })
    | AccountCommand::ResetPassword(WithPassword { who, .. })
    | AccountCommand::Promote(who)
    | AccountCommand::Disable(who)
    | AccountCommand::Enable(who)) = &command;
    let email = Email::parse(&who.email).with_context(|| format!("{:?} is no email", who.email))?;
    let password = match &command {
        AccountCommand::Create(with) | AccountCommand::ResetPassword(with) => Some(choose_password(with)?),
        AccountCommand::Promote(_) | AccountCommand::Disable(_) | AccountCommand::Enable(_) => None,
    };
    let purpose = if matches!(command, AccountCommand::Create(_)) { Purpose::Create } else { Purpose::Tool };
    let hub = assemble(config, purpose).await?;
    if hub.is_new {
        print_line!("created a new hub on {}", hub.summary)?;
    }
    let ports = hub.ports;
    let (user, done): (User, &str) = match (&command, &password) {
        (AccountCommand::Create(_), Some(password)) => {
            let command = SignUp { email, password: password.password.clone() };
            (administration::create_admin(&ports, command).await?, "is now an admin")
        }
        (AccountCommand::ResetPassword(_), Some(password)) => {
            (administration::reset_password(&ports, &email, &password.password).await?, "has a new password")
        }
        (AccountCommand::Disable(_), _) => (administration::disable(&ports, &email).await?, "is disabled"),
        (AccountCommand::Enable(_), _) => (administration::enable(&ports, &email).await?, "is enabled"),
        (AccountCommand::Promote(_) | AccountCommand::Create(_) | AccountCommand::ResetPassword(_), _) => {
            (administration::promote(&ports, &email).await?, "is now an admin")
        }
    };
    print_line!("{} {done}", user.email)?;
    if let Some(ChosenPassword { password, generated: true }) = password {
        print_line!("password: {}", password.expose())?;
    }
    Ok(ExitCode::SUCCESS)
}

struct ChosenPassword {
    password: Password,
    generated: bool,
}

fn choose_password(with: &WithPassword) -> anyhow::Result<ChosenPassword> {
    if !with.password_stdin {
        return Ok(ChosenPassword { password: generate_password()?, generated: true });
    }
    anyhow::ensure!(!std::io::stdin().is_terminal(), "--password-stdin reads a pipe or a file, not the terminal");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
    let password = Password::parse(line.trim_end_matches(['\r', '\n']).to_owned())?;
    Ok(ChosenPassword { password, generated: false })
}

/// 24 letters and digits of the operating system's randomness.
pub(crate) fn generate_password() -> anyhow::Result<Password> {
    let secret = OsIdSource.secret_key();
    Ok(Password::parse(secret.expose().chars().take(24).collect())?)
}
