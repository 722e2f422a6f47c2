//! Middleware: what is done around every request.

mod harden;
mod hold_body;
mod observe;
mod refuse_s3;

pub(crate) use harden::harden;
pub(crate) use hold_body::hold_body;
pub(crate) use observe::{REQUEST_ID, observe};
pub(crate) use refuse_s3::refuse_s3;
