//! The grants ACL: subjects hold grants, documents carry them, and a shared grant gives access.
//!
//! A *grant* is a string keyword. Users hold grants and documents carry them; a user may read the documents that carry
//! a grant which the user holds. Nothing here knows about the hub's users and buckets: any service can guard its own
//! documents, rows and JSON with it. Everything fails closed: a document without grants of its own, or with grants
//! that are not an array of strings, is refused to everyone.
//! # Five minutes
//!
//! The options say where grants are stored and which ones every document carries. The caller is a [`Subject`], made
//! from the user of the session, or from no user:
//!
//! ```
//! use serde_json::json;
//! use storage_hub_core::acl::{AclOptions, Subject};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let options = AclOptions::builder().required(["admin", "developer"]).add_author(true).build()?;
//!
//! let ann = options.subject(Some(&json!({"_id": "7", "grants": ["promotions"]})))?;
//! assert_eq!(ann.grants().to_string(), "author-7,promotions,public");
//! let nobody = options.subject(None)?;
//! # assert_eq!(nobody, Subject::anonymous());
//!
//! // A new document gets its grants when it is created; without any submitted it is public.
//! let mut article = json!({"title": "Sale", "grants": ["promotions"]});
//! options.stamp_new(&mut article, Some("7"))?;
//! assert_eq!(article["grants"], json!(["admin", "author-7", "developer", "promotions"]));
//!
//! // A change cannot remove the required ones, and adds the author's back.
//! let mut bad = json!({"title": "Sale", "grants": ["admin"]});
//! let error = options.stamp_update(&article, &mut bad).unwrap_err();
//! assert_eq!(error.to_string(), "Missing required Grants: developer");
//! # Ok(())
//! # }
//! ```
//!
//! Before a query, [`AclOptions::filter`] gives the grants of which a document must carry one. A document that the
//! subject may not see is then not found (404). After a query, [`AclOptions::check`] distinguishes 401 from 403 and
//! includes nested objects:
//!
//! ```
//! use serde_json::json;
//! use storage_hub_core::acl::{AclOptions, GrantSet, Refusal, Subject};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let options = AclOptions::default();
//! let document = json!({
//!     "title": "A Document",
//!     "parent": {"title": "I'm the parent obj", "grants": ["admin"]},
//!     "grants": ["admin", "public"],
//! });
//! let nobody = Subject::anonymous();
//! let reader = Subject::new(&GrantSet::parse(["reader"])?, None);
//! let admin = Subject::new(&GrantSet::parse(["admin"])?, None);
//!
//! assert!(options.filter(&nobody).matches(&document));
//! assert_eq!(options.filter(&reader).grants().to_string(), "public,reader");
//!
//! assert_eq!(options.check(&admin, &document), Ok(()));
//! assert_eq!(options.check(&reader, &document), Err(Refusal::Forbidden));
//! assert_eq!(options.check(&nobody, &document).unwrap_err().http_status(), 401);
//!
//! // Or the parts that the subject may see.
//! let shown = options.redact(&nobody, &document)?;
//! assert_eq!(shown["parent"], json!({"grants": ["admin"]}));
//!
//! // And the reasons, from the same decision, as data and as a sentence.
//! let why = options.explain(&reader, &document);
//! assert_eq!(why.needs()[0].one_of.to_string(), "admin");
//! assert_eq!(why.to_string(), "Forbidden: admin would allow it.");
//! # Ok(())
//! # }
//! ```
//!
//! Typed data reports its levels itself, with the same outcome as its JSON:
//!
#![cfg_attr(feature = "derive", doc = "```")]
#![cfg_attr(not(feature = "derive"), doc = "```ignore")]
//! use storage_hub_core::acl::{AclOptions, GrantSet, Guarded, Refusal, Subject};
//!
//! #[derive(Guarded)]
//! struct Article {
//!     grants: GrantSet,
//!     #[guarded(nested)]
//!     comments: Vec<Comment>,
//! }
//!
//! #[derive(Guarded)]
//! struct Comment {
//!     #[guarded(grants)]
//!     visible_to: Vec<String>,
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let comments = vec![Comment { visible_to: vec!["admin".to_owned()] }];
//! let article = Article { grants: GrantSet::parse(["admin", "public"])?, comments };
//! let nobody = Subject::anonymous();
//! assert_eq!(AclOptions::default().check_guarded(&nobody, &article), Err(Refusal::Unauthenticated));
//! # Ok(())
//! # }
//! ```
//!
//! A type without a field of grants does not compile unless it says so, because a forgotten level would be unguarded.
//!
#![cfg_attr(feature = "derive", doc = "```compile_fail")]
#![cfg_attr(not(feature = "derive"), doc = "```ignore")]
//! #[derive(storage_hub_core::acl::Guarded)]
//! struct Comment {
//!     text: String,
//! }
//! ```
//!
//! Resources with levels of access have [`Entries`], which give each grant its own level, and [`authorize`] decides.
//!
//! ```
//! use storage_hub_core::acl::{Access, Entries, Grant, GrantSet, Subject, authorize, explain_authorize};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let editors = Grant::parse("editors")?;
//! let entries: Entries = [(Grant::public(), Access::Read), (editors.clone(), Access::Write)].into_iter().collect();
//! let editor = Subject::new(&[editors].into_iter().collect(), None);
//! assert!(authorize(&editor, &entries, Access::Write).is_allowed());
//! assert!(authorize(&Subject::anonymous(), &entries, Access::Read).is_allowed());
//! let why = explain_authorize(&Subject::anonymous(), &entries, Access::Write);
//! assert_eq!(why.to_string(), "Unauthenticated: editors would allow it.");
//! # Ok(())
//! # }
//! ```
//!
//! # Two rules for nested objects
//!
//! With [`Nesting::Intersect`], the default, one grant must be on every level that has grants, and the subject must
//! hold it. Nobody is exempt: a public document with a parent for admins is refused even to an admin, unless `admin`
//! is on both levels, which it is where it is required. With [`Nesting::EachLevel`] the subject must hold a grant of
//! each level, but not the same one.
//!
//! # The root
//!
//! Nested objects may lack grants; the document itself may not. Otherwise an old document without grants, or one whose
//! field of grants is misspelt, would be public as soon as one public image is nested in it. So what
//! [`AclOptions::check`] lets through, [`AclOptions::filter`] matches. An array of documents, and a type marked
//! `#[guarded(no_grants)]`, have no grants of their own either: check their items one by one, or switch
//! [`root_must_have_grants`](AclOptionsBuilder::root_must_have_grants) off.
//!
//! # Cost
//!
//! A flat decision allocates nothing when the subject has up to 64 grants (more with `EachLevel`). Checks do not
//! recurse and take time in proportion to the size of the document. [`AclOptions::redact`] builds a tree and refuses
//! documents deeper than [`AclOptions::MAX_REDACT_DEPTH`].
//!
//! `docs/acl.md` lists every sentence of the original document and the test for it.

mod access;
mod authorize;
mod check;
mod engine;
mod entries;
mod explain;
mod field_path;
mod filter;
mod fingerprint;
mod grant;
mod grant_set;
mod guarded;
mod options;
mod redact;
mod stamp;
mod subject;
mod walk;

pub use access::{Access, UnknownAccess};
pub use authorize::{Decision, authorize, explain_authorize};
pub use check::Refusal;
pub use entries::Entries;
pub use explain::{Explanation, Need, Problem};
pub use field_path::{FieldPath, FieldPathError};
pub use filter::Filter;
pub use grant::{Grant, GrantError};
pub use grant_set::{GrantSet, GrantSetError};
pub use guarded::{GrantList, Guarded, Levels};
pub use options::{AclOptions, AclOptionsBuilder, AclOptionsError, Nesting};
pub use redact::RedactError;
pub use stamp::StampError;
/// Implements [`Guarded`] for a struct or an enum.
#[cfg(feature = "derive")]
pub use storage_hub_core_derive::Guarded;
pub use subject::{Subject, SubjectError};
