//! Tags of objects and buckets: as a document, and as the `x-amz-tagging` header.

use std::collections::BTreeMap;

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::uri;
use crate::xml::{self, Element, XmlWriter};

/// Maximum length of a key, in characters.
const MAX_KEY: usize = 128;
/// Maximum length of a value, in characters.
const MAX_VALUE: usize = 256;
/// Keys that begin with this are those of the service.
const RESERVED: &str = "aws:";

/// Tags by their keys, within the limits of S3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

/// What tags belong to, which limits how many there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagOwner {
    /// An object: at most 10 tags.
    Object,
    /// A bucket: at most 50 tags.
    Bucket,
}

impl TagOwner {
    /// The maximum number of tags.
    #[must_use]
    pub const fn max_tags(self) -> usize {
        match self {
            Self::Object => 10,
            Self::Bucket => 50,
        }
    }
}

impl Tags {
    /// Checks tags, and collects them.
    ///
    /// # Errors
    /// `InvalidTag` for too many tags, a key that comes twice, and a key or value that S3 does not allow.
    pub fn new(owner: TagOwner, tags: impl IntoIterator<Item = (String, String)>) -> S3Result<Self> {
        let mut all = BTreeMap::new();
        for (key, value) in tags {
            check(&key, &value)?;
            if all.insert(key, value).is_some() {
                return Err(invalid("Each tag must have a key of its own."));
            }
            if all.len() > owner.max_tags() {
                return Err(invalid(format!("There must be at most {} tags.", owner.max_tags())));
            }
        }
        Ok(Self(all))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Keys and values, in byte order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Reads the document of `PutObjectTagging` or `PutBucketTagging`, and of the answers that return tags.
    ///
    /// # Errors
    /// `MalformedXML`, `InvalidTag`.
    pub fn parse_document(owner: TagOwner, document: &[u8]) -> S3Result<Self> {
        // Tag, Key, Value, with room for what is ignored: too many tags must be told as such.
        let root = xml::parse(document, 1000)?;
        root.expect_name("Tagging")?;
        let set = root.find("TagSet")?.ok_or_else(|| malformed("The document must have a `TagSet`."))?;
        let tags: Vec<_> = set.all("Tag").map(read_tag).collect::<S3Result<_>>()?;
        Self::new(owner, tags)
    }

    /// Writes the document.
    #[must_use]
    pub fn to_document(&self) -> String {
        XmlWriter::answer("Tagging", |document| {
            document.element("TagSet", |document| self.write_each(document));
        })
    }

    /// Reads the `x-amz-tagging` header of an object: `key=value` pairs, encoded as the query of a URL.
    ///
    /// # Errors
    /// `InvalidArgument` for a text that is not encoded correctly, `InvalidTag`.
    pub fn parse_header(text: &str) -> S3Result<Self> {
        let decode = |part: &str| {
            let decoded = uri::decode(&part.replace('+', " "));
            decoded.ok_or_else(|| {
                S3Error::with_message(ErrorCode::InvalidArgument, "`x-amz-tagging` must be encoded as a URL query.")
            })
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pairs: Vec<_> = pairs
            .map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                Ok((decode(key)?, decode(value)?))
            })
            .collect::<S3Result<_>>()?;
        Self::new(TagOwner::Object, pairs)
    }

    /// Writes the `x-amz-tagging` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        let pairs = self.0.iter().map(|(key, value)| format!("{}={}", uri::encode(key), uri::encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Writes a `Tag` element for each.
    pub(crate) fn write_each(&self, writer: &mut XmlWriter) {
        for (key, value) in &self.0 {
            writer.element("Tag", |tag| {
                tag.text("Key", key);
                tag.text("Value", value);
            });
        }
    }
}

/// Reads a `Tag` element.
pub(crate) fn read_tag(tag: &Element) -> S3Result<(String, String)> {
    let key = tag.text_of("Key")?.ok_or_else(|| malformed("Each `Tag` must have a `Key`."))?;
    let value = tag.text_of("Value")?.ok_or_else(|| malformed("Each `Tag` must have a `Value`."))?;
    Ok((key.to_owned(), value.to_owned()))
}

fn check(key: &str, value: &str) -> S3Result<()> {
    if key.is_empty() || key.chars().count() > MAX_KEY {
        return Err(invalid(format!("The key of a tag must be 1 to {MAX_KEY} characters long.")));
    }
    if value.chars().count() > MAX_VALUE {
        return Err(invalid(format!("The value of a tag must be at most {MAX_VALUE} characters long.")));
    }
    if key.starts_with(RESERVED) {
        return Err(invalid(format!("The key of a tag must not begin with `{RESERVED}`.")));
    }
    if !key.chars().chain(value.chars()).all(is_allowed) {
        return Err(invalid("Tags must consist of letters, numbers, spaces and the characters `+ - = . _ : / @`."));
    }
    Ok(())
}

fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || "+-=._:/@".contains(c)
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> S3Error {
    S3Error::with_message(ErrorCode::InvalidTag, message)
}

fn malformed(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::MalformedXML, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T: std::fmt::Debug>(result: S3Result<T>) -> Option<ErrorCode> {
        result.err().map(|error| error.code_of_sentence())
    }

    #[test]
    fn tags_are_read_from_the_header_and_wrong_ones_refused() {
        let tags = Tags::parse_header("b=c%3Dd&a+b=%C3%BC&empty&none=").unwrap();
        let pairs: Vec<_> = tags.iter().collect();
        assert_eq!(pairs, [("a b", "ü"), ("b", "c=d"), ("empty", ""), ("none", "")]);
        assert_eq!(Tags::parse_header(&tags.to_header()).unwrap(), tags);
        let many = |count: usize| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join("&");
        let table = [
            (many(10), None),
            (many(11), Some(ErrorCode::InvalidTag)),
            ("a=1&a=2".into(), Some(ErrorCode::InvalidTag)),
            ("=1".into(), Some(ErrorCode::InvalidTag)),
            ("aws:a=1".into(), Some(ErrorCode::InvalidTag)),
            ("a=%3C".into(), Some(ErrorCode::InvalidTag)),
            ("a=%zz".into(), Some(ErrorCode::InvalidArgument)),
            (format!("{}=1", "k".repeat(128)), None),
            (format!("{}=1", "k".repeat(129)), Some(ErrorCode::InvalidTag)),
            (format!("k={}", "v".repeat(256)), None),
            (format!("k={}", "v".repeat(257)), Some(ErrorCode::InvalidTag)),
        ];
        for (text, expected) in table {
            assert_eq!(code(Tags::parse_header(&text)), expected, "{text}");
        }
    }

    #[test]
    fn buckets_have_more_tags_than_objects() {
        let document = |count: usize| {
            let tags = (0..count).map(|n| format!("<Tag><Key>k{n}</Key><Value/></Tag>")).collect::<String>();
            format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
        };
        let read = |owner, count| code(Tags::parse_document(owner, document(count).as_bytes()));
        assert_eq!((read(TagOwner::Object, 10), read(TagOwner::Object, 11)), (None, Some(ErrorCode::InvalidTag)));
        assert_eq!((read(TagOwner::Bucket, 50), read(TagOwner::Bucket, 51)), (None, Some(ErrorCode::InvalidTag)));
        let malformed = ["<Tagging/>", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", "<TagSet/>", ""];
        for document in malformed {
            let read = Tags::parse_document(TagOwner::Object, document.as_bytes());
            assert_eq!(code(read), Some(ErrorCode::MalformedXML), "{document}");
        }
    }
}
