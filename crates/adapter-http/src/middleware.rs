//! What is done around every request.

mod harden;
mod observe;

pub(crate) use harden::harden;
pub(crate) use observe::{REQUEST_ID, observe};
