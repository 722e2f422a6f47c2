//! A PostgreSQL database for one test.

use tokio_postgres::NoTls;
use uuid::Uuid;

/// The password that the hub sends. The tests' server requires none.
pub(crate) const PASSWORD: &str = "password-of-the-database";

/// A new database on the tests' server; dropped at the end.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// `None` (and a SKIPPED line) if there is no PostgreSQL.
    pub(crate) async fn new() -> Option<Self> {
        let server = storage_hub_port_contract::services::postgres()?;
        let name = format!("hub_{}", Uuid::new_v4().simple());
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        Some(Self { server, name })
    }

    pub(crate) fn url(&self) -> String {
        let mut url = url::Url::parse(&self.server).expect("a URL");
        if url.password().is_none() {
            url.set_password(Some(PASSWORD)).expect("a host");
        }
        url.set_path(&self.name);
        url.into()
    }

    /// Executes a statement without the hub's knowledge.
    pub(crate) async fn execute(&self, statement: &str) {
        execute(&self.url(), statement).await;
    }

    /// What a query counts.
    pub(crate) async fn count(&self, query: &str) -> i64 {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.expect("PostgreSQL answers");
        let driver = tokio::spawn(connection);
        let count = client.query_one(query, &[]).await.expect("the query is right").get(0);
        drop(client);
        drop(driver.await);
        count
    }

    /// Closes every connection to the database and refuses new ones, or accepts them again.
    pub(crate) async fn set_reachable(&self, reachable: bool) {
        let name = &self.name;
        execute(&self.server, &format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {reachable}")).await;
        if !reachable {
            let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            execute(&self.server, &end).await;
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A runtime of its own, because this may run on a thread without one.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(execute(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        });
        drop(dropped.join());
    }
}

async fn execute(server: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.expect("PostgreSQL answers");
    let driver = tokio::spawn(connection);
    client.batch_execute(statement).await.expect("the statement is right");
    drop(client);
    drop(driver.await);
}
