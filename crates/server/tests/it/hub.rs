//! The server binary, started as an operator starts it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use storage_hub_port_contract::services;
use tempfile::TempDir;
use uuid::Uuid;

use crate::database::Database;
use crate::http::{Api, client};
use crate::s3::{Key, S3};

pub(crate) const PASSWORD: &str = "password123";
pub(crate) const ADMIN_PASSWORD: &str = "first admin password";
pub(crate) const ADMIN: &str = "admin@example.com";

/// The kinds of records and store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    SqliteEmbedded,
    SqliteMinio,
    PostgresMinio,
    SqliteGateway,
    PostgresGateway,
}

impl Backend {
    pub(crate) const ALL: [Self; 4] =
        [Self::SqliteEmbedded, Self::SqliteMinio, Self::PostgresMinio, Self::PostgresGateway];

    /// Whether the hub serves S3 itself.
    pub(crate) const fn serves_s3(self) -> bool {
        matches!(self, Self::SqliteEmbedded | Self::SqliteGateway | Self::PostgresGateway)
    }
}

/// The folder and the configuration of a hub, and its process while it runs.
pub(crate) struct Hub {
    pub(crate) backend: Backend,
    pub(crate) database: Option<Arc<Database>>,
    pub(crate) folder: Arc<TempDir>,
    settings: Vec<(String, String)>,
    /// Environment variables of the next process, in addition to the tests' own.
    pub(crate) environment: Vec<(&'static str, String)>,
    /// A program and its arguments that start the binary; empty to start it directly.
    wrapper: Vec<String>,
    /// The program: the binary that was built, or a copy of it that another user may run.
    binary: PathBuf,
    process: Option<Child>,
    pub(crate) banner: Vec<String>,
    pub(crate) api: Api,
    pub(crate) s3: S3,
}

/// A user with an account.
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) api: Api,
    pub(crate) key: Key,
}

impl Hub {
    /// Starts a hub; `None` (and a SKIPPED line) if the services that it needs are missing.
    pub(crate) async fn start(backend: Backend) -> Option<Self> {
        Self::start_with(backend, &[]).await
    }

    /// Starts the embedded hub without any configuration.
    pub(crate) async fn start_bare() -> Option<Self> {
        Some(Self::run_with(Backend::SqliteEmbedded, None, Vec::new()))
    }

    pub(crate) async fn start_with(backend: Backend, more: &[(&str, &str)]) -> Option<Self> {
        let mut hub = Self::prepared(backend).await?;
        more.iter().for_each(|(key, value)| hub.set(key, value));
        hub.run();
        Some(hub)
    }

    /// Prepares a hub without starting it; `None` (and a SKIPPED line) if the services that it needs are missing.
    pub(crate) async fn prepared(backend: Backend) -> Option<Self> {
        let mut settings = Self::usual_settings();
        if backend != Backend::SqliteEmbedded {
            let prefix = format!("test-{}", &Uuid::new_v4().simple().to_string()[..16]);
            let kind = if backend.serves_s3() { "gateway" } else { "minio" };
            settings.extend([
                ("store.kind".into(), kind.into()),
                ("store.bucket_prefix".into(), format!("{prefix}-")),
                ("store.endpoint".into(), services::minio()?),
                ("store.access_key".into(), services::ROOT_USER.into()),
                ("store.secret_key".into(), services::ROOT_PASSWORD.into()),
                ("store.policy_prefix".into(), prefix),
                // Users take each other's names in many tests; those of the reservation set it.
                ("store.name_reservation_seconds".into(), "0".into()),
            ]);
        }
        let database = match backend {
            Backend::PostgresMinio | Backend::PostgresGateway => Some(Database::new().await?),
            Backend::SqliteEmbedded | Backend::SqliteMinio | Backend::SqliteGateway => None,
        };
        settings.extend(database.iter().map(|database| ("database.url".into(), database.url())));
        Some(Self::new(backend, database, settings))
    }

    fn usual_settings() -> Vec<(String, String)> {
        vec![
            ("auth.bcrypt_cost".into(), "4".into()),
            ("admin.email".into(), ADMIN.into()),
            ("admin.password".into(), ADMIN_PASSWORD.into()),
            ("reconcile.interval_seconds".into(), "1".into()),
            // All requests of a test come from one address; tests of the limits enable them.
            ("limits.enabled".into(), "false".into()),
        ]
    }

    fn run_with(backend: Backend, database: Option<Database>, settings: Vec<(String, String)>) -> Self {
        let mut hub = Self::new(backend, database, settings);
        hub.run();
        hub
    }

