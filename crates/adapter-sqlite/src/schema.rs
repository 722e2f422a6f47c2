//! The tables that `migrations/sqlite` creates.

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        email_key -> Nullable<Text>,
        password_hash -> Text,
        sealed_secret -> Binary,
        grants -> Text,
        access_key -> Text,
        enabled -> Bool,
        token_epoch -> BigInt,
        revoke_sessions -> Bool,
        answered -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    buckets (id) {
        id -> Text,
        name -> Text,
        owner_id -> Text,
        state -> Text,
        seen_absent -> Bool,
        answered -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    bucket_entries (bucket_id, grant) {
        bucket_id -> Text,
        grant -> Text,
        access -> Text,
        shard -> Nullable<Integer>,
    }
}

diesel::table! {
    shards (grant, number) {
        grant -> Text,
        number -> Integer,
        bytes -> BigInt,
        written -> Bool,
    }
}

diesel::table! {
    installation (id) {
        id -> Integer,
        hub_id -> Text,
        starts -> BigInt,
        store_kind -> Text,
        store_id -> Text,
        store_claimed -> Bool,
        policy_revision -> BigInt,
    }
}

diesel::joinable!(buckets -> users (owner_id));
diesel::joinable!(bucket_entries -> buckets (bucket_id));
diesel::allow_tables_to_appear_in_same_query!(users, buckets, bucket_entries);
