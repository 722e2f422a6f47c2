//! The tables that Diesel's derives need. Statements on all others are text.

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        email_key -> Nullable<Text>,
        password_hash -> Text,
        sealed_secret -> Binary,
        grants -> Array<Text>,
        access_key -> Text,
        enabled -> Bool,
        token_epoch -> BigInt,
        revoke_sessions -> Bool,
        answered -> Bool,
        created_at -> Timestamptz,
    }
}