    /// Starts an embedded hub whose data folder is a separate disk; `None` (and a SKIPPED line) if none can be mounted.
    pub(crate) async fn start_on_disk_of(mebibytes: u32) -> Option<Self> {
        let mount = format!("mkdir -p data && mount -t tmpfs -o size={mebibytes}m,mode=700 tmpfs data");
        let namespace = ["unshare", "--mount", "--map-root-user", "sh", "-c"].map(str::to_owned);
        let try_it = "mount -t tmpfs tmpfs /tmp".to_owned();
        let tried = Command::new("unshare").args(&namespace[1..]).arg(try_it).stderr(Stdio::null()).status();
        if !tried.is_ok_and(|status| status.success()) {
            services::skip("a disk of its own", "a tmpfs cannot be mounted in a namespace");
            return None;
        }
        let mut hub = Self::new(Backend::SqliteEmbedded, None, Self::usual_settings());
        hub.wrapper = namespace.into_iter().chain([format!("{mount} && exec \"$0\" \"$@\"")]).collect();
        hub.run();
        Some(hub)
    }

    /// An embedded hub whose process creates files for everybody, in a data folder that was created for everybody.
    pub(crate) async fn start_in_open_folder() -> Option<Self> {
        let mut hub = Self::new(Backend::SqliteEmbedded, None, Self::usual_settings());
        let script = "mkdir -m 755 data && umask 0 && exec \"$0\" \"$@\"";
        hub.wrapper = ["sh", "-c", script].map(str::to_owned).into();
        hub.run();
        Some(hub)
    }

    /// A path in the data folder, in the mount namespace of the process.
    pub(crate) fn path_inside(&self, path: &str) -> PathBuf {
        let id = self.process.as_ref().expect("it runs").id();
        let data = self.data();
        let inside = data.strip_prefix("/").expect("an absolute path");
        Path::new("/proc").join(id.to_string()).join("root").join(inside).join(path)
    }

    /// Starts another process on the same database and store, with these environment variables.
    pub(crate) fn replica(&self, environment: Vec<(&'static str, String)>) -> Self {
        let mut replica = Self::new(self.backend, None, self.settings.clone());
        replica.database = self.database.clone();
        replica.folder = self.folder.clone();
        replica.environment = environment;
        replica.run();
        replica
    }

    /// Sets a key of the configuration for the next processes.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.settings.push((key.to_owned(), value.to_owned()));
    }

