//! The tables of `migrations/embedded`.

diesel::table! {
    buckets (id) {
        id -> BigInt,
        name -> Text,
        created_at -> BigInt,
        policy -> Nullable<Text>,
        hub_id -> Nullable<Text>,
    }
}

diesel::table! {
    objects (id) {
        id -> BigInt,
        bucket_id -> BigInt,
        key -> Binary,
        version -> Text,
        is_latest -> Bool,
        is_delete_marker -> Bool,
        blob -> Nullable<Text>,
        size -> BigInt,
        etag -> Text,
        modified_at -> BigInt,
        headers -> Text,
        metadata -> Text,
        checksum_algorithm -> Nullable<Text>,
        checksum_type -> Nullable<Text>,
        checksum -> Nullable<Text>,
    }
}

diesel::table! {
    object_parts (object_id, number) {
        object_id -> BigInt,
        number -> Integer,
        blob -> Text,
        size -> BigInt,
        checksum -> Nullable<Text>,
    }
}

diesel::table! {
    uploads (id) {
        id -> Text,
        bucket_id -> BigInt,
        key -> Binary,
        created_at -> BigInt,
        headers -> Text,
        metadata -> Text,
        checksum_algorithm -> Nullable<Text>,
        checksum_type -> Nullable<Text>,
    }
}

diesel::table! {
    upload_parts (upload_id, number) {
        upload_id -> Text,
        number -> Integer,
        blob -> Text,
        size -> BigInt,
        etag -> Text,
        modified_at -> BigInt,
        checksum -> Nullable<Text>,
    }
}

diesel::table! {
    installation (id) {
        id -> Integer,
        hub_id -> Text,
        starts -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(buckets, objects, object_parts, uploads, upload_parts);
