//! The values of the hub, in types that cannot hold an invalid one: parsed once at the boundary, never checked again.

mod bucket;
mod bucket_name;
mod cors;
mod email;
mod id;
mod installation;
mod object_version;
mod page;
mod password;
mod principal;
mod released_name;
mod session;
mod timestamp;
mod user;

pub use bucket::{Bucket, BucketEntry, BucketRecord, BucketRef, BucketState};
pub use bucket_name::{BucketName, BucketNameError};
pub use cors::{CorsMethod, CorsRule, CorsRules, CorsRulesError, MAX_CORS_RULES};
pub use email::{Email, EmailError};
pub use id::{BucketId, HubId, StoreId, UserId};
pub use installation::{Installation, StoreKind, StoreKindError, StoreProbe};
pub use object_version::{ObjectKey, ObjectKeyError, ObjectVersion, VersionId, VersionIdError};
pub use page::{Cursor, CursorError, Page, PageLimit, PageLimitError, PageRequest};
pub use password::{Password, PasswordError, PasswordHash};
pub use principal::{AccessKey, AccessKeyError, Credentials, SealedSecret, SecretKey, SecretKeyError};
pub use released_name::ReleasedName;
pub use session::{Session, Token};
pub use timestamp::Timestamp;
pub use user::{User, UserRecord};
