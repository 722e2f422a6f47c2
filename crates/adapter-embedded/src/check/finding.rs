use std::fmt;

/// Something that is not as the index says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckFinding {
    /// The index knows the blob, the disk does not: bytes are lost.
    Missing {
        /// Whose bytes.
        place: Place,
        /// Which blob.
        blob: String,
    },
    /// The blob has another size than the index says.
    WrongSize {
        /// Whose bytes.
        place: Place,
        /// Which blob.
        blob: String,
        /// The size that the index says, in bytes.
        expected: u64,
        /// The size that it has, in bytes.
        found: u64,
    },
    /// The bytes have another digest than the index says.
    WrongDigest {
        /// Whose bytes.
        place: Place,
        /// The ETag or checksum that the index says.
        expected: String,
        /// That of the bytes.
        found: String,
    },
    /// The disk does not give the bytes.
    Unreadable {
        /// Whose bytes.
        place: Place,
        /// Which blob.
        blob: String,
        /// What the system says.
        problem: String,
    },
    /// The disk has the blob, the index does not: space that the next start gives back.
    Orphan {
        /// Which blob.
        blob: String,
    },
    /// The index itself is damaged.
    Index {
        /// What SQLite says.
        problem: String,
    },
}

/// Whose bytes: an object's, or those of a part of an unfinished upload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The upload and the number of the part.
    pub part: Option<(String, i32)>,
}

/// Keys may hold anything: they are quoted.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((upload, number)) = &self.part {
            write!(f, "part {number} of the upload {upload} to ")?;
        }
        write!(f, "{:?} in {}", self.key, self.bucket)
    }
}

impl fmt::Display for CheckFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { place, blob } => write!(f, "missing: {place}: its blob {blob} is not there"),
            Self::WrongSize { place, blob, expected, found } => {
                write!(f, "wrong size: {place}: its blob {blob} has {found} bytes, not {expected}")
            }
            Self::WrongDigest { place, expected, found } => {
                write!(f, "wrong digest: {place}: its bytes have {found}, not {expected}")
            }
            Self::Unreadable { place, blob, problem } => {
                write!(f, "unreadable: {place}: its blob {blob}: {problem}")
            }
            Self::Orphan { blob } => write!(f, "orphan: the blob {blob} is nobody's"),
            Self::Index { problem } => write!(f, "damaged index: {problem}"),
        }
    }
}

/// What is wrong with some bytes, whosever they are.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    Missing { blob: String },
    Size { blob: String, expected: u64, found: u64 },
    Digest { expected: String, found: String },
    Unreadable { blob: String, problem: String },
}

impl Fault {
    pub(super) fn at(self, place: Place) -> CheckFinding {
        match self {
            Self::Missing { blob } => CheckFinding::Missing { place, blob },
            Self::Size { blob, expected, found } => CheckFinding::WrongSize { place, blob, expected, found },
            Self::Digest { expected, found } => CheckFinding::WrongDigest { place, expected, found },
            Self::Unreadable { blob, problem } => CheckFinding::Unreadable { place, blob, problem },
        }
    }
}
