use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::StoreKind;
use storage_hub_core::use_cases::settings::{self, StoreFeature};
use utoipa::ToSchema;

use crate::AppState;
use crate::responses::ok;

/// What everybody may know of this installation
#[derive(Serialize, ToSchema)]
pub(crate) struct GetSettingsAnswer {
    store: Store,
}

/// The object store
#[derive(Serialize, ToSchema)]
pub(crate) struct Store {
    kind: Kind,
    /// What the store can do that not every kind can
    #[schema(example = json!(["anyKey", "bucketCors", "bucketsByS3"]))]
    features: Vec<Feature>,
}

/// Who serves S3: the hub itself, from its own disk (`embedded`) or from another S3 service (`gateway`), or MinIO
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    Embedded,
    Gateway,
    Minio,
}

/// `anyKey`: object keys may have empty, `.` and `..` segments. `bucketCors`: CORS rules per bucket. `bucketsByS3`: S3
/// clients can create and delete buckets. `conditionalWrites`: writes can depend on what the key holds. `lifecycle`:
/// objects expire by the rules of their bucket. `objectLock`: versions can be protected from deletion. `tags`: buckets
/// and objects can have tags. `versioning`: buckets can keep versions of objects
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Feature {
    AnyKey,
    BucketCors,
    BucketsByS3,
    ConditionalWrites,
    Lifecycle,
    ObjectLock,
    Tags,
    Versioning,
}

impl From<StoreFeature> for Feature {
    fn from(feature: StoreFeature) -> Self {
        match feature {
            StoreFeature::AnyKey => Self::AnyKey,
            StoreFeature::BucketCors => Self::BucketCors,
            StoreFeature::BucketsByS3 => Self::BucketsByS3,
            StoreFeature::ConditionalWrites => Self::ConditionalWrites,
            StoreFeature::Lifecycle => Self::Lifecycle,
            StoreFeature::ObjectLock => Self::ObjectLock,
            StoreFeature::Tags => Self::Tags,
            StoreFeature::Versioning => Self::Versioning,
        }
    }
}

/// Get the settings of the installation
///
/// Clients can tell from it what the store lacks before they ask for it.
#[utoipa::path(
    get,
    path = "/api/settings",
    tag = "service",
    responses((status = 200, description = "The settings", body = GetSettingsAnswer))
)]
pub(crate) async fn get_settings(state: web::Data<AppState>) -> HttpResponse {
    let store = settings::get_settings(state.ports());
    let kind = match store.kind {
        StoreKind::Embedded => Kind::Embedded,
        StoreKind::Gateway => Kind::Gateway,
        StoreKind::Minio => Kind::Minio,
    };
    ok(GetSettingsAnswer { store: Store { kind, features: store.features.into_iter().map(Feature::from).collect() } })
}
