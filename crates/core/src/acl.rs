//! Grants: who holds them, what carries them, and what they allow.
//!
//! A *grant* is a string keyword. Users hold grants, documents carry them, and who holds one that a document carries may
//! have it. Nothing here knows of the hub's users and buckets: any service can guard its own documents, rows and JSON
//! with it. Everything fails closed: a document without grants of its own, or with grants that are not an array of strings,
//! is refused to everyone.
//!
//! # Five minutes
//!
//! The options say where grants stand and which ones every document carries. Who asks is a [`Subject`], made from the
//! session's user, or from nobody:
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
//! // A new document gets its grants once; without any of its own it is public.
//! let mut article = json!({"title": "Sale", "grants": ["promotions"]});
//! options.stamp_new(&mut article, Some("7"))?;
//! assert_eq!(article["grants"], json!(["admin", "author-7", "developer", "promotions"]));
//!
//! // A change cannot take the required ones, and the author keeps its own.
//! let mut bad = json!({"title": "Sale", "grants": ["admin"]});
//! let error = options.check_update(&article, &mut bad).unwrap_err();
//! assert_eq!(error.to_string(), "Missing required Grants: developer");
//! # Ok(())
//! # }
//! ```
//!
//! Before a query, [`AclOptions::filter`] gives the grants of which a document must carry one: who may not see a
//! document does not find it (404). After it, [`AclOptions::check`] tells 401 from 403, and looks at what is nested too:
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
//! // Or what may be seen of it.
//! let shown = options.redact(&nobody, &document)?;
//! assert_eq!(shown["parent"], json!({"grants": ["admin"]}));
//!
//! // And why: the same decision, with its reasons, as data and as a sentence.
//! let why = options.explain(&reader, &document);
//! assert_eq!(why.needs()[0].one_of.to_string(), "admin");
//! assert_eq!(why.to_string(), "Forbidden: admin would allow it.");
//! # Ok(())
//! # }
//! ```
//!
//! Typed data tells its levels itself, and has the outcome of its JSON:
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
//! A type with no field of grants does not compile unless it says so: a level that was forgotten would be an open one.
//!
#![cfg_attr(feature = "derive", doc = "```compile_fail")]
#![cfg_attr(not(feature = "derive"), doc = "```ignore")]
//! #[derive(storage_hub_core::acl::Guarded)]
//! struct Comment {
//!     text: String,
//! }
//! ```
//!
//! Beyond all or nothing there are levels of access: [`Entries`] give each grant its own, and [`authorize`] decides.
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
//! # Two rules for what is nested
//!
//! With [`Nesting::Intersect`], the default, one grant has to be on every level that has grants, and the subject must
//! hold it. That rule forgives nobody: a public document with an admin's parent is not even for the admin, unless
//! `admin` is on both, as it is where it is required. With [`Nesting::EachLevel`] each level is met on its own.
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
//! A flat decision allocates nothing (up to 64 grants of the subject, more where levels stand for themselves). Checks
//! walk what they are given without recursion, in time that grows with its size alone; [`AclOptions::redact`] builds a
//! tree and refuses those deeper than [`AclOptions::MAX_REDACT_DEPTH`].
//!
//! `docs/acl.md` has every sentence of the document that this implements, and the test that holds it.

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
/// Writes [`Guarded`] for a struct.
#[cfg(feature = "derive")]
pub use storage_hub_core_derive::Guarded;
pub use subject::{Subject, SubjectError};
