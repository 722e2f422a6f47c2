use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::{CopyObjectInput, CopySource, DeleteObjectsInput, UploadPartCopyInput};
use s3s::path::S3Path;
use s3s::{S3Error, S3Request, S3Result, s3_error};
use storage_hub_core::acl::Access;
use storage_hub_core::domain::BucketName;
use storage_hub_core::s3_action::{Rule, S3Action};
use storage_hub_core::use_cases::s3_gate::S3Gate;

use super::action::{Need, find_there, need};
use super::permission::{Permission, denied};
use super::refusals::refuse_headers;
use super::visitor::{Visitor, Visitors};
use super::whole_object::Relayed;
use crate::error::gate_error;
use crate::index::buckets::BucketRowId;
use crate::store::EmbeddedStore;

/// Asks the gate about every operation, before its input is read.
pub(super) struct GateAccess {
    pub(super) gate: S3Gate,
    pub(super) store: EmbeddedStore,
    pub(super) visitors: Visitors,
}

impl GateAccess {
    async fn require(&self, visitor: &Visitor, action: S3Action, bucket: &str) -> S3Result<BucketName> {
        let name = BucketName::parse(bucket).map_err(|_| denied())?;
        let allowed = self.gate.allows(visitor.0.as_ref(), action, &name).await.map_err(gate_error)?;
        if allowed { Ok(name) } else { Err(denied()) }
    }

    /// As [`require`](Self::require), for a write: it is bound to the bucket that exists now.
    async fn require_write(&self, visitor: &Visitor, action: S3Action, bucket: &str) -> S3Result<Permission> {
        // Before the gate is asked: what it allows then holds for this bucket, or for an earlier one that is gone.
        let name = bucket.to_owned();
        let row = self.store.index().read(move |connection| BucketRowId::find(connection, &name)).await?;
        let bucket = self.require(visitor, action, bucket).await?;
        Ok(Permission { visitor: visitor.clone(), action, bucket, row, source: None })
    }

    /// The source of a copy is read: the check of the operation saw the destination alone.
    async fn require_source<T>(&self, request: &mut S3Request<T>, source: &CopySource) -> S3Result<()> {
        let CopySource::Bucket { bucket, version_id, .. } = source else {
            return Err(s3_error!(NotImplemented, "Access points are not there."));
        };
        let action = if version_id.is_some() { S3Action::GetObjectVersion } else { S3Action::GetObject };
        let mut permission = Permission::of(request)?;
        permission.source = Some((action, self.require(&permission.visitor, action, bucket).await?));
        request.extensions.insert(permission);
        Ok(())
    }
}

#[async_trait::async_trait]
impl S3Access for GateAccess {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let visitor = match context.credentials() {
            None => match context.extensions_mut().get::<Relayed>() {
                Some(Relayed(visitor)) => visitor.clone(),
                None => Visitor(None),
            },
            Some(_) => match self.visitors.caller() {
                Some(caller) => Visitor(Some(caller)),
                None => return Err(s3_error!(InternalError, "the request has a signature but no user")),
            },
        };
        let there = find_there(context.s3_op().name());
        self.visitors.set_operation(there.unwrap_or("other"));
        let (action, of_version) = match need(context.s3_op().name()) {
            Need::Action(action, of_version) => (action, of_version),
            Need::NotThere => return Err(not_there()),
            Need::Unknown => return Err(denied()),
        };
        let action = if names_version(context.uri().query()) { of_version } else { action };
        match (action.rule(), context.s3_path()) {
            // This endpoint creates and deletes no buckets.
            (Rule::Hub | Rule::Owner, _) | (Rule::SignedIn, S3Path::Bucket { .. }) => {
                if !self.gate.allows_anywhere(visitor.0.as_ref(), action) || action == S3Action::CreateBucket {
                    return Err(s3_error!(
                        AccessDenied,
                        "The hub does this: make and delete buckets, and change who may use them, by its API."
                    ));
                }
            }
            (Rule::SignedIn, _) | (Rule::Access(_), S3Path::Root) => {
                if !self.gate.allows_anywhere(visitor.0.as_ref(), action) {
                    return Err(denied());
                }
            }
            (Rule::Access(Access::Read), S3Path::Bucket { bucket } | S3Path::Object { bucket, .. }) => {
                self.require(&visitor, action, bucket).await?;
            }
            (Rule::Access(_), S3Path::Bucket { bucket } | S3Path::Object { bucket, .. }) => {
                let permission = self.require_write(&visitor, action, bucket).await?;
                context.extensions_mut().insert(permission);
            }
        }
        // s3s would read the input first, and find fault with that.
        if there.is_none() {
            return Err(not_there());
        }
        refuse_headers(context.headers())?;
        context.extensions_mut().insert(visitor);
        Ok(())
    }

    async fn copy_object(&self, request: &mut S3Request<CopyObjectInput>) -> S3Result<()> {
        let source = request.input.copy_source.clone();
        self.require_source(request, &source).await
    }

    async fn upload_part_copy(&self, request: &mut S3Request<UploadPartCopyInput>) -> S3Result<()> {
        let source = request.input.copy_source.clone();
        self.require_source(request, &source).await
    }

    async fn delete_objects(&self, request: &mut S3Request<DeleteObjectsInput>) -> S3Result<()> {
        if request.input.delete.objects.iter().any(|object| object.version_id.is_some()) {
            let mut permission = Permission::of(request)?;
            permission.action = S3Action::DeleteObjectVersion;
            self.require(&permission.visitor, permission.action, &request.input.bucket).await?;
            request.extensions.insert(permission);
        }
        Ok(())
    }
}

fn not_there() -> S3Error {
    s3_error!(NotImplemented, "This operation is not there.")
}

/// Whether a query has a `versionId`.
fn names_version(query: Option<&str>) -> bool {
    let name = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        percent_encoding::percent_decode_str(name).eq(b"versionId".iter().copied())
    };
    query.is_some_and(|query| query.split('&').any(name))
}
