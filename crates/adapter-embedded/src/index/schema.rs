//! The tables of `migrations/embedded`. The columns of `objects` that only statements of fixed text name are left out, because
//! a table of Diesel has at most 16 columns.

diesel::table! {
    buckets (id) {
        id -> BigInt,
        name -> Text,
        created_at -> BigInt,
        policy -> Nullable<Text>,
        hub_id -> Nullable<Text>,
        versioning -> Nullable<Text>,
        object_lock -> Nullable<Text>,
        tags -> Nullable<Text>,
        lifecycle -> Nullable<Text>,
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
        is_inline -> Bool,
    }
}

diesel::table! {
    object_data (object_id) {
        object_id -> BigInt,
        data -> Binary,
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
        tags -> Nullable<Text>,
        retention_mode -> Nullable<Text>,
        retain_until -> Nullable<BigInt>,
        legal_hold -> Nullable<Bool>,
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
    completed_uploads (upload_id) {
        upload_id -> Text,
        bucket_id -> BigInt,
        key -> Binary,
        parts -> Text,
        etag -> Text,
        modified_at -> BigInt,
        checksum_algorithm -> Nullable<Text>,
        checksum_type -> Nullable<Text>,
        checksum -> Nullable<Text>,
        version -> Nullable<Text>,
    }
}

diesel::table! {
    released_blobs (blob) {
        blob -> Text,
    }
}

diesel::table! {
    installation (id) {
        id -> Integer,
        hub_id -> Text,
        starts -> BigInt,
    }
}

diesel::table! {
    bucket_usage (bucket_id) {
        bucket_id -> BigInt,
        objects -> BigInt,
        bytes -> BigInt,
        versions -> BigInt,
        version_bytes -> BigInt,
        delete_markers -> BigInt,
        uploads -> BigInt,
        part_bytes -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(buckets, objects, object_data, object_parts, uploads, upload_parts);
