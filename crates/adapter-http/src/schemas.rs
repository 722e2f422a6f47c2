//! Schemas of the values that core's types parse, as far as a schema can express their rules.

use storage_hub_core::domain::{BucketName, Cursor, Email, ObjectKey, PageLimit, Password, VersionId};
use utoipa::openapi::Type;
use utoipa::openapi::schema::{AdditionalProperties, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType};

/// The characters of a bucket name. What a pattern without look-ahead cannot express is in the description.
const NAME_PATTERN: &str = r"[a-z0-9]+(?:(?:\.|-+)[a-z0-9]+)*";

/// An email as a user types it.
pub(crate) fn email() -> Schema {
    text()
        .description(Some("An email address; case-insensitive"))
        .format(Some(SchemaFormat::Custom("email".to_owned())))
        .max_length(Some(Email::MAX_BYTES))
        .examples(["user@example.com"])
        .into()
}

/// A password as a user chooses it. JSON Schema counts characters, so the limit of bytes is in the description.
pub(crate) fn new_password() -> Schema {
    let description = format!(
        "At least {} characters, at most {} bytes in UTF-8, no NUL character",
        Password::MIN_CHARS,
        Password::MAX_BYTES
    );
    text()
        .description(Some(description))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .min_length(Some(Password::MIN_CHARS))
        .max_length(Some(Password::MAX_BYTES))
        .examples(["password123"])
        .into()
}

/// A password that an account may have.
pub(crate) fn password() -> Schema {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Password))).examples(["password123"]).into()
}

/// The name of a bucket.
pub(crate) fn bucket_name() -> Schema {
    let quoted = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let description = format!(
        "The name of a bucket, by the rules of S3. It must not look like an IP address, begin with {}, end with {}, or \
         be {}",
        quoted(&BucketName::RESERVED_PREFIXES),
        quoted(&BucketName::RESERVED_SUFFIXES),
        quoted(&BucketName::RESERVED),
    );
    text()
        .description(Some(description))
        .pattern(Some(format!("^{NAME_PATTERN}$")))
        .min_length(Some(BucketName::MIN_CHARS))
        .max_length(Some(BucketName::MAX_CHARS))
        .examples(["my-bucket"])
        .into()
}

/// The key of an object. JSON Schema counts characters, so the limit of bytes is in the description.
pub(crate) fn object_key() -> Schema {
    text()
        .description(Some(format!("The key of an object, at most {} bytes in UTF-8", ObjectKey::MAX_BYTES)))
        .min_length(Some(1))
        .max_length(Some(ObjectKey::MAX_BYTES))
        .examples(["report.pdf"])
        .into()
}

/// The id of a version.
pub(crate) fn version_id() -> Schema {
    text()
        .description(Some("The id of a version, as ListObjectVersions returns it; `null` without versioning"))
        .pattern(Some("^[!-~]+$"))
        .min_length(Some(1))
        .max_length(Some(VersionId::MAX_BYTES))
        .examples(["null"])
        .into()
}

/// The `nextCursor` of an earlier page.
pub(crate) fn cursor() -> Schema {
    let prefix = Cursor::VERSION.len();
    text()
        .description(Some("The `nextCursor` of an earlier page"))
        .pattern(Some(format!("^{}{NAME_PATTERN}$", Cursor::VERSION.replace('.', "\\."))))
        .min_length(Some(prefix + BucketName::MIN_CHARS))
        .max_length(Some(prefix + BucketName::MAX_CHARS))
        .examples(["v1.my-bucket"])
        .into()
}

/// The cursor of the next page in a response.
pub(crate) fn next_cursor() -> Schema {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("The cursor of the next page, or null on the last page"))
        .examples(["v1.my-bucket"])
        .into()
}

/// The size of a page.
pub(crate) fn limit() -> Schema {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(PageLimit::MAX)).examples([20]).into()
}

/// A bucket policy: a JSON object of any content.
pub(crate) fn policy() -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("A policy document in the grammar of IAM"))
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
        .examples([serde_json::json!({"Version": "2012-10-17", "Statement": []})])
        .into()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}
