//! Only what a subject may see, in anyone's own Diesel queries on PostgreSQL.
//!
//! ```
//! use diesel::prelude::*;
//! use storage_hub_adapter_postgres::acl::CheckAcl as _;
//! use storage_hub_core::acl::Subject;
//!
//! diesel::table! {
//!     articles (id) { id -> BigInt, title -> Text, grants -> Array<Text>, }
//! }
//!
//! let page = articles::table.check_acl(articles::grants, &Subject::anonymous()).order(articles::id).limit(20);
//! # assert!(diesel::debug_query::<diesel::pg::Pg, _>(&page).to_string().contains(r#""articles"."grants" && $1"#));
//! ```

pub use storage_hub_acl_diesel::{
    CheckAcl, CheckAclBy, Checked, Direction, GrantIndex, InPage, Meets, MeetsBy, Page, PageOrder, guarded_table,
};
