/// The records, in memory.
pub struct InMemoryRecords;
