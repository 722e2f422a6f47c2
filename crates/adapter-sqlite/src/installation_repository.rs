use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use diesel::result::QueryResult;
use storage_hub_core::domain::{HubId, Installation, StoreId, StoreKind};
use storage_hub_core::ports::{InstallationRepository, RecordError};

use crate::error::bad_value;
use crate::schema::installation;
use crate::unit_of_work::SqliteTransaction;

/// The columns that can change.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = installation)]
struct Columns {
    starts: i64,
    store_kind: &'static str,
    store_id: String,
    store_claimed: bool,
    policy_revision: i64,
}

#[derive(Queryable)]
struct Row {
    hub_id: String,
    starts: i64,
    store_kind: String,
    store_id: String,
    store_claimed: bool,
    policy_revision: i64,
}

impl Columns {
    fn new(installation: &Installation) -> Self {
        Self {
            starts: installation.starts,
            store_kind: installation.store_kind.as_str(),
            store_id: installation.store_id.to_string(),
            store_claimed: installation.store_claimed,
            policy_revision: installation.policy_revision,
        }
    }
}

impl Row {
    fn into_installation(self) -> QueryResult<Installation> {
        Ok(Installation {
            hub_id: self.hub_id.parse::<HubId>().map_err(bad_value)?,
            starts: self.starts,
            store_kind: StoreKind::parse(&self.store_kind).map_err(bad_value)?,
            store_id: self.store_id.parse::<StoreId>().map_err(bad_value)?,
            store_claimed: self.store_claimed,
            policy_revision: self.policy_revision,
        })
    }
}

/// Reads the one row.
pub(crate) fn find(connection: &mut SqliteConnection) -> QueryResult<Option<Installation>> {
    let columns = (
        installation::hub_id,
        installation::starts,
        installation::store_kind,
        installation::store_id,
        installation::store_claimed,
        installation::policy_revision,
    );
    let row = installation::table.find(1).select(columns).first::<Row>(connection).optional()?;
    row.map(Row::into_installation).transpose()
}

#[async_trait]
impl InstallationRepository for SqliteTransaction {
    async fn find(&mut self) -> Result<Option<Installation>, RecordError> {
        self.run(find).await
    }

    async fn insert(&mut self, installation: &Installation) -> Result<(), RecordError> {
        let (hub_id, columns) = (installation.hub_id.to_string(), Columns::new(installation));
        self.run(move |connection| {
            let row = (installation::id.eq(1), installation::hub_id.eq(hub_id), columns);
            diesel::insert_into(installation::table).values(row).execute(connection).map(drop)
        })
        .await
    }

    async fn update(&mut self, installation: &Installation) -> Result<(), RecordError> {
        let columns = Columns::new(installation);
        self.change_one(move |connection| diesel::update(installation::table.find(1)).set(columns).execute(connection))
            .await
    }
}
