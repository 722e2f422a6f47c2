//! Only what a subject may see, in anyone's own Diesel queries on SQLite: the grants are kept in a join table.

pub use storage_hub_acl_diesel::{
    CheckAclBy, Checked, Direction, GrantIndex, InPage, MeetsBy, Page, PageOrder, guarded_table,
};
