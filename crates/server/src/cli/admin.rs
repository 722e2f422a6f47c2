mod listing;

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use storage_hub_adapter_crypto::OsIdSource;
use storage_hub_core::domain::{Email, Password};
use storage_hub_core::ports::IdSource as _;
use storage_hub_core::use_cases::accounts::SignUp;
use storage_hub_core::use_cases::administration;

use super::output::print_line;
use super::release_name::{self, ReleasedBucket};
use crate::config::Config;
use crate::wiring::{Purpose, assemble};

/// Create, list, promote, demote, disable and enable accounts; reset passwords; list buckets; release names
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Let anybody take the name of a deleted bucket before its reservation ends
    ///
    /// Until then the store may complete requests that it admitted before the deletion, in the next bucket of the name.
    ReleaseName(ReleasedBucket),
    /// Create an account and print its password once, whether sign-up is open or closed
    AddUser(WithPassword),
    /// Create an account that is an administrator
    Create(WithPassword),
    /// Make an account an administrator
    Promote(Who),
    /// Make an administrator an ordinary account; the last enabled administrator stays
    Demote(Who),
    /// Disable an account and end its tokens and temporary credentials; the last enabled administrator stays
    Disable(Who),
    /// Enable a disabled account
    Enable(Who),
    /// Set an account's password and end its tokens
    ResetPassword(WithPassword),
    /// List all accounts
    List,
    /// List all buckets with their owners
    Buckets,
}

/// An account.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// Email address of the account
    email: String,
}

/// An account and a password for it.
#[derive(Debug, Args)]
pub(crate) struct WithPassword {
    #[command(flatten)]
    who: Who,
    /// Read the password from the first line of standard input; without it a password is generated and printed once
    #[arg(long)]
    password_stdin: bool,
}

/// What to do with one account.
enum Change {
    AddUser(ChosenPassword),
    Create(ChosenPassword),
    Promote,
    Demote,
    Disable,
    Enable,
    ResetPassword(ChosenPassword),
}

/// Runs a command of `storage-hub admin`.
pub(crate) async fn run(config: &Config, command: AdminCommand) -> anyhow::Result<ExitCode> {
    let (who, change) = match command {
        AdminCommand::List => return listing::list_users(&assemble(config, Purpose::Tool).await?.ports).await,
        AdminCommand::Buckets => return listing::list_buckets(&assemble(config, Purpose::Tool).await?.ports).await,
        AdminCommand::ReleaseName(released) => return release_name::run(config, &released).await,
        AdminCommand::AddUser(with) => with.choose(Change::AddUser)?,
        AdminCommand::Create(with) => with.choose(Change::Create)?,
        AdminCommand::Promote(who) => (who, Change::Promote),
        AdminCommand::Demote(who) => (who, Change::Demote),
        AdminCommand::Disable(who) => (who, Change::Disable),
        AdminCommand::Enable(who) => (who, Change::Enable),
        AdminCommand::ResetPassword(with) => with.choose(Change::ResetPassword)?,
    };
    // Invalid input is refused before anything is opened.
    let email = Email::parse(&who.email).with_context(|| format!("email `{}` is invalid", who.email))?;
    let purpose = if matches!(change, Change::Create(_)) { Purpose::Create } else { Purpose::Tool };
    let hub = assemble(config, purpose).await?;
    if hub.is_new {
        print_line!("created a new hub on {}", hub.summary)?;
    }
    let ports = hub.ports;
    let sign_up = |chosen: &ChosenPassword| SignUp { email: email.clone(), password: chosen.password.clone() };
    let (user, done) = match &change {
        Change::AddUser(chosen) => (administration::add_user(&ports, sign_up(chosen)).await?, "has an account now"),
        Change::Create(chosen) => (administration::create_admin(&ports, sign_up(chosen)).await?, "is now an admin"),
        Change::Promote => (administration::promote(&ports, &email).await?, "is now an admin"),
        Change::Demote => (administration::demote(&ports, &email).await?, "is no longer an admin"),
        Change::Disable => (administration::disable(&ports, &email).await?, "is disabled"),
        Change::Enable => (administration::enable(&ports, &email).await?, "is enabled"),
        Change::ResetPassword(chosen) => {
            (administration::reset_password(&ports, &email, &chosen.password).await?, "has a new password")
        }
    };
    print_line!("{} {done}", user.email)?;
    if let Change::AddUser(chosen) | Change::Create(chosen) | Change::ResetPassword(chosen) = change
        && chosen.generated
    {
        print_line!("password: {}", chosen.password.expose())?;
    }
    Ok(ExitCode::SUCCESS)
}

struct ChosenPassword {
    password: Password,
    generated: bool,
}

impl WithPassword {
    /// Reads or generates the password.
    fn choose(self, change: fn(ChosenPassword) -> Change) -> anyhow::Result<(Who, Change)> {
        let chosen = match self.password_stdin {
            true => ChosenPassword { password: read_password()?, generated: false },
            false => ChosenPassword { password: generate_password()?, generated: true },
        };
        Ok((self.who, change(chosen)))
    }
}

fn read_password() -> anyhow::Result<Password> {
    anyhow::ensure!(!std::io::stdin().is_terminal(), "--password-stdin reads a pipe or a file, not the terminal");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
    Ok(Password::parse(line.trim_end_matches(['\r', '\n']).to_owned())?)
}

/// 24 letters and digits of the operating system's randomness.
pub(crate) fn generate_password() -> anyhow::Result<Password> {
    let secret = OsIdSource.secret_key();
    Ok(Password::parse(secret.expose().chars().take(24).collect())?)
}
