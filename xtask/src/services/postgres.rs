use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Kind, Launch, Service, make_folder, must};
use crate::{loopback, programs};

/// Nothing in it has to survive, and every test has a database and a pool of its own.
const SETTINGS: [&str; 5] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "listen_addresses=127.0.0.1",
];

/// The server refuses to run as root: then it runs as the user that its packages make.
const SERVICE_USER: &str = "postgres";

pub(super) fn start() -> Result<Option<Service>> {
    let Some(programs) = find_programs() else { return Ok(None) };
    let folder = make_folder("postgres")?;
    let service = start_in(&folder, &programs);
    if service.is_err() && folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    service.map(Some)
}

fn start_in(folder: &Path, programs: &Path) -> Result<Service> {
    let as_root = rustix::process::geteuid().is_root();
    if as_root {
        let chown = must(Command::new("chown").arg(format!("{SERVICE_USER}:")).arg(folder));
        chown.context("PostgreSQL does not run as root, and the user postgres cannot have its folder")?;
    }
    let data = folder.join("data");
    let (program, arguments) = unprivileged(as_root, programs.join("initdb"));
    let mut initdb = Command::new(program);
    initdb.args(arguments).current_dir(folder).arg("--pgdata").arg(&data);
    initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    must(&mut initdb)?;

    let port = loopback::free_port()?;
    let (program, mut arguments) = unprivileged(as_root, programs.join("postgres"));
    arguments.extend(["-D".into(), data.clone().into(), "-p".into(), port.to_string().into()]);
    arguments.extend(["-k".into(), folder.into()]);
    arguments.extend(SETTINGS.iter().flat_map(|setting| ["-c".into(), setting.into()]));
    let launch = Launch { kind: Kind::Postgres, program, arguments, environment: Vec::new(), folder };
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    launch.start(("STORAGE_HUB_TEST_POSTGRES", url), || says_ready(&data))
}

// The eighth line of this file is what `pg_ctl --wait` waits for.
fn says_ready(data: &Path) -> bool {
    let status = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    status.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

fn unprivileged(as_root: bool, program: PathBuf) -> (PathBuf, Vec<OsString>) {
    if !as_root {
        return (program, Vec::new());
    }
    let user = [format!("--reuid={SERVICE_USER}"), format!("--regid={SERVICE_USER}"), "--init-groups".to_owned()];
    let arguments = user.into_iter().map(OsString::from).chain([program.into()]).collect();
    ("setpriv".into(), arguments)
}

/// The folder of `initdb` and `postgres`: the first one in PATH, else Debian's of the newest version.
fn find_programs() -> Option<PathBuf> {
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
