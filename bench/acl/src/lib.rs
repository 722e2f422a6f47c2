//! Shared by the benches of the ACL: the generated world, the timing and the report.

#![allow(clippy::print_stdout, reason = "what is measured is printed")]

mod report;
mod stopwatch;
mod world;

pub use report::{Goal, Report};
pub use stopwatch::{Comparison, Stopwatch};
pub use world::{ROUND, Size, TEN_BY_TEN, World, document, user};
