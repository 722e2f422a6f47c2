//! The suites against the in-memory fakes.

mod in_memory_records;
mod in_memory_s3_backend;
mod in_memory_store;
mod suites_are_complete;
