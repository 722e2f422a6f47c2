//! Processes that do not outlive the one that started them, however that one ends.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

const POLL: Duration = Duration::from_millis(20);
const UNTIL_INTERRUPT: Duration = Duration::from_millis(200);
const UNTIL_KILL: Duration = Duration::from_secs(5);

/// A process that is ended, with its children, on drop, and also when this process dies by a panic or any signal.
///
/// Another process of this program runs between the two and reads from a pipe whose other end only this process holds.
/// When the pipe closes, it ends the job. It has a process group of its own, so that Ctrl-C reaches only this process.
pub(crate) struct Guarded {
    guard: Child,
    lifeline: Option<ChildStdin>,
}

/// A command to run under guard.
pub(crate) struct Job<'a> {
    pub(crate) program: &'a OsStr,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(String, OsString)>,
    /// A folder to remove when the process has ended.
    pub(crate) folder: Option<&'a Path>,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
}

impl Guarded {
    /// Starts the job.
    pub(crate) fn start(job: Job<'_>) -> Result<Self> {
        let mut command = Command::new(this_program()?);
        command.arg("guard");
        if let Some(folder) = job.folder {
            command.arg("--folder").arg(folder);
        }
        command.arg("--").arg(job.program).args(job.arguments).envs(job.environment);
        command.stdin(Stdio::piped()).stdout(job.stdout).stderr(job.stderr).process_group(0);
        let mut guard = command.spawn().with_context(|| format!("cannot start {}", job.program.display()))?;
        let lifeline = guard.stdin.take();
        Ok(Self { guard, lifeline })
    }

    /// The standard output of the job, if it is piped.
    pub(crate) fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.guard.stdout.take()
    }

    /// Whether the job has ended.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.guard.try_wait()?.is_some())
    }

    /// Waits until the job ends.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        // The standard input was taken before: `Child::wait` would close it, and so end the job.
        Ok(self.guard.wait()?)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        if let Err(error) = self.guard.wait() {
            eprintln!("warning: a started process could not be waited for: {error}");
        }
    }
}

// Not the path of this program, because cargo may replace the file while it runs.
fn this_program() -> Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { Ok(std::env::current_exe()?) }
}

/// Runs a command in a process group of its own and ends the group when standard input closes.
pub(crate) fn run(folder: Option<&Path>, command: &[OsString]) -> Result<ExitCode> {
    let Some((program, arguments)) = command.split_first() else { bail!("no command to run") };
    let mut process = Command::new(program);
    process.args(arguments).stdin(Stdio::null()).process_group(0);
    let status = match process.spawn() {
        Ok(mut child) => {
            let status = watch(&mut child, &watch_lifeline());
            signal(&child, Signal::KILL);
            status
        }
        Err(error) => Err(error),
    };
    if let Some(folder) = folder {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let status = status.with_context(|| format!("cannot run {}", program.display()))?;
    Ok(exit_code(status))
}

/// The exit code as a shell reports it.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn watch_lifeline() -> Receiver<()> {
    let (cut, lifeline) = mpsc::channel();
    thread::spawn(move || {
        let mut stdin = io::stdin();
        let mut bytes = [0; 64];
        while !matches!(stdin.read(&mut bytes), Ok(0) | Err(_)) {}
        drop(cut);
    });
    lifeline
}

fn watch(child: &mut Child, lifeline: &Receiver<()>) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if lifeline.recv_timeout(POLL) == Err(RecvTimeoutError::Disconnected) {
            return end(child);
        }
    }
}

fn end(child: &mut Child) -> io::Result<ExitStatus> {
    let started = Instant::now();
    signal(child, Signal::TERM);
    // PostgreSQL waits for its clients after TERM, but not after INT.
    let mut milder = Some(Signal::INT);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(POLL);
        if started.elapsed() > UNTIL_KILL {
            signal(child, Signal::KILL);
        } else if started.elapsed() > UNTIL_INTERRUPT
            && let Some(milder) = milder.take()
        {
            signal(child, milder);
        }
    }
}

fn signal(child: &Child, signal: Signal) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // An error means that the group has ended already.
        let _ = kill_process_group(group, signal);
    }
}
