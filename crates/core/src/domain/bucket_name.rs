use std::fmt;
use std::net::Ipv4Addr;

/// A name that S3 accepts for a general-purpose bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketName(String);

/// Why a string is not a [`BucketName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketNameError {
    /// Not 3 to 63 characters.
    #[error("bucket name must be 3 to 63 characters long, got {0}")]
    Length(usize),
    /// A character other than a lower-case letter, digit, dot or hyphen.
    #[error("bucket name must contain only lower-case letters, digits, dots and hyphens, got {0:?}")]
    Character(char),
    /// A dot or hyphen at the beginning or end.
    #[error("bucket name must begin and end with a letter or a digit")]
    Ends,
    /// Two adjacent dots, or a dot next to a hyphen.
    #[error("bucket name must not contain two adjacent dots, or a dot next to a hyphen")]
    Dots,
    /// The form of an IP address.
    #[error("bucket name must not look like an IP address")]
    IpAddress,
    /// A prefix that S3 reserves.
    #[error("bucket name must not begin with {0:?}, which S3 reserves")]
    ReservedPrefix(&'static str),
    /// A suffix that S3 reserves.
    #[error("bucket name must not end with {0:?}, which S3 reserves")]
    ReservedSuffix(&'static str),
    /// A name that a store reserves.
    #[error("bucket name must not be {0:?}, which the store reserves")]
    Reserved(&'static str),
}

impl BucketName {
    /// Minimum length of a name, in characters.
    pub const MIN_CHARS: usize = 3;
    /// Maximum length of a name, in characters.
    pub const MAX_CHARS: usize = 63;
    /// Prefixes that no name may have.
    pub const RESERVED_PREFIXES: [&'static str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    /// Suffixes that no name may have.
    pub const RESERVED_SUFFIXES: [&'static str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    /// Names that a store or the hub reserves.
    pub const RESERVED: [&'static str; 2] = ["minio", Self::OF_THE_HUB];
    /// The bucket in which the hub marks a store as its own. No user can create a bucket with this name.
    pub const OF_THE_HUB: &'static str = "storage-hub-installation";

    /// Parses a name by the rules of S3 ("General purpose bucket naming rules" in its user guide) and by the further rules
    /// of the stores behind the hub.
    ///
    /// # Errors
    /// [`BucketNameError`] with the first rule that the name violates.
    pub fn parse(text: &str) -> Result<Self, BucketNameError> {
        let length = text.chars().count();
        if !(Self::MIN_CHARS..=Self::MAX_CHARS).contains(&length) {
            return Err(BucketNameError::Length(length));
        }
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
        if let Some(found) = text.chars().find(|c| !allowed(*c)) {
            return Err(BucketNameError::Character(found));
        }
        if text.starts_with(['.', '-']) || text.ends_with(['.', '-']) {
            return Err(BucketNameError::Ends);
        }
        if ["..", ".-", "-."].iter().any(|pair| text.contains(pair)) {
            return Err(BucketNameError::Dots);
        }
        if looks_like_an_address(text) {
            return Err(BucketNameError::IpAddress);
        }
        if let Some(prefix) = Self::RESERVED_PREFIXES.into_iter().find(|prefix| text.starts_with(prefix)) {
            return Err(BucketNameError::ReservedPrefix(prefix));
        }
        if let Some(suffix) = Self::RESERVED_SUFFIXES.into_iter().find(|suffix| text.ends_with(suffix)) {
            return Err(BucketNameError::ReservedSuffix(suffix));
        }
        if let Some(name) = Self::RESERVED.into_iter().find(|name| *name == text) {
            return Err(BucketNameError::Reserved(name));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a name consists of four groups of digits between dots, whatever their values: stores reject `999.1.1.1` too.
fn looks_like_an_address(text: &str) -> bool {
    let groups: Vec<_> = text.split('.').collect();
    let digits = |group: &&str| (1..=3).contains(&group.len()) && group.bytes().all(|b| b.is_ascii_digit());
    text.parse::<Ipv4Addr>().is_ok() || (groups.len() == 4 && groups.iter().all(digits))
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_s3_accepts_are_accepted() {
        let longest = "a".repeat(63);
        for name in
            ["abc", "my-bucket", "my.bucket", "123", "1.2.3", "a1.2.3.4", "192.168.5.4a", "minio2", longest.as_str()]
        {
            assert_eq!(BucketName::parse(name).map(|name| name.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn each_rule_of_s3_is_enforced() {
        use BucketNameError::*;
        let long = "a".repeat(64);
        let table = [
            ("", Length(0)),
            ("ab", Length(2)),
            (long.as_str(), Length(64)),
            ("My-bucket", Character('M')),
            ("my_bucket", Character('_')),
            ("my bucket", Character(' ')),
            ("my/bucket", Character('/')),
            ("bücket", Character('ü')),
            ("abc\n", Character('\n')),
            ("-abc", Ends),
            ("abc-", Ends),
            (".abc", Ends),
            ("abc.", Ends),
            ("my..bucket", Dots),
            ("my.-bucket", Dots),
            ("my-.bucket", Dots),
            ("192.168.5.4", IpAddress),
            ("999.999.999.999", IpAddress),
            ("xn--bucket", ReservedPrefix("xn--")),
            ("sthree-bucket", ReservedPrefix("sthree-")),
            ("sthree-configurator", ReservedPrefix("sthree-")),
            ("amzn-s3-demo-bucket", ReservedPrefix("amzn-s3-demo-")),
            ("bucket-s3alias", ReservedSuffix("-s3alias")),
            ("bucket--ol-s3", ReservedSuffix("--ol-s3")),
            ("bucket.mrap", ReservedSuffix(".mrap")),
            ("bucket--x-s3", ReservedSuffix("--x-s3")),
            ("bucket--table-s3", ReservedSuffix("--table-s3")),
            ("minio", Reserved("minio")),
            ("storage-hub-installation", Reserved("storage-hub-installation")),
        ];
        for (name, error) in table {
            assert_eq!(BucketName::parse(name), Err(error), "{name:?}");
        }
    }
}
