//! What the OpenAPI document says about the values that core's types take: as much as a schema can.

use serde::{Serialize, Serializer};
use storage_hub_core::domain::{BucketName, Cursor, Email, PageLimit, Password};
use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType};
use utoipa::openapi::{RefOr, Type};
use utoipa::{PartialSchema, ToSchema};

/// The `success` of an answer that is what was asked for.
pub(crate) struct Yes;
/// The `success` of an error.
pub(crate) struct No;

macro_rules! constant {
    ($name:ident, $value:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bool($value)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([$value])).into()
            }
        }

        impl ToSchema for $name {}
    };
}

constant!(Yes, true);
constant!(No, false);

/// An email as somebody types it.
pub(crate) fn email() -> Schema {
    text()
        .description(Some("An email address; its case does not matter"))
        .format(Some(SchemaFormat::Custom("email".to_owned())))
        .max_length(Some(Email::MAX_BYTES))
        .examples(["user@example.com"])
        .into()
}

/// A password as somebody chooses it. Its 72 bytes are bytes: what a schema can say of that is how many characters
/// they hold at least.
pub(crate) fn new_password() -> Schema {
    let ascii = text().pattern(Some("^[\\x01-\\x7f]*$")).max_length(Some(Password::MAX_BYTES));
    let any = text().pattern(Some("^[^\\x00]*$")).max_length(Some(Password::MAX_BYTES / 4));
    AnyOfBuilder::new()
        .description(Some("At least 8 characters and at most 72 bytes in UTF-8; no NUL"))
        .item(ascii.min_length(Some(Password::MIN_CHARS)))
        .item(any.min_length(Some(Password::MIN_CHARS)))
        .examples(["password123"])
        .into()
}

/// A password as somebody has it.
pub(crate) fn password() -> Schema {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Password))).examples(["password123"]).into()
}

/// The name of a bucket.
pub(crate) fn bucket_name() -> Schema {
    text()
        .description(Some("A name that S3 takes for a general-purpose bucket"))
        .pattern(Some(format!("^{}$", name_pattern())))
        .min_length(Some(BucketName::MIN_CHARS))
        .max_length(Some(BucketName::MAX_CHARS))
        .examples(["my-bucket"])
        .into()
}

/// The `nextCursor` of an earlier page.
pub(crate) fn cursor() -> Schema {
    let prefix = Cursor::VERSION.len();
    text()
        .description(Some("The nextCursor of an earlier page"))
        .pattern(Some(format!("^{}{}$", Cursor::VERSION.replace('.', "\\."), name_pattern())))
        .min_length(Some(prefix + BucketName::MIN_CHARS))
        .max_length(Some(prefix + BucketName::MAX_CHARS))
        .examples(["v1.my-bucket"])
        .into()
}

/// Where the next page begins.
pub(crate) fn next_cursor() -> Schema {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("Where the next page begins, null on the last page; there only when a limit was given"))
        .examples(["v1.my-bucket"])
        .into()
}

/// How many rows a page has.
pub(crate) fn limit() -> Schema {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(PageLimit::MAX)).examples([20]).into()
}

/// The rules of [`BucketName`] but for the length.
fn name_pattern() -> String {
    let choice = |texts: &[&str]| texts.iter().map(|text| text.replace('.', "\\.")).collect::<Vec<_>>().join("|");
    let prefixes = choice(&BucketName::RESERVED_PREFIXES);
    let suffixes = choice(&BucketName::RESERVED_SUFFIXES);
    let reserved = choice(&BucketName::RESERVED);
    let address = "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}";
    format!("(?!{prefixes}|(?:{reserved}|{address}|.*(?:{suffixes}))$)[a-z0-9]+(?:(?:\\.|-+)[a-z0-9]+)*")
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}
