#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// A guard over a shell script that has said `ready`.
struct Guarded {
    guard: Child,
    // Waiting for the guard would close it.
    pipe: Option<ChildStdin>,
    folder: PathBuf,
}

fn start(script: &str) -> Guarded {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("guard").arg("--folder").arg(&folder).args(["--", "sh", "-c", script, "sh"]).arg(&folder);
    let mut guard = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = [0; 5];
    guard.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    assert_eq!(&ready, b"ready");
    let pipe = guard.stdin.take();
    Guarded { guard, pipe, folder }
}

impl Guarded {
    fn process(&self, name: &str) -> Pid {
        let text = fs::read_to_string(self.folder.join(name)).unwrap();
        Pid::from_raw(text.trim().parse().unwrap()).unwrap()
    }
}

// One that was ended stays in the table until its parent has asked how.
fn is_alive(process: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    test_kill_process(process).is_ok() && !status.contains(") Z ")
}

fn wait_for_end(process: Pid) {
    while is_alive(process) {
        std::thread::yield_now();
    }
}

const WITH_A_CHILD: &str = r#"sleep 1000 >/dev/null & echo $! >"$1/child"; echo $$ >"$1/parent"; echo ready; wait"#;

#[test]
fn a_closed_pipe_ends_the_command_and_its_children_and_the_folder_goes() {
    let mut guarded = start(WITH_A_CHILD);
    let (parent, child) = (guarded.process("parent"), guarded.process("child"));
    assert!(is_alive(parent) && is_alive(child));
    drop(guarded.pipe.take());
    assert!(!guarded.guard.wait().unwrap().success());
    wait_for_end(parent);
    wait_for_end(child);
    assert!(!guarded.folder.exists());
}

#[test]
fn a_command_that_ends_by_itself_takes_its_children_with_it() {
    let mut guarded = start(WITH_A_CHILD);
    let (parent, child) = (guarded.process("parent"), guarded.process("child"));
    kill_process(parent, Signal::KILL).unwrap();
    assert_eq!(guarded.guard.wait().unwrap().code(), Some(128 + 9));
    wait_for_end(child);
    assert!(!guarded.folder.exists());
}

#[test]
fn a_command_that_will_not_end_is_killed() {
    let script = r#"trap '' TERM INT; echo $$ >"$1/parent"; echo ready; while :; do sleep 1000 >/dev/null; done"#;
    let mut guarded = start(script);
    let parent = guarded.process("parent");
    drop(guarded.pipe.take());
    assert!(!guarded.guard.wait().unwrap().success());
    wait_for_end(parent);
    assert!(!guarded.folder.exists());
}

#[test]
fn the_exit_code_of_the_command_is_passed_on() {
    let mut guarded = start("echo ready; exit 7");
    assert_eq!(guarded.guard.wait().unwrap().code(), Some(7));
}
