//! A PostgreSQL database for one test.

use tokio_postgres::NoTls;
use uuid::Uuid;

/// What the hub gives as its password. The server of the tests asks for none.
pub(crate) const PASSWORD: &str = "password-of-the-database";

/// A fresh database on the server of the tests; dropped at the end.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// `None` (and a SKIPPED line) where there is no PostgreSQL.
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

    /// Changes something behind the hub's back.
    pub(crate) async fn execute(&self, statement: &str) {
        execute(&self.url(), statement).await;
    }

    /// Ends every connection to the database and lets nobody in, or lets them in again.
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
        // A runtime of its own: this may run on a thread that has none any more.
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
