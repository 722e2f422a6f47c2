/// The store, in memory.
pub struct InMemoryStore;