    /// The value that a key was set to.
    pub(crate) fn setting(&self, key: &str) -> &str {
        let found = self.settings.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str()).expect("it is set")
    }

    /// An embedded hub with nothing configured and without a data folder, which was not started yet.
    pub(crate) fn unstarted() -> Self {
        Self::new(Backend::SqliteEmbedded, None, Self::usual_settings())
    }

    fn new(backend: Backend, database: Option<Database>, settings: Vec<(String, String)>) -> Self {
        let (database, folder) = (database.map(Arc::new), Arc::new(tempfile::tempdir().expect("a temporary folder")));
        let api = Api { url: String::new(), client: client(), token: None };
        let s3 = S3::new(String::new());
        let (wrapper, environment, banner) = (Vec::new(), Vec::new(), Vec::new());
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_storage-hub"));
        Self { backend, database, folder, settings, wrapper, binary, environment, process: None, banner, api, s3 }
    }

    /// Starts the process and waits until it prints its addresses.
    #[track_caller]
    pub(crate) fn run(&mut self) {
        assert!(self.serve_to_the_end().is_some(), "the hub does not start: {}", self.logs());
    }

    /// Starts the process, and waits until it says where it listens or ends; `None` when it ends.
    pub(crate) fn serve_to_the_end(&mut self) -> Option<()> {
        let mut command = self.command(&["serve"]);
        command.envs(self.environment.clone());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary starts");
        let stdout = process.stdout.take().expect("piped");
        let mut stderr = process.stderr.take().expect("piped");
        let log = self.log();
        thread::spawn(move || {
            let mut file = std::fs::File::options().create(true).append(true).open(log).expect("a log");
            drop(std::io::copy(&mut stderr, &mut file));
        });
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        self.banner.clear();
        let wanted = ["  API  ", "  S3   "];
        let mut found: [Option<String>; 2] = [None, None];
        while found.iter().any(Option::is_none) {
            let Ok(line) = lines.recv_timeout(Duration::from_secs(60)) else {
                drop(process.kill());
                drop(process.wait());
                return None;
            };
            for (found, wanted) in found.iter_mut().zip(wanted) {
                if let Some(rest) = line.strip_prefix(wanted) {
                    *found = rest.split_whitespace().next().map(str::to_owned);
                }
            }
            self.banner.push(line);
        }
        self.banner.extend(lines.recv_timeout(Duration::from_millis(50)));
        let [api, s3] = found;
        self.api.url = api.expect("found");
        self.s3 = S3::new(s3.expect("found"));
        self.process = Some(process);
        Some(())
    }

    /// Has further processes run as a user who is bound by the modes of files, and gives that user the hub's folder.
    pub(crate) fn run_without_root(&mut self) {
        if !is_root() {
            return;
        }
        self.binary = self.folder.path().join("storage-hub");
        std::fs::copy(env!("CARGO_BIN_EXE_storage-hub"), &self.binary).expect("copied");
        let folder = self.folder.path();
        let owned = Command::new("chown").args(["-R", "65534:65534"]).arg(folder).status().expect("chown starts");
        assert!(owned.success(), "{owned}");
        self.wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"].map(str::to_owned).to_vec();
    }

    /// The binary with this hub's configuration.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let binary = &self.binary;
        let mut command = match self.wrapper.split_first() {
            None => Command::new(binary),
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(binary);
                command
            }
        };
        // The hub's own settings precede the flags of the test, which override them.
        let flags = arguments.iter().position(|argument| argument.starts_with("--")).unwrap_or(arguments.len());
        let (words, flags) = arguments.split_at(flags);
        command.current_dir(self.folder.path()).args(words);
        command.args(["--data-dir", "data", "--api-listen", "127.0.0.1:0", "--s3-listen", "127.0.0.1:0"]);
        for (key, value) in &self.settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        command.args(flags);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command and returns its output.
    pub(crate) fn tool(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary starts")
    }

    /// Runs `serve`, which must end by itself with an error, and returns what it says.
    #[track_caller]
    pub(crate) fn refused_to_serve(&self, flags: &[&str]) -> String {
        let mut command = self.command(&[&["serve"], flags].concat());
        command.envs(self.environment.clone()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary starts");
        let deadline = Instant::now() + Duration::from_secs(30);
        while process.try_wait().expect("its state is known").is_none() {
            if Instant::now() > deadline {
                drop(process.kill());
                panic!("it serves");
            }
            thread::sleep(Duration::from_millis(20));
        }
        let output = process.wait_with_output().expect("it has ended");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{message}");
        message
    }

    /// Runs a command that must fail, and returns what it says and prints.
    #[track_caller]
    pub(crate) fn tool_fails(&self, arguments: &[&str]) -> String {
        let output = self.tool(arguments);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
        text
    }

    /// Runs a command that must succeed, and returns what it printed.
    #[track_caller]
    pub(crate) fn tool_prints(&self, arguments: &[&str]) -> String {
        let output = self.tool(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {out}{err}");
        out.into_owned()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    pub(crate) fn logs(&self) -> String {
        let mut text = String::new();
        if let Ok(mut file) = std::fs::File::open(self.log()) {
            drop(file.read_to_string(&mut text));
        }
        text
    }

    /// The resident memory of the process.
    pub(crate) fn resident_mib(&self) -> u64 {
        let id = self.process.as_ref().expect("it runs").id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).expect("a number") / 1024
    }

    /// Kills the process.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.kill());
            drop(process.wait());
        }
    }

    /// Waits until the process has ended by itself; false if it does not.
    pub(crate) async fn has_died(&mut self) -> bool {
        let Some(process) = &mut self.process else { return true };
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if process.try_wait().expect("its state is known").is_some() {
                self.process = None;
                return true;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }

    /// Sends the process a signal, such as `STOP`.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.process.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([format!("-{signal}"), id]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.as_mut().expect("it was started").try_wait().expect("its state is known").is_some()
    }

    /// Waits for the end of the process, and returns its exit code; `None` when a signal ended it.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.process.take().expect("it runs").wait().expect("it ends").code()
    }

    /// Stops the process with SIGTERM, and returns whether it exited successfully.
    pub(crate) fn stop(&mut self) -> bool {
        let Some(mut process) = self.process.take() else { return false };
        let id = process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        sent.success() && process.wait().expect("it ends").success()
    }

    /// Waits until a condition holds.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, what: &str, is_so: impl Fn() -> F) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !is_so().await {
            assert!(Instant::now() < deadline, "never: {what}: {}", self.logs());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) async fn sign_up(&self, email: &str) -> Person {
        let body = json!({"email": email, "password": PASSWORD});
        self.api.post("/api/users/signup", body).await.expect(201);
        self.log_in(email, PASSWORD).await
    }

    pub(crate) async fn admin(&self) -> Person {
        self.log_in(ADMIN, ADMIN_PASSWORD).await
    }

    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Person {
        let body = json!({"email": email, "password": password});
        let answer = self.api.post("/api/users/login", body).await.expect(200);
        let api = self.api.with_token(answer["data"]["token"].as_str().expect("a token"));
        let credentials = api.get("/api/users/me/credentials").await.expect(200);
        Person { email: email.to_owned(), api, key: Key::from_answer(&credentials) }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A bucket name that no other test uses.
pub(crate) fn unique(name: &str) -> String {
    format!("{name}-{}", Uuid::new_v4().simple())
}

/// Whether the tests run as the user who may do everything.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// Whether only the owner can access a file.
pub(crate) fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 == 0)
}

impl Person {
    pub(crate) async fn create_bucket(&self, name: &str) {
        self.api.post("/api/buckets", json!({"name": name})).await.expect(201);
    }
}
