//! The flags that every command has, before the command or after it.

use std::ffi::{OsStr, OsString};

use clap::{ArgMatches, Args, Command, FromArgMatches as _};
use zeroize::Zeroizing;

use crate::config::Overrides;

/// The commands for which it matters where the hub listens. The others accept these flags without showing them.
const LISTENING: [&str; 4] = ["storage-hub", "serve", "config", "doctor"];

// Not a documentation comment: clap would make it the description of every command.
#[derive(Clone, Debug, Args)]
struct Options {
    /// Configuration file [default: storage-hub.toml, if it exists]
    #[arg(long, short, value_name = "FILE")]
    config: Option<String>,
    /// Folder of the records, the objects and the generated keys [default: ./data]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// Address of the REST API [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS")]
    api_listen: Option<String>,
    /// Address of the hub's S3 endpoint [default: 127.0.0.1:9000]
    #[arg(long, value_name = "ADDRESS")]
    s3_listen: Option<String>,
    /// Value of any key of the configuration, such as store.kind=minio; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

/// Adds the flags to a command and to all commands below it.
///
/// They are not clap's global arguments: of those given on two levels, as in `--set a=1 config --set b=2`, clap keeps
/// one level and silently drops the other.
pub(super) fn everywhere(command: Command) -> Command {
    let listens = LISTENING.contains(&command.get_name());
    let mut command = Options::augment_args(command);
    if !listens {
        for id in ["api_listen", "s3_listen"] {
            command = command.mut_arg(id, |argument| argument.hide(true));
        }
    }
    for below in command.get_subcommands_mut() {
        *below = everywhere(std::mem::take(below));
    }
    command
}

/// What the flags set on all levels; the deeper level overrides.
///
/// # Errors
/// Never for matches of a command that went through [`everywhere`].
pub(super) fn overrides(matches: &ArgMatches) -> Result<Overrides, clap::Error> {
    let mut overrides = Overrides::default();
    let mut level = Some(matches);
    while let Some(matches) = level {
        let Options { config, data_dir, api_listen, s3_listen, settings } = Options::from_arg_matches(matches)?;
        overrides.file = config.map(Into::into).or(overrides.file);
        let flags = [
            ("--data-dir", "data_dir", data_dir),
            ("--api-listen", "api.listen", api_listen),
            ("--s3-listen", "s3.listen", s3_listen),
        ];
        for (flag, key, value) in flags {
            overrides.values.extend(value.map(|value| (flag, key.to_owned(), Zeroizing::new(value))));
        }
        let settings = settings.iter().filter_map(|setting| setting.split_once('='));
        overrides
            .values
            .extend(settings.map(|(key, value)| ("--set", key.to_owned(), Zeroizing::new(value.to_owned()))));
        level = matches.subcommand().map(|(_, below)| below);
    }
    Ok(overrides)
}

/// Whether `--set` is followed by something else than `KEY=VALUE`. This is checked before clap sees the words: its own
/// message would repeat them, or the next one, which may be a secret.
pub(super) fn has_malformed_setting(arguments: &[OsString]) -> bool {
    let is_setting = |text: &OsStr| text.to_str().is_some_and(|text| text.find('=').is_some_and(|at| at > 0));
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let well_formed = match argument.to_str() {
            Some("--set") => arguments.next().is_some_and(|value| is_setting(value)),
            Some(text) => text.strip_prefix("--set=").is_none_or(|value| is_setting(OsStr::new(value))),
            None => true,
        };
        if !well_formed {
            return true;
        }
    }
    false
}
