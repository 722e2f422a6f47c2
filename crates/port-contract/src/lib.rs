//! One test suite per port, run against the in-memory fakes and against every adapter.

pub mod services;
