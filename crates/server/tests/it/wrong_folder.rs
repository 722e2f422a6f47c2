//! Commands on a folder or a database without a hub: they say so and make nothing.

use crate::database::Database;
use crate::hub::{ADMIN, Backend, Hub};

const TOOLS: [&[&str]; 12] = [
    &["doctor"],
    &["reconcile"],
    &["reconcile", "--check"],
    &["admin", "promote", "x@example.com"],
    &["admin", "disable", "x@example.com"],
    &["admin", "enable", "x@example.com"],
    &["admin", "reset-password", "x@example.com"],
    &["store", "check"],
    &["store", "check", "--quick"],
    &["store", "check", "--repair"],
    &["store", "adopt"],
    &["store", "adopt", "--yes"],
];

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_a_hub_is_told_and_stays_as_it_is() {
    let hub = Hub::prepared(Backend::SqliteEmbedded).await.expect("it needs no service");
    for exists in [false, true] {
        if exists {
            std::fs::create_dir(hub.data()).expect("a folder");
        }
        for tool in TOOLS {
            let message = hub.tool_fails(tool);
            let wanted = format!("no hub in {}; is data_dir right?", hub.data().display());
            assert!(message.contains(&wanted), "{tool:?}: {message}");
            assert!(!message.contains("migrat"), "{tool:?}: {message}");
        }
        assert_eq!(hub.data().exists(), exists);
        assert!(std::fs::read_dir(hub.data()).into_iter().flatten().next().is_none(), "something was made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_a_hub_is_told_and_stays_as_it_is() {
    let Some(mut hub) = Hub::prepared(Backend::SqliteMinio).await else { return };
    let Some(database) = Database::new().await else { return };
    hub.set("database.url", &database.url());
    for tool in TOOLS.into_iter().filter(|tool| tool[0] != "store") {
        let message = hub.tool_fails(tool);
        assert!(message.contains("no hub in the PostgreSQL database; is database.url right?"), "{tool:?}: {message}");
    }
    let tables = database.count("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").await;
    assert_eq!((tables, hub.data().exists()), (0, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_and_admin_create_make_a_hub_that_serves() {
    let mut hub = Hub::prepared(Backend::SqliteEmbedded).await.expect("it needs no service");
    hub.tool_fails(&["migrate", "--check"]);
    assert!(!hub.data().exists(), "to ask makes nothing");
    hub.tool_prints(&["migrate"]);
    hub.tool_prints(&["migrate", "--check"]);
    hub.tool_prints(&["doctor"]);
    hub.run();
    hub.admin().await;

    let mut hub = Hub::prepared(Backend::SqliteEmbedded).await.expect("it needs no service");
    let made = hub.tool_prints(&["admin", "create", ADMIN]);
    assert!(made.contains("created a new hub"), "{made}");
    let password = made.lines().find_map(|line| line.strip_prefix("password: ")).expect("a password").to_owned();
    let second = hub.tool_prints(&["admin", "create", "second@example.com"]);
    assert!(!second.contains("new hub"), "{second}");
    hub.run();
    hub.log_in(ADMIN, &password).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_a_missing_permission_as_that() {
    let Some(mut hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    hub.run_without_root();
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(hub.data(), closed).expect("closed");
    for tool in [&["doctor"][..], &["reconcile", "--check"], &["admin", "enable", "x@example.com"], &["store", "check"]]
    {
        let output = hub.tool(tool);
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!output.status.success() && text.contains("Permission denied"), "{tool:?}: {text}");
        assert!(!text.contains("no hub in") && !text.contains("migrat"), "{tool:?}: {text}");
    }
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(hub.data(), open).expect("opened");
}
