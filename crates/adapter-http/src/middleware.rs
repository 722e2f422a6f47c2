//! What is done around every request.

mod harden;
mod hold_body;
mod observe;

pub(crate) use harden::harden;
pub(crate) use hold_body::hold_body;
pub(crate) use observe::{REQUEST_ID, observe};
