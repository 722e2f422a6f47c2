/// How a pool of connections to a database stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolState {
    /// How many connections there may be.
    pub most: usize,
    /// How many are open and nobody uses.
    pub idle: usize,
    /// How many are used.
    pub used: usize,
    /// How many calls wait for one.
    pub waiting: usize,
}
