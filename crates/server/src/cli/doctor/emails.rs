//! Accounts of earlier versions whose emails are two spellings of one mailbox.

use std::collections::HashMap;

use anyhow::Context as _;
use storage_hub_core::context::Ports;

const PAGE: u16 = 1000;

/// Describes how many accounts there are, and names those whose emails collide: they keep working with their exact
/// spelling, but nobody can tell them apart by mail.
///
/// # Errors
/// When the records cannot be read.
pub(super) async fn describe(ports: &Ports) -> anyhow::Result<String> {
    let (mut count, mut after, mut spellings) = (0_u64, None, HashMap::<String, Vec<String>>::new());
    loop {
        let page = ports.directory.list_users(after, PAGE).await.context("the records cannot be read")?;
        let Some(last) = page.last() else { break };
        after = Some(last.user.id);
        for record in &page {
            count += 1;
            let email = &record.user.email;
            spellings.entry(email.key().to_owned()).or_default().push(email.to_string());
        }
    }
    let mut colliding: Vec<_> = spellings.into_values().filter(|emails| emails.len() > 1).collect();
    colliding.sort();
    let named: Vec<_> = colliding.iter().map(|emails| emails.join(" and ")).collect();
    Ok(match named.is_empty() {
        true => format!("{count}, each with an email of its own"),
        false => format!("{count}; spellings of one mailbox: {}", named.join("; ")),
    })
}
