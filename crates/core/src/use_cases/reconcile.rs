//! Reconciliation: makes the store equal to the records, and reports where it is not.

mod check;
mod difference;
mod render_policies;
mod run_due;
mod unknown;

pub use check::{check, repair};
pub use difference::Difference;
pub use render_policies::render_policies;
pub use run_due::{Pass, run_due};
pub use unknown::{Unknown, find_unknown};
