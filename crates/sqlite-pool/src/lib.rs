//! A bounded pool of SQLite connections for async callers.
//!
//! SQLite blocks, so a [`Pool`] runs every closure on a thread that may block. A future that is dropped meanwhile stops
//! nothing and waits for nothing: the closure runs to its end on its thread, which then returns or closes the connection.
//! (`diesel-async` waits in `drop` instead, which panics on a runtime with one thread, as the web server's workers are.)
//!
//! [`Pool::run`] borrows a connection for one closure. [`Pool::get`] borrows it for several, as a transaction needs.
//! [`statements!`] declares statements that a connection prepares once.

mod connect;
mod pool;
mod statement;

pub use connect::{ConnectOptions, connect};
pub use pool::{Connection, Pool, PoolCounts, PoolError};
