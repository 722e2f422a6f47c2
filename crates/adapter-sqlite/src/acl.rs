//! The ACL filter for Diesel queries on SQLite, whose grants are in a join table.

pub use storage_hub_acl_diesel::{
    CheckAclBy, Checked, Direction, GrantIndex, InPage, MeetsBy, Page, PageOrder, guarded_table,
};
