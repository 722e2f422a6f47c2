/// The state of a pool of database connections, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolState {
    /// The maximum number of connections.
    pub most: usize,
    /// Open connections that are not in use.
    pub idle: usize,
    /// Connections that are in use.
    pub used: usize,
    /// Calls that wait for a connection.
    pub waiting: usize,
}
