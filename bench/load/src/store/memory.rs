//! The peak of the server's memory while many connections move large objects.

use anyhow::{Result, ensure};
use futures::future::try_join_all;

use super::requests::{UNSIGNED, hash, sign};
use super::servers::Server;
use super::wire::Wire;
use crate::process;
use crate::report::Report;

const CONNECTIONS: usize = 64;
/// What each object is announced as.
const ANNOUNCED: usize = 1 << 30;
/// The number of bytes after which the connection is closed.
const CUT: usize = 64 << 20;
const PIECE: usize = 256 << 10;

/// Uploads and then downloads, and reports the peak after each.
pub(crate) async fn measure(server: &Server, report: &mut Report) -> Result<()> {
    let piece = vec![b'x'; PIECE];
    try_join_all((0..CONNECTIONS).map(|number| {
        let piece = &piece;
        async move {
            let put = sign(server, "PUT", &format!("/cut-{number}"), "", UNSIGNED, Some(ANNOUNCED))?;
            Wire::open(&server.address).await?.send_part(&put.head, piece, CUT / PIECE).await
        }
    }))
    .await?;
    let peak = process::memory(server.pid, "VmHWM")?;
    report.most("hub", "VmHWM, 64 uploads of 1 GiB, cut after 64 MiB", peak, "MiB", 150.0);

    let put = sign(server, "PUT", "/whole", "", UNSIGNED, Some(ANNOUNCED))?;
    let whole = vec![b'x'; ANNOUNCED];
    let (status, _) = Wire::open(&server.address).await?.exchange(&put.head, &whole, true).await?;
    ensure!(status == 200, "an object of 1 GiB was answered {status}");
    drop(whole);
    let cut = u64::try_from(CUT)?;
    try_join_all((0..CONNECTIONS).map(|_| async move {
        let get = sign(server, "GET", "/whole", "", &hash(b""), None)?;
        Wire::open(&server.address).await?.receive_part(&get.head, cut).await
    }))
    .await?;
    let peak = process::memory(server.pid, "VmHWM")?;
    report.most("hub", "VmHWM, then 64 downloads of 1 GiB, cut after 64 MiB", peak, "MiB", 150.0);
    Ok(())
}
