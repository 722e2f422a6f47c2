/// The limits and features of a backend. The contract suite asserts each on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Maximum number of bytes of one body, an object's or a part's.
    pub max_body_bytes: u64,
    /// Minimum number of bytes of each part but the last.
    pub min_part_bytes: u64,
    /// Maximum length of a key in bytes.
    pub max_key_bytes: usize,
    /// Whether a key may have empty, `.` and `..` segments, and a `\`.
    pub any_key: bool,
    /// Whether writes can be conditional.
    pub conditional_writes: bool,
    /// Whether buckets can keep versions.
    pub versioning: bool,
}
