//! The lists of `storage-hub admin`: tables with a header line and columns that a tab separates.

use std::collections::HashMap;
use std::process::ExitCode;

use anyhow::Context as _;
use storage_hub_core::context::Ports;
use storage_hub_core::domain::{BucketRecord, UserId, UserRecord};

use crate::cli::output::print_line;

/// Number of rows that are read together.
const PAGE: u16 = 1000;

/// Prints every account, in the order of their ids.
pub(super) async fn list_users(ports: &Ports) -> anyhow::Result<ExitCode> {
    let mut buckets = HashMap::<UserId, u64>::new();
    for_each_bucket(ports, |record| {
        *buckets.entry(record.bucket.owner).or_default() += 1;
        Ok(())
    })
    .await?;
    print_line!("EMAIL\tROLE\tSTATE\tBUCKETS\tCREATED\tID")?;
    for_each_user(ports, |UserRecord { user, .. }| {
        let role = if user.is_admin() { "admin" } else { "user" };
        let state = if user.enabled { "enabled" } else { "disabled" };
        let count = buckets.get(&user.id).copied().unwrap_or_default();
        print_line!("{}\t{role}\t{state}\t{count}\t{}\t{}", user.email, user.created_at, user.id)
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// Prints every bucket, in the order of their names.
pub(super) async fn list_buckets(ports: &Ports) -> anyhow::Result<ExitCode> {
    let mut emails = HashMap::new();
    for_each_user(ports, |UserRecord { user, .. }| {
        emails.insert(user.id, user.email.clone());
        Ok(())
    })
    .await?;
    print_line!("NAME\tOWNER\tSTATE\tCREATED\tID")?;
    for_each_bucket(ports, |BucketRecord { bucket, .. }| {
        // An owner that signed up since the accounts were read has an id at least.
        let owner = emails.get(&bucket.owner).map_or_else(|| bucket.owner.to_string(), ToString::to_string);
        print_line!("{}\t{owner}\t{}\t{}\t{}", bucket.name, bucket.state.as_str(), bucket.created_at, bucket.id)
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

async fn for_each_user(ports: &Ports, mut show: impl FnMut(&UserRecord) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let page = ports.directory.list_users(after, PAGE).await.context("the records cannot be read")?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.user.id);
        page.iter().try_for_each(&mut show)?;
    }
}

async fn for_each_bucket(
    ports: &Ports,
    mut show: impl FnMut(&BucketRecord) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let page = ports.directory.list_buckets(after.as_ref(), PAGE).await.context("the records cannot be read")?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.bucket.name.clone());
        page.iter().try_for_each(&mut show)?;
    }
}
