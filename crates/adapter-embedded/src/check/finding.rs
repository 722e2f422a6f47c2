use std::fmt;

use crate::recovery::UnknownBlob;

/// A difference between the index and the disk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckFinding {
    /// The index names a blob that the disk does not have: bytes are lost.
    Missing {
        /// The object or part.
        place: Place,
        /// The blob's name.
        blob: String,
    },
    /// The blob's size differs from the index.
    WrongSize {
        /// The object or part.
        place: Place,
        /// The blob's name.
        blob: String,
        /// The size in the index, in bytes.
        expected: u64,
        /// The size on the disk, in bytes.
        found: u64,
    },
    /// The digest of the bytes differs from the index.
    WrongDigest {
        /// The object or part.
        place: Place,
        /// The ETag or checksum in the index.
        expected: String,
        /// The digest of the bytes.
        found: String,
    },
    /// The bytes cannot be read.
    Unreadable {
        /// The object or part.
        place: Place,
        /// The blob's name.
        blob: String,
        /// The system's message.
        problem: String,
    },
    /// The disk has a file that the index does not name. It uses space, or the index has lost an object.
    Orphan {
        /// The blob's name.
        blob: String,
    },
    /// The index itself is damaged.
    Index {
        /// SQLite's message.
        problem: String,
    },
}

/// An object, or a part of an unfinished upload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The upload and the number of the part.
    pub part: Option<(String, i32)>,
}

/// Keys are quoted, because they can hold any character.
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
            Self::Missing { place, blob } => write!(f, "missing: {place}: its blob {blob} does not exist"),
            Self::WrongSize { place, blob, expected, found } => {
                write!(f, "wrong size: {place}: its blob {blob} has {found} bytes, not {expected}")
            }
            Self::WrongDigest { place, expected, found } => {
                write!(f, "wrong digest: {place}: its bytes have {found}, not {expected}")
            }
            Self::Unreadable { place, blob, problem } => {
                write!(f, "unreadable: {place}: its blob {blob}: {problem}")
            }
            Self::Orphan { blob } => write!(f, "orphan: no object has the file {blob}"),
            Self::Index { problem } => write!(f, "damaged index: {problem}"),
        }
    }
}

/// What is wrong with some bytes, without the object that they belong to.
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

impl UnknownBlob {
    pub(super) fn finding(self) -> CheckFinding {
        CheckFinding::Orphan { blob: self.name.to_string() }
    }
}
