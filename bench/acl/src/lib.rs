//! What the benches of the ACL share: what they ask, how they time it, how they tell it.

#![allow(clippy::print_stdout, reason = "what is measured is printed")]

mod report;
mod stopwatch;
mod world;

pub use report::{Goal, Report};
pub use stopwatch::{Comparison, Stopwatch};
pub use world::{ROUND, Size, TEN_BY_TEN, World, document, user};
