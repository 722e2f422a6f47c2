//! The protocol seen from outside: requests as bytes, read and verified from the head to the last byte of the body.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "these are tests")]

mod sent;

mod documented;
mod forms;
mod recordings;
mod refusals;
mod round_trip;
