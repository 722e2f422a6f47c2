use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Durability, Kind, Launch, Service, make_folder};
use crate::cargo::succeed;
use crate::{loopback, programs};

/// Enough connections for every test to have a database and a pool of its own.
const SETTINGS: [&str; 2] = ["max_connections=300", "listen_addresses=127.0.0.1"];
/// Settings for data that does not have to survive a crash.
const VOLATILE: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// The user that the packages create, because the server refuses to run as root.
const SERVICE_USER: &str = "postgres";

// One guarded job with the server, so that an interrupt during `initdb` leaves nothing behind.
const INITIALISE_AND_SERVE: &str = r#"
"$1/initdb" --pgdata="$2" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync || exit 1
program=$1/postgres data=$2
shift 2
exec "$program" -D "$data" "$@"
"#;

pub(super) fn start(durability: Durability) -> Result<Option<Service>> {
    let Some(programs) = find_programs() else { return Ok(None) };
    let folder = make_folder("postgres")?;
    let (data, port) = (folder.path().join("data"), loopback::free_port()?);
    let (program, mut arguments) = shell(folder.path())?;
    arguments.extend(["-c".into(), INITIALISE_AND_SERVE.into(), "sh".into(), programs.into(), data.clone().into()]);
    arguments.extend(["-p".into(), port.to_string().into(), "-k".into(), folder.path().into()]);
    let volatile = if durability == Durability::Full { [].as_slice() } else { &VOLATILE };
    arguments.extend(SETTINGS.iter().chain(volatile).flat_map(|setting| ["-c".into(), setting.into()]));
    let launch = Launch { kind: Kind::Postgres, program, arguments, environment: Vec::new(), folder };
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    launch.start(("STORAGE_HUB_TEST_POSTGRES", url), || says_ready(&data)).map(Some)
}

/// A shell that may run PostgreSQL and owns this folder, and its first arguments.
pub(crate) fn shell(folder: &Path) -> Result<(PathBuf, Vec<OsString>)> {
    if !rustix::process::geteuid().is_root() {
        return Ok(("sh".into(), Vec::new()));
    }
    let mut chown = Command::new("chown");
    chown.arg(format!("{SERVICE_USER}:")).arg(folder);
    succeed(&mut chown)
        .context("PostgreSQL does not run as root, and its folder cannot be given to the user postgres")?;
    let user = [format!("--reuid={SERVICE_USER}"), format!("--regid={SERVICE_USER}"), "--init-groups".to_owned()];
    Ok(("setpriv".into(), user.into_iter().chain(["sh".to_owned()]).map(OsString::from).collect()))
}

// `pg_ctl --wait` waits for the eighth line of this file too.
fn says_ready(data: &Path) -> bool {
    let status = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    status.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

/// The folder of `initdb` and `postgres`: the first one in PATH, else Debian's of the newest version.
pub(crate) fn find_programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))));
    programs::path_folders()
        .into_iter()
        .chain(newest_first(debian.collect()))
        .find(|folder| ["initdb", "postgres"].iter().all(|name| programs::is_executable(&folder.join(name))))
}

fn newest_first(mut folders: Vec<(u32, PathBuf)>) -> impl Iterator<Item = PathBuf> {
    folders.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.into_iter().map(|(_, folder)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let folders = [9, 17, 15].map(|version| (version, PathBuf::from(version.to_string())));
        assert_eq!(newest_first(folders.to_vec()).collect::<Vec<_>>(), ["17", "15", "9"].map(PathBuf::from));
    }

    #[test]
    fn a_server_is_ready_when_its_status_file_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!says_ready(folder.path()));
        let file = folder.path().join("postmaster.pid");
        fs::write(&file, "1\n2\n3\n4\n5\n6\n7\nstarting\n").unwrap();
        assert!(!says_ready(folder.path()));
        fs::write(&file, "1\n2\n3\n4\n5\n6\n7\nready   \n").unwrap();
        assert!(says_ready(folder.path()));
    }
}
