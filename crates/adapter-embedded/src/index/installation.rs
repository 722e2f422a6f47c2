//! Which installation the index belongs to.

use diesel::prelude::*;
use storage_hub_core::domain::HubId;

use super::IndexError;
use super::schema::installation;

/// The identity and the number of starts; `None` in an index of a release that gave none.
pub(crate) fn find(connection: &mut SqliteConnection) -> Result<Option<(HubId, i64)>, IndexError> {
    let row = installation::table.find(1).select((installation::hub_id, installation::starts));
    let Some((hub_id, starts)) = row.first::<(String, i64)>(connection).optional()? else { return Ok(None) };
    let hub_id = hub_id.parse().map_err(|error: uuid::Error| IndexError::Failed(error.into()))?;
    Ok(Some((hub_id, starts)))
}

pub(crate) fn upsert(connection: &mut SqliteConnection, hub_id: HubId, starts: i64) -> Result<(), IndexError> {
    let columns = (installation::hub_id.eq(hub_id.to_string()), installation::starts.eq(starts));
    let row = (installation::id.eq(1), columns.clone());
    let insert = diesel::insert_into(installation::table).values(row);
    insert.on_conflict(installation::id).do_update().set(columns).execute(connection)?;
    Ok(())
}
